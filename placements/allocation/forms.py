"""Overriding a match, and publishing."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from wtforms import HiddenField, SelectChoice, ValidationError
from wtforms.validators import Length

from placements.challenges.models import Challenge
from placements.core.clock import today
from placements.offers.queries import Place
from placements.offers.rules import usual_clearing_date, usual_deadline
from placements.rounds.rules import REASON_LENGTH
from placements.web import fields
from placements.web.deadlines import DeadlineForm
from placements.web.forms import Form

NO_PLACE = "none"


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


class PublishForm(DeadlineForm):
    """Until when students answer, and by when those without a place are seen to. `step`: shown first, then done."""

    clearing_by_on = fields.day(
        "By when is everybody without a place seen to?",
        missing="Enter a date",
        hint="The date that they and those who look after them are told. For example, 3 11 2026",
    )
    step = HiddenField(default="check", validators=[Length(max=10, message="Open this form again")])

    def __init__(self, now: datetime) -> None:
        super().__init__(usual_deadline(now), clearing_by_on=usual_clearing_date(now))
        self.now = now

    def validate_deadline_time(self, field: Any) -> None:
        """A moment that exists and is still to come."""
        super().validate_deadline_time(field)
        if field.data and self.deadline_on.data and self.deadline <= self.now:
            raise ValidationError("Enter a day and time that are still to come")

    def validate_clearing_by_on(self, field: Any) -> None:
        """A date that is still to come."""
        if field.data and field.data < today(self.now):
            raise ValidationError("Enter a date that is still to come")
