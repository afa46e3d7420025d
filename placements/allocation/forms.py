"""Opening a round, overriding a pair, publishing, and locking."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from wtforms import HiddenField, SelectChoice, ValidationError
from wtforms.validators import Length

from placements.challenges.models import Challenge
from placements.clearing.choosing import Candidate
from placements.cohorts.models import ModuleRun
from placements.core.clock import exists_in_london, in_london, london, today
from placements.offers.queries import Place
from placements.offers.rules import usual_clearing_date, usual_deadline
from placements.web import fields
from placements.web.forms import Form
from placements.web.lists import Filters
from placements.web.picking import Pick, PickForm

REASON_LENGTH = 500
NO_PLACE = "none"


class OpenRoundForm(Form):
    """A new round."""

    form_key = fields.form_key()
    name = fields.text("Name", missing="Enter a name", most=100, hint="For example, Main round")
    runs = fields.several("Whose students?", {}, missing="Choose at least one module run")

    def __init__(self, runs: Sequence[ModuleRun]) -> None:
        super().__init__()
        self.known = {run.public_id: run for run in runs}
        self.runs.choices = [SelectChoice(key, run.title) for key, run in self.known.items()]


class OverrideForm(Form):
    """Another challenge for one student, or none."""

    challenge = fields.one_of_many("Place this student in", {}, missing="Choose a challenge, or no place")
    reason = fields.long_text(
        "Why?", missing="Say why, in a sentence", most=REASON_LENGTH, rows=3, hint="Kept with the round."
    )

    def __init__(self, places: Sequence[Place], ranks: Mapping[int, int]) -> None:
        super().__init__()
        ranked = sorted(places, key=lambda place: ranks.get(place.challenge.id, 99))
        self.known: dict[str, Challenge | None] = {place.challenge.public_id: place.challenge for place in ranked}
        self.known[NO_PLACE] = None
        self.challenge.choices = [
            SelectChoice("", "Choose one"),
            *(SelectChoice(place.challenge.public_id, _said(place, ranks.get(place.challenge.id))) for place in ranked),
            SelectChoice(NO_PLACE, "No place: goes to the clearing list"),
        ]


def _said(place: Place, rank: int | None) -> str:
    chosen = f"their choice {rank}" if rank else "not one of their choices"
    return f"{place.challenge.title}, {place.challenge.organisation.name} ({chosen}, {place.left} left)"


class PublishForm(Form):
    """Until when students answer, and by when those without a place are seen to. `step`: shown first, then done."""

    deadline_on = fields.day("Last day for students to answer", missing="Enter the last day to answer")
    deadline_time = fields.time_of_day("Time on that day", missing="Enter the time on that day")
    clearing_by_on = fields.day(
        "By when is everybody without a place seen to?",
        missing="Enter a date",
        hint="The date that they and those who look after them are told. For example, 3 11 2026",
    )
    step = HiddenField(default="check", validators=[Length(max=10, message="Open this form again")])

    def __init__(self, now: datetime) -> None:
        usual = london(usual_deadline(now))
        super().__init__(deadline_on=usual.date(), deadline_time=usual.time(), clearing_by_on=usual_clearing_date(now))
        self.now = now

    def validate_deadline_time(self, field: Any) -> None:
        """A moment that exists and is still to come."""
        if not field.data or not self.deadline_on.data:
            return
        if not exists_in_london(self.deadline_on.data, field.data):
            raise ValidationError("The clocks go forward that night. Enter another time")
        if self.deadline <= self.now:
            raise ValidationError("Enter a day and time that are still to come")

    def validate_clearing_by_on(self, field: Any) -> None:
        """A date that is still to come."""
        if field.data and field.data < today(self.now):
            raise ValidationError("Enter a date that is still to come")

    @property
    def deadline(self) -> datetime:
        """The instant that was entered."""
        return in_london(self.deadline_on.data, self.deadline_time.data)


class DiscardForm(Form):
    """End a round without telling anybody anything."""

    reason = fields.long_text(
        "Why?", missing="Say why, in a sentence", most=REASON_LENGTH, rows=3, hint="Kept with the round."
    )


class FindStudent(Filters):
    """The search above the students who could be locked."""

    q = fields.text("Name of the student", most=100)


class LockForm(PickForm):
    """Fix a student to a challenge."""

    picks = "challenge"
    challenge = fields.one("Which challenge?", {}, missing="Choose a challenge")
    reason = fields.long_text(
        "Why this place?",
        missing="Say why this place, in a sentence",
        most=REASON_LENGTH,
        rows=3,
        hint="The module leader reads it. The student does not.",
    )

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        super().__init__()
        self.known = {each.place.challenge.public_id: each.place.challenge for each in candidates}
        self.offer([Pick(each.place.challenge.public_id, each.said, each.more) for each in candidates])


class UndoForm(Form):
    """Let the next round place a student freely again."""

    reason = fields.long_text("Why?", missing="Say why, in a sentence", most=REASON_LENGTH, rows=3)
