"""A rubric as a spreadsheet: read line by line, written, and laid beside the one that is there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from placements.cohorts import presets
from placements.cohorts.rules import ComponentKind
from placements.core.errors import Refused
from placements.core.sheets import TOO_MANY_CELLS, check_characters, read_listed, read_sheet, read_text
from placements.specification.rules import BAND_NAMES, BANDS, SHOWS_LENGTH, TITLE_LENGTH, Line, rubric_problems, tidy

HEADINGS = {
    "title": "Criterion",
    "weight": "Weight",
    "is_about_logbook": "About the logbook",
    **{band: band for band in BANDS},
}
YES_OR_NO = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False, "": False}


@dataclass(frozen=True)
class LineError:
    """Why a line cannot be used. `column` is a heading, or empty for the whole line or file."""

    line: int
    column: str
    sentence: str


@dataclass(frozen=True)
class RubricSheet:
    """What a file holds: the rubric, or what is wrong with it; and headings that are not ours."""

    lines: tuple[Line, ...]
    errors: tuple[LineError, ...] = ()
    ignored_columns: tuple[str, ...] = ()


def read_rubric(data: bytes, *, takes_logbook: bool) -> RubricSheet:
    """Read a rubric's CSV file. Bands that it has no column for are left without words.

    Raises Refused, with what to do, where the file as a whole cannot be read; a bad cell becomes a LineError.
    """
    sheet = read_sheet(data, HEADINGS, optional=("is_about_logbook", *BANDS))
    numbers, lines, errors = [], [], []
    for number, cells in sheet.rows:
        if cells is None:
            errors.append(LineError(number, "", TOO_MANY_CELLS))
            continue
        values: dict[str, Any] = {}
        for name, heading in HEADINGS.items():
            try:
                values[name] = _read_cell(name, tidy(cells.get(name, "")))
            except Refused as refused:
                errors.append(LineError(number, heading, refused.sentence))
        if len(values) == len(HEADINGS):
            numbers.append(number)
            lines.append(_line_of(values))
    if not errors:
        numbers = numbers or [1]
        for at, name, sentence in rubric_problems(lines, takes_logbook=takes_logbook):
            errors.append(LineError(numbers[min(at, len(numbers) - 1)], HEADINGS[name], sentence))
    return RubricSheet(tuple(lines), tuple(errors), sheet.ignored_columns)


def _read_cell(name: str, text: str) -> object:
    if name == "weight":
        digits = text.removesuffix("%").strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 3 and 1 <= int(digits) <= 100):
            raise Refused("Enter a whole number from 1 to 100.")
        return int(digits)
    check_characters(text)
    if name == "is_about_logbook":
        return read_listed(text, YES_OR_NO, "Yes or No")
    return read_text(text, TITLE_LENGTH if name == "title" else SHOWS_LENGTH, is_required=name == "title")


def _line_of(values: Mapping[str, Any]) -> Line:
    bands = {band: values[band] for band in BANDS if values[band]}
    return Line(values["title"], values["weight"], values["is_about_logbook"], bands)


def cells_of(lines: Sequence[Line]) -> Iterator[list[object]]:
    """The rubric as rows under `HEADINGS`."""
    for line in lines:
        about = "Yes" if line.is_about_logbook else "No"
        yield [line.title, line.weight, about, *(line.bands.get(band, "") for band in BANDS)]


def preset_of(kind: ComponentKind, level: int) -> list[Line]:
    """The rubric that a new run starts from, at that level."""
    return [Line(each.title, each.weight, each.is_about_logbook, each.bands(level)) for each in presets.RUBRICS[kind]]


@dataclass(frozen=True)
class Change:
    """One criterion and what becomes of it; `what`: the parts that change, as (name, before, after)."""

    title: str
    kind: str  # new, changed, removed, same
    what: tuple[tuple[str, str, str], ...] = ()


def compare(there: Sequence[Line], wanted: Sequence[Line]) -> list[Change]:
    """What putting `wanted` in the place of `there` does, criterion by criterion; an empty list where nothing.

    Only another order is a change of its own.
    """
    if list(there) == list(wanted):
        return []
    known = {line.title.casefold(): (place, line) for place, line in enumerate(there, 1)}
    changes = []
    for place, line in enumerate(wanted, 1):
        was = known.pop(line.title.casefold(), None)
        if was is None:
            changes.append(Change(line.title, "new", tuple(_parts(None, line))))
        else:
            moved = () if was[0] == place else (("Place", str(was[0]), str(place)),)
            what = (*moved, *_parts(was[1], line))
            changes.append(Change(line.title, "changed" if what else "same", what))
    return [*changes, *(Change(line.title, "removed") for _, line in known.values())]


def _parts(before: Line | None, after: Line) -> Iterator[tuple[str, str, str]]:
    pairs = zip(_said(before) if before else _said(Line("", 0)), _said(after), strict=True)
    for (name, was), (_, now) in pairs:
        if was != now or (before is None and now):
            yield name, was if before else "", now


def _said(line: Line) -> list[tuple[str, str]]:
    return [
        ("Criterion", line.title),
        ("Weight", f"{line.weight}%"),
        ("About the logbook", "Yes" if line.is_about_logbook else "No"),
        *((BAND_NAMES[band], line.bands.get(band, "")) for band in BANDS),
    ]
