"""Asking for a place, and what staff do for those without one."""

from collections.abc import Sequence
from datetime import datetime

from wtforms import SelectChoice

from placements.clearing.choosing import Candidate
from placements.clearing.rules import WORDS_LENGTH
from placements.offers.models import Clearing
from placements.offers.rules import usual_deadline
from placements.people.models import Person
from placements.web import fields
from placements.web.deadlines import DeadlineForm
from placements.web.forms import Form
from placements.web.picking import Pick, PickForm

REASON_LENGTH = 500


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
        super().__init__(usual_deadline(now))
        self.known = {each.place.challenge.public_id: each.place.challenge for each in candidates}
        self.offer([Pick(each.place.challenge.public_id, each.said, each.more) for each in candidates])


class AskForm(Form):
    """Ask for a place, with a word to whoever looks after one."""

    words = fields.long_text(
        "Anything to add about this place? (optional)",
        most=WORDS_LENGTH,
        rows=3,
        hint="For example, what you could start with, or how you know the organisation",
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
