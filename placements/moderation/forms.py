"""What people type about moderation: who moderates, what they think of script and set, and points for a set."""

from collections.abc import Sequence

from wtforms import SelectChoice

from placements.moderation.models import ModeratedMark
from placements.moderation.workflow import Outcome
from placements.people.models import Person
from placements.web import fields
from placements.web.forms import Form

AGREES = {"yes": "The mark fits the work", "no": "I would have marked it otherwise"}
WHOLE = "all"


class DrawForm(Form):
    """Who moderates what is drawn."""

    moderator = fields.one_of_many("Moderator", {}, missing="Choose who moderates")

    def offer(self, people: Sequence[Person]) -> None:
        """Who can be chosen."""
        chosen = [SelectChoice(each.public_id, each.name) for each in people]
        self.moderator.choices = [*self.moderator.choices[:1], *chosen]


class NoteForm(Form):
    """What a moderator thinks of one script's mark."""

    agrees = fields.one("What do you think of the mark?", AGREES, missing="Say whether the mark fits the work")
    comment = fields.long_text(
        "Comment (needed where you would have marked otherwise)",
        most=4000,
        rows=6,
        hint="The module leader reads it. It changes no mark by itself.",
    )


class AskForm(Form):
    """More scripts of the set."""

    scripts = fields.several("Scripts to take into the sample", {}, missing="Choose at least one script")

    def offer(self, scripts: Sequence[ModeratedMark]) -> None:
        """What can be chosen."""
        self.scripts.choices = [
            SelectChoice(each.public_id, f"{each.mark.enrolment.person.name}: {each.given}, {each.marker.name}")
            for each in scripts
        ]


class CloseForm(Form):
    """What is to become of the set."""

    outcome = fields.one(
        "What is to become of the set?",
        {
            Outcome.STAND: "The marks stand",
            Outcome.ADJUST: "The whole set, or one marker’s, is to be adjusted",
            Outcome.REMARK: "The set is to be marked again",
        },
        missing="Choose what is to become of the set",
        coerce=Outcome,
    )
    comment = fields.long_text("Record on the set", missing="Write what you found", most=6000, rows=8)


class AdjustForm(Form):
    """Points for a whole set; `seen` once what they do has been looked at."""

    way = fields.one("Which way?", {"add": "Add", "take": "Take away"}, missing="Choose to add or take away")
    points = fields.number("How many points?", least=1, most=30, missing="Enter how many points, from 1 to 30")
    marker = fields.one_of_many("Whose marks", {}, empty="Every mark of the set")
    reason = fields.long_text("Why?", missing="Say why, for the record", most=2000, rows=4)
    seen = fields.seen()

    @property
    def change(self) -> int:
        """The points, below 0 where they are taken away."""
        return -self.points.data if self.way.data == "take" else self.points.data

    def offer(self, people: Sequence[Person]) -> None:
        """Whose marks can be adjusted by themselves."""
        self.marker.choices = [
            *self.marker.choices[:1],
            *(SelectChoice(each.public_id, f"Only those by {each.name}") for each in people),
        ]


class ReasonForm(Form):
    """Why."""

    reason = fields.long_text("Why?", missing="Say why, for the record", most=2000, rows=4)
