"""Answering an offer, and what staff do for those without a place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wtforms import HiddenField, SelectChoice, ValidationError
from wtforms.validators import InputRequired

from placements.core.clock import exists_in_london, in_london, london
from placements.offers.choosing import Candidate
from placements.offers.models import Clearing
from placements.offers.rules import WORDS_LENGTH, usual_deadline
from placements.people.models import Person
from placements.web import fields
from placements.web.forms import Form
from placements.web.picking import Pick, PickForm

REASON_LENGTH = 500


class DeclineForm(Form):
    """A student lets a place go, having read what follows: only the page that says it sends `is_read`."""

    is_read = HiddenField(default="yes", validators=[InputRequired("Read what follows, then decide")])
    reason = fields.long_text(
        "Why does this place not suit you? (optional)",
        most=REASON_LENGTH,
        rows=3,
        hint="Your tutor and the module leader read it, the organisation does not. It helps to find you a better one.",
    )


class DeadlineForm(Form):
    """Until when a student can answer: a London date and time."""

    deadline_on = fields.day("Last day to answer", missing="Enter the last day to answer")
    deadline_time = fields.time_of_day("Time on that day", missing="Enter the time on that day")

    def __init__(self, now: datetime, **given: Any) -> None:
        usual = london(usual_deadline(now))
        super().__init__(deadline_on=usual.date(), deadline_time=usual.time(), **given)

    def validate_deadline_time(self, field: Any) -> None:
        """The clocks jump over one hour a year."""
        if field.data and self.deadline_on.data and not exists_in_london(self.deadline_on.data, field.data):
            raise ValidationError("The clocks go forward that night. Enter another time")

    @property
    def deadline(self) -> datetime:
        """The instant that was entered."""
        return in_london(self.deadline_on.data, self.deadline_time.data)


class PlaceForm(DeadlineForm, PickForm):
    """Offer a place by hand: one of those that the student can have."""

    picks = "challenge"
    challenge = fields.one("Which challenge?", {}, missing="Choose a challenge")
    reason = fields.long_text(
        "Why this place?",
        missing="Say why this place, in a sentence",
        most=REASON_LENGTH,
        rows=3,
        hint="Kept with the offer for the module team. The student does not see it.",
    )

    def __init__(self, candidates: Sequence[Candidate], now: datetime) -> None:
        super().__init__(now)
        self.known = {each.place.challenge.public_id: each.place.challenge for each in candidates}
        self.offer([Pick(each.place.challenge.public_id, each.said, each.more) for each in candidates])


class ReinstateForm(DeadlineForm):
    """Open an expired offer again."""

    reason = fields.long_text(
        "Why is the offer opened again?", missing="Say why, in a sentence", most=REASON_LENGTH, rows=3
    )


class AskForm(Form):
    """Ask for a place, with a word to whoever looks after one."""

    words = fields.long_text(
        "Anything to add about this place? (optional)",
        most=WORDS_LENGTH,
        rows=3,
        hint="For example, what you could start with, or how you know the organisation",
    )


class WithdrawForm(Form):
    """Take an offer back."""

    reason = fields.long_text(
        "Why is the offer taken back?",
        missing="Say why, in a sentence",
        most=REASON_LENGTH,
        rows=3,
        hint="Kept with the offer for the module team. The student is told that the offer has gone, not why.",
    )


class ReassignForm(Form):
    """Who looks after a student without a place, and until when."""

    owner = fields.one("Who looks after this student?", {}, missing="Choose who looks after this student")
    by_on = fields.day("By when", missing="Enter a date")

    def __init__(self, row: Clearing, owners: Sequence[Person]) -> None:
        super().__init__(owner=row.owner.public_id, by_on=row.by_on)
        self.owners = {person.public_id: person for person in owners}
        self.owner.choices = [SelectChoice(key, person.name) for key, person in self.owners.items()]


class AlternativeForm(Form):
    """What a student does in place of a placement."""

    outcome = fields.long_text(
        "What was agreed?",
        missing="Write what was agreed",
        most=REASON_LENGTH,
        rows=4,
        hint="The student reads this. For example: a project at the desk on the same challenge, with the tutor.",
    )
