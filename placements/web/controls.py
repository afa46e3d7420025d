"""What stands behind `fields`: widgets that label every part, and fields that read what people type."""

import re
from datetime import date, time
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovCheckboxInput, GovDateInput, GovRadioInput
from wtforms import Field, StringField

EARLIEST, LATEST = 1900, 2199  # years: beyond them a typing mistake, and no sum with dates can overflow between them
HOURS = re.compile(r"(\d{1,3})(?:[.,](\d{1,2}))?", re.ASCII)
TIME = re.compile(r"(\d{1,2})(?:[:.]?(\d\d))?(?:([ap])\.?m\.?)?", re.ASCII)


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


class DateField(Field):
    """A date typed as day, month and year."""

    widget = DayMonthYear()

    def _value(self) -> str:
        return ""

    def process_formdata(self, parts: list[str]) -> None:
        self.data = None
        if not any(part.strip() for part in parts):
            return
        try:
            day, month, year = (_digits(part) for part in parts)
            self.data = date(year if year > 99 else 2000 + year, month, day)
        except ValueError as error:
            raise ValueError("Enter a real date as day, month and year, like 14 10 2026") from error
        if not EARLIEST <= self.data.year <= LATEST:
            self.data = None
            raise ValueError(f"Enter a year from {EARLIEST} to {LATEST}")


def _digits(text: str) -> int:
    """The number of at most four plain digits; ValueError where it is none."""
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) <= 4):
        raise ValueError(text[:10])
    return int(text)


class TimeField(StringField):
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
    found = TIME.fullmatch(text)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


class HoursField(StringField):
    """Hours as people type them, 2 or 2.5, held as minutes; nothing typed is none."""

    data: Any

    def __init__(self, label: str, *, most: int, step: int, **given: Any) -> None:
        self.most, self.step = most, step
        super().__init__(label, **given)

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else f"{(self.data or 0) / 60:g}"

    def process_formdata(self, posted: list[str]) -> None:
        text = posted[0].strip() if posted else ""
        self.data = None
        found = HOURS.fullmatch(text or "0")
        minutes = int(found[1]) * 60 + round(float(f"0.{found[2] or 0}") * 60, 6) if found else -1
        if not 0 <= minutes <= self.most or minutes % self.step:
            raise ValueError(f"Enter hours from 0 to {self.most / 60:g}, in quarters: for example 2, 2.5 or 2.75")
        self.data = int(minutes)


class NumberField(StringField):
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
