"""Answering an offer, opening it again, taking it back."""

from datetime import datetime

from wtforms import HiddenField
from wtforms.validators import InputRequired

from placements.offers.rules import usual_deadline
from placements.web import fields
from placements.web.deadlines import DeadlineForm
from placements.web.forms import Form

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


class ReinstateForm(DeadlineForm):
    """Open an expired offer again."""

    reason = fields.long_text(
        "Why is the offer opened again?", missing="Say why, in a sentence", most=REASON_LENGTH, rows=3
    )

    def __init__(self, now: datetime) -> None:
        super().__init__(usual_deadline(now))


class WithdrawForm(Form):
    """Take an offer back."""

    reason = fields.long_text(
        "Why is the offer taken back?",
        missing="Say why, in a sentence",
        most=REASON_LENGTH,
        rows=3,
        hint="Kept with the offer for the module team. The student is told that the offer has gone, not why.",
    )
