"""What a tutor takes on, and a placement fixed by hand."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from wtforms import SelectChoice

from placements.cohorts.models import THEMES, Theme
from placements.people.models import Person
from placements.tutoring.models import REASON_LENGTH, TutorFix
from placements.tutoring.queries import Tutor
from placements.tutoring.rules import MOST_LOAD
from placements.web import fields
from placements.web.forms import Form


class TutorForm(Form):
    """How many placements, and which areas."""

    load = fields.number(
        "At most how many placements?",
        least=0,
        most=MOST_LOAD,
        missing="Enter a number, or 0 for none",
        hint="A plan never gives them more.",
    )
    themes = fields.several("Which areas do they know?", THEMES, coerce=Theme)

    def __init__(self, tutor: Tutor) -> None:
        super().__init__(load=tutor.load, themes=list(tutor.themes))


class FixForm(Form):
    """One tutor for one placement, whatever a plan would choose."""

    tutor = fields.one("Who looks after this placement?", {}, missing="Choose a tutor")
    reason = fields.long_text(
        "Why?",
        missing="Say why, in a sentence",
        most=REASON_LENGTH,
        rows=3,
        hint="Kept for the module team. The student and the organisation do not see it.",
    )

    def __init__(self, tutors: Sequence[Tutor], fixed: TutorFix | None) -> None:
        super().__init__(tutor=fixed.tutor.public_id if fixed else None, reason=fixed.reason if fixed else None)
        self.known: Mapping[str, Person] = {each.person.public_id: each.person for each in tutors}
        self.tutor.choices = [
            SelectChoice(each.person.public_id, f"{each.person.name} (has {each.now}, at most {each.load})")
            for each in tutors
        ]


class CoverForm(Form):
    """Who is away, who covers, and from when until when."""

    refusals: ClassVar[Mapping[str, tuple[str | None, str]]] = {
        "uq_tutor_cover_form_key": (None, "This cover is saved already. You need not send it again."),
    }

    form_key = fields.form_key()
    tutor = fields.one("Which tutor is away?", {}, missing="Choose the tutor who is away")
    by = fields.one("Who covers for them?", {}, missing="Choose who covers for them")
    from_on = fields.day("First day", missing="Enter the first day")
    to_on = fields.day(
        "Last day", missing="Enter the last day", hint="It ends by itself after this day. For example, 14 10 2026"
    )

    def __init__(self, tutors: Sequence[Tutor], team: Sequence[Person]) -> None:
        super().__init__()
        self.away = {each.person.public_id: each.person for each in tutors if each.now or each.groups}
        self.team = {person.public_id: person for person in team}
        self.tutor.choices = [SelectChoice(key, person.name) for key, person in self.away.items()]
        self.by.choices = [SelectChoice(key, person.name) for key, person in self.team.items()]


class ApplyForm(Form):
    """One button, under what it will do."""
