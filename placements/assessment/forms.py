"""What people type about work and marks: files, a judgement by the rubric, a set of marks, the day of a board."""

from collections.abc import Sequence
from typing import Any

from flask import request
from govuk_frontend_wtf.wtforms_widgets import GovFileInput
from werkzeug.datastructures import FileStorage
from wtforms import HiddenField, MultipleFileField, ValidationError
from wtforms.validators import InputRequired, Length

from placements.drafting.queries import MOST_FILES, Typed
from placements.web import fields
from placements.web.forms import Form

MOST_TEXT = 50_000  # characters; ours: about 8,000 words
AGAIN = "Open this page again"
RUBRIC_CHANGED = "The rubric has changed since you opened this page. Check each score against it, then save again"


def chosen_files(files: Sequence[Any]) -> list[FileStorage]:
    """The files that were really chosen: a browser sends an empty one where none was."""
    return [each for each in files if isinstance(each, FileStorage) and each.filename]


class SubmitForm(Form):
    """The text and files of a piece of work; `do` says which button was pressed: none of them hands in at once."""

    text = fields.long_text("Your text", most=MOST_TEXT, rows=14, counts=True)
    version = HiddenField(validators=[Length(max=10, message=AGAIN)])
    files = MultipleFileField("Your files", widget=GovFileInput(), render_kw={"multiple": True})
    has_files = False  # there are some in the draft already

    @property
    def do(self) -> str:
        """The button that was pressed: "save", "check", or "remove-" and a file of the draft."""
        return request.form.get("do", "")

    @property
    def is_only_kept(self) -> bool:
        """The draft is saved, and nothing more asked of it."""
        return self.do == "save" or self.do.startswith("remove-")

    @property
    def typed(self) -> Typed:
        """What is to be kept of it."""
        version = self.version.data or ""
        seen = int(version) if version.isascii() and version.isdigit() else None
        text = (self.text.data or "") if self.text.raw_data else None
        return Typed(text, seen, self.do.removeprefix("remove-") if self.is_only_kept else "")

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """There is a text or a file, unless it is only kept for later."""
        is_valid = super().validate(*args, **kwargs)
        if self.is_only_kept or self.text.data or self.has_files or chosen_files(self.files.data or []):
            return is_valid
        self.files.errors = [*self.files.errors, "Write your text, or choose the file to hand in"]
        return False

    def validate_files(self, field: MultipleFileField) -> None:
        """There are not too many."""
        if len(chosen_files(field.data or [])) > MOST_FILES:
            raise ValidationError(f"Choose at most {MOST_FILES} files")


class CheckForm(Form):
    """One button beneath what will be handed in; `seen` says what that was."""

    seen = HiddenField(validators=[InputRequired(AGAIN), Length(max=64, message=AGAIN)])
