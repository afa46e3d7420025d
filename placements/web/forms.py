"""The form every form is made from: GOV.UK widgets, one answer to “may I act?”, refusals shown in place."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from flask import g, request
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto, _is_submitted
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import Field, FileField, HiddenField
from wtforms.form import BaseForm

from placements.core.errors import Refused

UNREADABLE = "Some characters could not be read and are left out. Check what is here, then send it again"
NO_CHARACTERS = "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
UNSTORABLE = re.compile(f"[\0-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{NO_CHARACTERS}]")


def is_storable(text: str) -> bool:
    """Whether both databases keep the text and a page may show it: no NUL or other control, no half of a pair."""
    return not UNSTORABLE.search(text)


class HouseRules:
    """What holds on every form of the site, also on those that are not made from `Form`."""

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: BaseForm, formdata: Any) -> Any:
            """The posted words, and the posted files of the file fields alone: the others expect words."""
            if formdata is not _Auto:
                return formdata
            if not _is_submitted():
                return None
            names = {field.name for field in form if isinstance(field, FileField)}
            files = [(name, file) for name, file in request.files.items(multi=True) if name in names]
            return CombinedMultiDict([MultiDict(files), request.form])

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """The form's own validation, of what is left when the characters that cannot be kept are out; that is told."""
        unreadable = [field for field in self if _drop_unstorable(field)]  # type: ignore[attr-defined]
        is_valid = super().validate(*args, **kwargs)  # type: ignore[misc]
        for field in unreadable:
            field.errors = [UNREADABLE, *field.errors]
        return bool(is_valid) and not unreadable

    def error_lines(self) -> list[tuple[str, str | None]]:
        """What is wrong and where, in the order of the fields: a sentence, and the id of the control it is about.

        What is wrong with the form as a whole, or with a field that nobody sees, has no id.
        """
        lines: list[tuple[str, str | None]] = [(str(each), None) for each in self.form_errors]  # type: ignore[attr-defined]
        for field in self:  # type: ignore[attr-defined]
            if field.errors:
                lines.append((str(field.errors[0]), None if isinstance(field, HiddenField) else str(field.id)))
        return lines


class Form(HouseRules, FlaskForm):
    """Input → cleaned values. `refusals` says, by constraint name, what the database's refusal means on this form."""

    refusals: ClassVar[Mapping[str, tuple[str | None, str]]] = {}

    def accepted(self) -> bool:
        """Whether the view may act: posted, valid, and not being shown again because the verb was refused."""
        refusal = g.pop("refusal", None)
        is_valid = self.validate_on_submit()
        if refusal is None:
            return is_valid
        self._show(refusal)
        return False

    def answers(self) -> dict[str, Any]:
        """The cleaned values by field name, without the token."""
        return {field.name: field.data for field in self if field.type != "CSRFTokenField"}

    def _show(self, refusal: Refused | str) -> None:
        if isinstance(refusal, str):
            field, sentence = self.refusals[refusal]  # a constraint no form speaks for is a fault: KeyError, 500
        else:
            field, sentence = refusal.field, refusal.sentence
        if field is not None and field in self:
            self[field].errors = [*self[field].errors, sentence]
        else:
            self.form_errors.append(sentence)


def all_given(*wanted: tuple[Field, str]) -> bool:
    """Whether each of the fields holds something; one that does not, and has no error yet, says its sentence."""
    missing = [(field, sentence) for field, sentence in wanted if not field.data and not field.errors]
    for field, sentence in missing:
        field.errors = [sentence]
    return not missing


def version_in(text: str | None) -> int:
    """The version that a form says it was made of; -1 where that is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1


class ConfirmForm(Form):
    """One button, under what it will do."""


class PersonForm(Form):
    """Takes somebody's name and address, or neither; `person` names the two fields."""

    person: ClassVar[tuple[str, str]] = ("name", "email")

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Half a person is nobody: that is said beside the half that is missing."""
        is_valid = super().validate(*args, **kwargs)
        name, email = (self[field] for field in self.person)
        for field, other, what in ((name, email, "name"), (email, name, "email address")):
            if other.data and not field.data and not field.errors:
                field.errors = [f"Enter their {what} too, or leave both empty"]
                is_valid = False
        return is_valid

    def somebody(self) -> tuple[str, str] | None:
        """Name and address, where they were given."""
        name, email = (self[field].data for field in self.person)
        return (name, email) if email else None


def _drop_unstorable(field: Field) -> bool:
    """Leave them out of what the field holds and shows again. Returns whether there were any."""
    posted = [text for text in field.raw_data or () if isinstance(text, str)]
    if all(is_storable(text) for text in posted):
        return False
    field.raw_data = [UNSTORABLE.sub("", text) for text in posted]
    if isinstance(field.data, str):
        field.data = UNSTORABLE.sub("", field.data)
    return True
