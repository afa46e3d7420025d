"""The form every form is made from: GOV.UK widgets, one answer to “may I act?”, refusals shown in place."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from flask import g, request
from flask_wtf import FlaskForm
from flask_wtf.form import _Auto, _is_submitted
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import FileField
from wtforms.form import BaseForm

from placements.core.errors import Refused

UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether both databases keep the text: no NUL, no half of a surrogate pair."""
    return not UNSTORABLE.search(text)


class FilesForFileFields:
    """Keeps a posted file away from the fields that expect words. Also for forms that are not made from `Form`."""

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: BaseForm, formdata: Any) -> Any:
            """The posted words, and the posted files of the file fields alone."""
            if formdata is not _Auto:
                return formdata
            if not _is_submitted():
                return None
            names = {field.name for field in form if isinstance(field, FileField)}
            files = [(name, file) for name, file in request.files.items(multi=True) if name in names]
            return CombinedMultiDict([MultiDict(files), request.form])


class Form(FilesForFileFields, FlaskForm):
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

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """WTForms' validation, after refusing characters that no database of ours can keep."""
        is_valid = super().validate(*args, **kwargs)
        for field in self:
            if isinstance(field.data, str) and not is_storable(field.data):
                field.errors = [*field.errors, "Remove the characters that cannot be shown, then try again"]
                is_valid = False
        return bool(is_valid)

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
