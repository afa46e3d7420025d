"""The fields that forms are made of, each with a limit, its own messages, and a widget that labels every part.

`missing` is what to say where nothing was entered; None makes the field optional.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import (
    GovCharacterCount,
    GovFileInput,
    GovPasswordInput,
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
from wtforms.validators import DataRequired, Email, Length, Optional, StopValidation, ValidationError

from placements.db import new_public_id
from placements.web.controls import DateField, HoursField, NumberField, Radios, Tick, Ticks, TimeField

EMAIL_LENGTH = 254
NO_SUCH_CHOICE = "Choose one that is on the list"
WITHOUT_INK = "\u200b\u2060\ufeff"  # characters of no width, which Python does not count as white space
ODD_EMAIL = "Enter an email address in the correct format, like name@example.org"
Choices = Mapping[Any, str] | Iterable[tuple[str, str]]


def _needs(missing: str | None) -> list[Any]:
    return [Optional()] if missing is None else [DataRequired(missing)]


def _has_value(missing: str | None) -> list[Any]:
    """Like DataRequired, for a value that may be nought. What was not posted is missing, whatever stood before."""

    def there_is_one(_form: Any, field: Field) -> None:
        if (not field.raw_data or field.data is None or field.data == []) and not field.errors:
            raise StopValidation(missing)

    return [] if missing is None else [there_is_one]


def _is_answered(missing: str | None) -> list[Any]:
    return [Optional()] if missing is None else _has_value(missing)


def _short_enough(label: str, most: int) -> Length:
    return Length(max=most, message=f"{label}: use at most {most:,} characters")


def counted_length(text: str) -> int:
    """How many characters a browser's counter says the text has: what needs two UTF-16 units, an emoji say, is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _no_longer_than_counted(label: str, most: int) -> Callable[[Any, Field], None]:
    """Says what the counter said. No database counts more than it does."""

    def is_short_enough(_form: Any, field: Field) -> None:
        if counted_length(field.data or "") > most:
            raise ValidationError(f"{label}: use at most {most:,} characters")

    return is_short_enough


def _stripped(value: str | None) -> str | None:
    return value.strip().strip(WITHOUT_INK).strip() if isinstance(value, str) else value


def _lines(value: str | None) -> str | None:
    """One character for the end of a line, as browsers count it; they send two."""
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


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
    """Several lines, each ending in LF; with `counts`, says how many characters are left.

    What the counter says in the browser holds on the server and in the database.
    """
    shown: dict[str, Any] = {"params": {"maxlength": most, "rows": rows}} if counts else {"params": {"rows": rows}}
    return TextAreaField(
        label,
        description=hint,
        widget=GovCharacterCount() if counts else GovTextArea(),
        filters=[_lines, _stripped],
        validators=[*_needs(missing), (_no_longer_than_counted if counts else _short_enough)(label, most)],
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
    return NumberField(
        label,
        least=least,
        most=most,
        description=hint,
        widget=GovTextInput(),
        validators=_has_value(missing),
        render_kw={"inputmode": "numeric", "params": {"classes": "govuk-input--width-5"}},
    )


def hours(label: str, most: int, step: int) -> StringField:
    """Hours, held as minutes: at most `most`, in steps of `step`. Nothing typed is none."""
    return HoursField(
        label,
        most=most,
        step=step,
        widget=GovTextInput(),
        render_kw={"inputmode": "decimal", "params": {"classes": "govuk-input--width-3"}},
    )


def day(label: str, *, missing: str | None = None, hint: str = "For example, 14 10 2026") -> Field:
    """A date by day, month and year."""
    return DateField(label, description=hint, validators=_has_value(missing))


def time_of_day(label: str, *, missing: str | None = None, hint: str = "For example, 9:30 or 2:15pm") -> StringField:
    """A time on London's clocks."""
    return TimeField(
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
        invalid_choice_message=missing or NO_SUCH_CHOICE,
        invalid_value_message=missing or NO_SUCH_CHOICE,
        validators=_is_answered(missing),
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
        invalid_choice_message=missing or NO_SUCH_CHOICE,
        invalid_value_message=missing or NO_SUCH_CHOICE,
        validators=_is_answered(missing),
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
        filters=[_chosen],
        invalid_choice_message=missing or NO_SUCH_CHOICE,
        invalid_value_message=missing or NO_SUCH_CHOICE,
        validators=_is_answered(missing),
    )


def _coerced(coerce: Callable[[str], Any]) -> Callable[[Any], Any]:
    """White space is no choice: `Optional` would forgive it, and let it through as it is."""
    return lambda value: coerce(str(value)) if value is not None and str(value).strip() else None


def _chosen(values: list[Any] | None) -> list[Any]:
    return [value for value in values or [] if value is not None]


def tick(label: str, *, missing: str | None = None, hint: str = "") -> BooleanField:
    """A box to tick; `missing` insists that it is."""
    return BooleanField(
        label, description=hint, widget=Tick(), validators=[] if missing is None else [DataRequired(missing)]
    )


def file(label: str, *, hint: str = "", accept: str = "") -> FileField:
    """A file to send; whether there is one, and what it is, is for the action to judge."""
    return FileField(label, description=hint, widget=GovFileInput(), render_kw={"accept": accept} if accept else {})


def score(label: str, points: Sequence[int], missing: str | None = None) -> Field:
    """A mark from 0 to 100, or one of the fixed marks where there are some."""
    if points:
        choices = {each: str(each) for each in points}
        return one_of_many(label, choices, missing=missing, empty="No score yet", coerce=int)
    return number(label, least=0, most=100, missing=missing, hint="0 to 100")


def seen() -> HiddenField:
    """The fingerprint of what the page showed; see `core.seen`."""
    return HiddenField(validators=[Length(max=64, message="Open this page again")])


def form_key() -> HiddenField:
    """What makes the same form sent twice one row: a UNIQUE column's value, made when the form is first shown."""
    return HiddenField(default=new_public_id, validators=[Length(max=40, message="Open this form again")])
