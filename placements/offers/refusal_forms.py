"""Saying for an organisation that it cannot take the students, and settling it."""

from placements.offers.models import REFUSALS, RefusalKind
from placements.web import fields
from placements.web.forms import Form

WORDS_LENGTH = 500


class RefuseForm(Form):
    """Why an organisation cannot take them."""

    kind = fields.one("Why can you not take them?", REFUSALS, missing="Choose why", coerce=RefusalKind)
    words = fields.long_text(
        "Tell the module leader more",
        missing="Say in a sentence what has happened",
        most=WORDS_LENGTH,
        rows=4,
        hint="The module leader reads it, students do not. Could you take somebody later, or fewer?",
    )


class TakeBackForm(Form):
    """One button, under what it will do."""


class LetStandForm(Form):
    """Why the offers stand."""

    reason = fields.long_text(
        "Why do the offers stand?",
        missing="Say why, in a sentence",
        most=WORDS_LENGTH,
        rows=4,
        hint="The organisation gets these words by email: what did you agree with them?",
    )
