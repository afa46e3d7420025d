"""Asking what a change would cost, changing what a round is run on, and choosing its rule."""

from collections.abc import Mapping, Sequence

from wtforms import SelectChoice

from placements.challenges.models import Challenge
from placements.rounds.rules import GOOD_ENOUGH, REASON_LENGTH
from placements.solver.changes import Kind
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters

MOST_PLACES = 500
WHO_AGREED = "Kept with the round. Where an organisation takes more than it has said, say who agreed to it there."


class FindStudent(Filters):
    """The search above the students of a round."""

    q = fields.text("Name of the student", most=100)


class _OneChallenge(Form):
    """A form with a field `challenge`; `known` is each of its challenges by public id."""

    def offer(self, challenges: Sequence[Challenge], ranks: Mapping[str, int], chosen: str | None = None) -> None:
        """Let the challenges be chosen from, the student's own choices first."""
        ordered = sorted(challenges, key=lambda each: (ranks.get(each.public_id, 99), each.title))
        self.known = {each.public_id: each for each in ordered}
        said = [SelectChoice(each.public_id, _said(each, ranks.get(each.public_id))) for each in ordered]
        self["challenge"].choices = [SelectChoice("", "Choose one"), *said]
        if not self.is_submitted() and chosen in self.known:
            self["challenge"].data = chosen


def _said(challenge: Challenge, rank: int | None) -> str:
    chosen = f"their choice {rank}: " if rank else ""
    return f"{chosen}{challenge.title}, {challenge.organisation.name}"


class AskStudentForm(_OneChallenge):
    """What if a student were placed in a challenge, or kept out of it?"""

    what = fields.one(
        "What if they are …",
        {Kind.LOCK.value: "placed in this challenge", Kind.FORBID.value: "kept out of it"},
        missing="Choose what to ask",
        coerce=Kind,
    )
    challenge = fields.one_of_many("Challenge", {}, missing="Choose a challenge")


class AskPlacesForm(_OneChallenge):
    """What if a challenge had other places?"""

    challenge = fields.one_of_many("Challenge", {}, missing="Choose a challenge")
    number = fields.number(
        "How many students could it take in this round?",
        least=0,
        most=MOST_PLACES,
        missing="Enter how many students it could take",
        hint="Counted without those who have an offer there already.",
    )


class ReasonForm(Form):
    """Make a change so."""

    reason = fields.long_text("Why?", missing="Say why, in a sentence", most=REASON_LENGTH, rows=3, hint=WHO_AGREED)


class AdjustForm(_OneChallenge):
    """Other places, another minimum or another limit in this round."""

    challenge = fields.one_of_many("Challenge", {}, missing="Choose a challenge")
    what = fields.one(
        "What is different in this round?",
        {
            Kind.PLACES.value: "How many students it takes",
            Kind.MINIMUM.value: "How many students it needs to run at all",
            Kind.CEILING.value: "How many students its organisation takes, in all its challenges together",
        },
        missing="Choose what is different",
        coerce=Kind,
    )
    number = fields.number(
        "How many students?",
        least=0,
        most=MOST_PLACES,
        missing="Enter how many students",
        hint="Counted without those who have an offer there already.",
    )
    reason = fields.long_text("Why?", missing="Say why, in a sentence", most=REASON_LENGTH, rows=3, hint=WHO_AGREED)


class KeepApartForm(_OneChallenge):
    """Keep a student out of a challenge in this round."""

    challenge = fields.one_of_many("Challenge", {}, missing="Choose a challenge")
    reason = fields.long_text(
        "Why?", missing="Say why, in a sentence", most=REASON_LENGTH, rows=3, hint="The student does not read it."
    )


class RuleForm(Form):
    """Which choices the usual rule takes for good enough."""

    threshold = fields.one(
        "Which choices are good enough?", GOOD_ENOUGH, missing="Choose which are good enough", coerce=int
    )
