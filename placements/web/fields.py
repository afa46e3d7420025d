"""The fields that forms are made of, each with a limit, its own messages, and a widget that labels every part.

`missing` is what to say where nothing was entered; None makes the field optional.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, time
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import (
    GovCharacterCount,
    GovCheckboxesInput,
    GovCheckboxInput,
    GovDateInput,
    GovFileInput,
    GovPasswordInput,
    GovRadioInput,
    GovSelect,
    GovTextArea,
    GovTextInput,
)
from wtforms import (
    BooleanField,
    Field,
    FileField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Email, InputRequired, Length, Optional, StopValidation

from placements.db import new_public_id

EMAIL_LENGTH = 254
ODD_EMAIL = "Enter an email address in the correct format, like name@example.org"
Choices = Mapping[Any, str] | Iterable[tuple[str, str]]


class _NoEmptyHint:
    """GOV.UK's radios and checkboxes print an empty hint where there is none."""

    def map_gov_params(self, field: Field, **given: Any) -> dict[str, Any]:
        params: dict[str, Any] = super().map_gov_params(field, **given)  # type: ignore[misc]
        if not (params.get("hint") or {}).get("text"):
            params.pop("hint", None)
        return params


class Radios(_NoEmptyHint, GovRadioInput):
    """Radio buttons in a fieldset."""


class Ticks(_NoEmptyHint, GovCheckboxesInput):
    """Several boxes to tick, in a fieldset."""


class Tick(_NoEmptyHint, GovCheckboxInput):
    """One box to tick."""


class DayMonthYear(GovDateInput):
    """Three parts, the first with the field's own id, so that the error summary's link finds it."""

    def map_gov_params(self, field: Field, **given: Any) -> dict[str, Any]:
        """GOV.UK's parameters, however many parts were posted."""
        posted, field.raw_data = field.raw_data, _three(field.raw_data)
        try:
            params: dict[str, Any] = super().map_gov_params(field, **given)
        finally:
            field.raw_data = posted
        params["id"] = f"{field.name}-parts"
        params["items"][0]["id"] = field.id
        return params


def _three(parts: list[str] | None) -> list[str] | None:
    return None if parts is None else [*parts, "", "", ""][:3]


class _DateField(Field):
    """A date typed as day, month and year."""

    widget = DayMonthYear()

    def _value(self) -> str:
        return ""

    def process_formdata(self, parts: list[str]) -> None:
        self.data = None
        if not any(part.strip() for part in parts):
            return
        try:
            day, month, year = (int(part) for part in parts)
            self.data = date(year if year > 99 else 2000 + year, month, day)
        except (ValueError, OverflowError) as error:
            raise ValueError("Enter a real date as day, month and year, like 14 10 2026") from error


class _TimeField(StringField):
    """A time of day as people type it: 9:30, 9.30, 0930, 9am, 2:15 pm."""

    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:%H:%M}" if self.data else ""

    def process_formdata(self, posted: list[str]) -> None:
        text = posted[0].strip().lower().replace(" ", "") if posted else ""
        self.data = read_time(text) if text else None
        if text and self.data is None:
            raise ValueError("Enter a time like 9:30 or 2:15pm")


def read_time(text: str) -> time | None:
    """The time of day that somebody typed, or None where it is none."""
    half = text[-2:] if text[-2:] in ("am", "pm") else ""
    digits = text.removesuffix(half).replace(".", ":")
    hours, _, minutes = digits.partition(":") if ":" in digits else (digits[:-2] or digits, "", digits[-2:])
    if ":" not in digits and len(digits) <= 2:
        hours, minutes = digits, "0"
    try:
        hour, minute = int(hours), int(minutes or 0)
        if half and not 1 <= hour <= 12:
            return None
        return time(hour % 12 + (12 if half == "pm" else 0) if half else hour, minute)
    except (ValueError, OverflowError):
        return None


class _NumberField(StringField):
    """A whole number between two bounds."""

    data: Any

    def __init__(self, label: str, *, least: int, most: int, **given: Any) -> None:
        self.least, self.most = least, most
        super().__init__(label, **given)

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else "" if self.data is None else str(self.data)

    def process_formdata(self, posted: list[str]) -> None:
        text = posted[0].strip() if posted else ""
        self.data = None
        if not text:
            return
        if not (text.isascii() and text.isdigit() and len(text) < 10 and self.least <= int(text) <= self.most):
            raise ValueError(f"Enter a whole number from {self.least} to {self.most}")
        self.data = int(text)


def _needs(missing: str | None) -> list[Any]:
    return [Optional()] if missing is None else [DataRequired(missing)]


def _has_value(missing: str | None) -> list[Any]:
    """Like DataRequired, for a value that may be nought."""

    def there_is_one(_form: Any, field: Field) -> None:
        if field.data is None and not field.errors:
            raise StopValidation(missing)

    return [] if missing is None else [there_is_one]


def _short_enough(label: str, most: int) -> Length:
    return Length(max=most, message=f"{label}: use at most {most:,} characters")


def _stripped(value: str | None) -> str | None:
    return value.strip() if isinstance(value, str) else value


def text(label: str, *, missing: str | None = None, most: int = 200, hint: str = "", **attributes: Any) -> StringField:
    """One line."""
    return StringField(
        label,
        description=hint,
        widget=GovTextInput(),
        filters=[_stripped],
        validators=[*_needs(missing), _short_enough(label, most)],
        render_kw=attributes,
    )


def long_text(
    label: str, *, missing: str | None = None, most: int = 4000, hint: str = "", rows: int = 5, counts: bool = False
) -> TextAreaField:
    """Several lines; with `counts`, says how many characters are left."""
    shown: dict[str, Any] = {"params": {"maxlength": most, "rows": rows}} if counts else {"params": {"rows": rows}}
    return TextAreaField(
        label,
        description=hint,
        widget=GovCharacterCount() if counts else GovTextArea(),
        filters=[_stripped],
        validators=[*_needs(missing), _short_enough(label, most)],
        render_kw=shown,
    )


def email(
    label: str = "Email address", *, missing: str | None = "Enter an email address", hint: str = ""
) -> StringField:
    """An email address."""
    return StringField(
        label,
        description=hint,
        widget=GovTextInput(),
        filters=[_stripped],
        validators=[*_needs(missing), _short_enough(label, EMAIL_LENGTH), Email(ODD_EMAIL)],
        render_kw={"type": "email", "autocomplete": "email", "spellcheck": "false"},
    )


def password(label: str, *, missing: str, hint: str = "", autocomplete: str, least: int = 0) -> PasswordField:
    """A password, with a button that shows it."""
    bounds = (
        Length(min=least, max=200, message=f"Enter between {least} and 200 characters") if least else Length(max=200)
    )
    return PasswordField(
        label,
        description=hint,
        widget=GovPasswordInput(),
        validators=[DataRequired(missing), bounds],
        render_kw={"params": {"autocomplete": autocomplete}},
    )


def number(label: str, *, least: int, most: int, missing: str | None = None, hint: str = "") -> StringField:
    """A whole number from `least` to `most`."""
    return _NumberField(
        label,
        least=least,
        most=most,
        description=hint,
        widget=GovTextInput(),
        validators=_has_value(missing),
        render_kw={"inputmode": "numeric", "params": {"classes": "govuk-input--width-5"}},
    )


def day(label: str, *, missing: str | None = None, hint: str = "For example, 14 10 2026") -> Field:
    """A date by day, month and year."""
    return _DateField(label, description=hint, validators=_has_value(missing))


def time_of_day(label: str, *, missing: str | None = None, hint: str = "For example, 9:30 or 2:15pm") -> StringField:
    """A time on London's clocks."""
    return _TimeField(
        label,
        description=hint,
        widget=GovTextInput(),
        validators=_has_value(missing),
        render_kw={"params": {"classes": "govuk-input--width-5"}},
    )


def _choices(choices: Choices) -> list[SelectChoice]:
    pairs = choices.items() if isinstance(choices, Mapping) else choices
    return [SelectChoice(str(value), said) for value, said in pairs]


def one(
    label: str, choices: Choices, *, missing: str | None = None, hint: str = "", coerce: Callable[[str], Any] = str
) -> RadioField:
    """One of a few, as radio buttons. `coerce` makes the answer of the posted text (an enum's class, say)."""
    return RadioField(
        label,
        description=hint,
        choices=_choices(choices),
        widget=Radios(),
        coerce=_coerced(coerce),
        validators=[Optional()] if missing is None else [InputRequired(missing)],
        validate_choice=True,
        render_kw=None,
    )


def one_of_many(
    label: str,
    choices: Choices,
    *,
    missing: str | None = None,
    hint: str = "",
    empty: str = "Choose one",
    coerce: Callable[[str], Any] = str,
) -> SelectField:
    """One of many, from a drop-down list whose first line is `empty`."""
    return SelectField(
        label,
        description=hint,
        choices=[SelectChoice("", empty), *_choices(choices)],
        widget=GovSelect(),
        coerce=_coerced(coerce),
        validators=[Optional()] if missing is None else [InputRequired(missing)],
    )


def several(
    label: str, choices: Choices, *, missing: str | None = None, hint: str = "", coerce: Callable[[str], Any] = str
) -> SelectMultipleField:
    """Any of a few, as boxes to tick."""
    return SelectMultipleField(
        label,
        description=hint,
        choices=_choices(choices),
        widget=Ticks(),
        coerce=_coerced(coerce),
        validators=[Optional()] if missing is None else [InputRequired(missing)],
    )


def _coerced(coerce: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value in (None, "") else coerce(str(value))


def tick(label: str, *, missing: str | None = None, hint: str = "") -> BooleanField:
    """A box to tick; `missing` insists that it is."""
    return BooleanField(
        label, description=hint, widget=Tick(), validators=[] if missing is None else [InputRequired(missing)]
    )


def file(label: str, *, hint: str = "", accept: str = "") -> FileField:
    """A file to send; whether there is one, and what it is, is for the action to judge."""
    return FileField(label, description=hint, widget=GovFileInput(), render_kw={"accept": accept} if accept else {})


def form_key() -> HiddenField:
    """What makes the same form sent twice one row: a UNIQUE column's value, made when the form is first shown."""
    return HiddenField(default=new_public_id, validators=[Length(max=40, message="Open this form again")])
