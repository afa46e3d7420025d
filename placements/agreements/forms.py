"""Writing an Agreement, speaking about it, and signing it."""

from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from placements.agreements.models import Agreement
from placements.agreements.rules import SECTIONS, TEXT_LENGTH
from placements.web import fields
from placements.web.forms import Form

COMMENT_LENGTH = 2000
OPEN_AGAIN = "This page is too old. Open it again, then try once more"


def _seen() -> HiddenField:
    return HiddenField(validators=[InputRequired(OPEN_AGAIN), Length(max=64, message=OPEN_AGAIN)])


class SeenForm(Form):
    """Carries which saved words somebody had in sight."""

    edit_version = _seen()

    @property
    def seen(self) -> int | None:
        """The edit_version that the page was made of; None where it says none."""
        said = self.edit_version.data or ""
        return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else None

    def look_at(self, agreement: Agreement) -> bool:
        """What is sent next was made with what is saved now in sight. Returns whether it was not until now."""
        is_stale = self.seen != agreement.edit_version
        self.edit_version.data = str(agreement.edit_version)
        return is_stale


class DraftForm(SeenForm):
    """Every part of the text; all may be empty while it is a draft."""

    def words(self) -> dict[str, str]:
        """What was written, by section, with one character for each end of a line."""
        return {section.name: self[section.name].data or "" for section in SECTIONS}


for _section in SECTIONS:
    setattr(DraftForm, _section.name, fields.long_text(_section.title, most=TEXT_LENGTH, hint=_section.hint, rows=5))


class ProposeForm(SeenForm):
    """One button, under what goes out and to whom."""


class ConfirmForm(Form):
    """One button, under what it will do."""


class CommentForm(Form):
    """A word about the Agreement."""

    text = fields.long_text("Comment", missing="Write your comment", most=COMMENT_LENGTH, rows=3)
    form_key = fields.form_key()


class ChangesForm(Form):
    """What keeps somebody from signing."""

    text = fields.long_text("What should change?", missing="Say what should change", most=COMMENT_LENGTH, rows=5)
    form_key = fields.form_key()


class NameForm(Form):
    """One's typed name under what one has read."""

    has_read = fields.tick(
        "I have read this Agreement and agree to it", missing="Tick the box once you have read the Agreement"
    )
    typed_name = fields.text("Your full name", missing="Type your full name", autocomplete="name")


class SignForm(NameForm):
    """The same, with the hash of what was read."""

    sha256 = _seen()
