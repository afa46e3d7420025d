"""The one press at the end of a year."""

from wtforms import HiddenField
from wtforms.validators import AnyOf, InputRequired, Length

from placements.closing.rules import Again
from placements.web.forms import Form

MISSING = "Choose one of the answers"


class AgainForm(Form):
    """Which challenge, and which of the four answers: each button of the page sends both, so neither has a control."""

    challenge = HiddenField(validators=[InputRequired(message=MISSING), Length(max=12, message=MISSING)])
    answer = HiddenField(validators=[AnyOf(list(Again), message=MISSING)])

    def chosen(self) -> tuple[str, Again]:
        """The challenge's address, and the answer."""
        return self.challenge.data or "", Again(self.answer.data)


class MakeForm(Form):
    """One button."""
