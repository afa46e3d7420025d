"""A component's rules and rubric on paper: weights, late work, fixed marks, criteria and what their bands show."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from placements.core.errors import Refused
from placements.core.sheets import check_characters

BANDS = ("70", "60", "50", "40", "0")  # first, upper second, lower second, third, fail, each by its lowest mark (norm)
BAND_NAMES = {
    "70": "70 and over",
    "60": "60 to 69",
    "50": "50 to 59",
    "40": "40 to 49",
    "0": "Below 40",
}
TITLE_LENGTH = 200
SHOWS_LENGTH = 1000
MOST_CRITERIA = 20
MOST_DAYS_LATE = 28
USUAL_CAP = 40  # the pass mark
BEGINS_A_FORMULA = "=+-@'＝＋－＠"  # an apostrophe too: spreadsheets take the first one away


@dataclass(frozen=True)
class Line:
    """One criterion of a rubric; `bands`: the lowest mark of a band → what work of that band shows, if it is said."""

    title: str
    weight: int
    is_about_logbook: bool = False
    bands: Mapping[str, str] = field(default_factory=dict)


def weights_problems(weights: Sequence[int]) -> dict[str, str]:
    """What is wrong with weights in per cent that make a whole: {"weights": sentence}, or empty."""
    if any(weight < 0 for weight in weights):
        return {"weights": "Enter each weight as 0 or more."}
    if sum(weights) != 100:
        return {"weights": f"The weights add up to {sum(weights)}. Change them to add up to 100."}
    return {}


def tidy(text: str) -> str:
    """The text as a rubric keeps it: one paragraph, single spaces, composed letters."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def words_problem(text: str, longest: int) -> str | None:
    """Why tidy text cannot stand in a rubric, which must come back from a spreadsheet as it went; None where it can."""
    if len(text) > longest:
        return f"Use at most {longest:,} characters."
    if text.startswith(tuple(BEGINS_A_FORMULA)):
        return "Begin with a letter or a number: a spreadsheet would take this for a formula."
    try:
        check_characters(text)
    except Refused as refused:
        return refused.sentence
    return None


def rubric_problems(lines: Sequence[Line], *, takes_logbook: bool) -> Iterator[tuple[int, str, str]]:
    """What is wrong with a rubric: (which line, its field or the band's lowest mark, a sentence), in order.

    `takes_logbook`: whether criteria may be about the logbook, as the portfolio's may.
    """
    if not lines:
        yield 0, "title", "A rubric has at least one criterion. Keep one, or add one."
    if len(lines) > MOST_CRITERIA:
        yield MOST_CRITERIA, "title", f"A rubric has at most {MOST_CRITERIA} criteria. Join some of them."
    first_at: dict[str, int] = {}
    for at, line in enumerate(lines):
        if first_at.setdefault(line.title.casefold(), at) != at:
            yield at, "title", f"There is a criterion “{line.title}” already. Give each a title of its own."
        if line.is_about_logbook and not takes_logbook:
            yield at, "is_about_logbook", "Only criteria of the portfolio can be about the logbook."
        yield from ((at, name, sentence) for name, sentence in _line_problems(line))
    for sentence in weights_problems([line.weight for line in lines]).values() if lines else ():
        yield len(lines) - 1, "weight", sentence


def _line_problems(line: Line) -> Iterator[tuple[str, str]]:
    if not line.title:
        yield "title", "Give the criterion a title."
    if not 1 <= line.weight <= 100:
        yield "weight", "Enter a weight from 1 to 100."
    for name, said in (("title", line.title), *line.bands.items()):
        if problem := words_problem(said, TITLE_LENGTH if name == "title" else SHOWS_LENGTH):
            yield name, problem


LATE_KINDS = {
    "not_accepted": "Not accepted: it counts as not handed in, and the mark is 0",
    "capped_within": "Marked for some days, with at most a fixed mark",
    "sliding": "Marked for some days, and loses marks for each day begun",
}


@dataclass(frozen=True)
class Late:
    """What is said of late work: its kind, until how many days, and by kind the cap or what each day costs."""

    kind: str
    days: int | None = None
    cap: int | None = None
    points_per_day: int | None = None

    def problems(self) -> dict[str, str]:
        """What is missing or out of bounds, by field."""
        found: dict[str, str] = {}
        if self.kind not in LATE_KINDS:
            return {"kind": "Choose what happens to late work."}
        if self.kind == "not_accepted":
            return found
        if not self.days or not 1 <= self.days <= MOST_DAYS_LATE:
            found["days"] = f"Enter for how many days late work is marked, 1 to {MOST_DAYS_LATE}."
        if self.kind == "capped_within" and (self.cap is None or not 0 <= self.cap <= 100):
            found["cap"] = "Enter the most that late work can get, 0 to 100."
        if self.kind == "sliding" and (not self.points_per_day or not 1 <= self.points_per_day <= 100):
            found["points_per_day"] = "Enter what each day costs, 1 to 100 marks."
        return found

    def kept(self) -> dict[str, Any]:
        """As a component keeps it: what its kind needs, and nothing else."""
        needs = {"not_accepted": (), "capped_within": ("days", "cap"), "sliding": ("days", "points_per_day")}
        return {"kind": self.kind, **{name: getattr(self, name) for name in needs[self.kind]}}


def read_points(text: str) -> list[int] | None:
    """Fixed marks typed with commas or spaces, the highest first; None where some are no whole numbers up to 100."""
    parts = [part for part in re.split(r"[\s,;/]+", text) if part]
    if not all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):
        return None
    points = sorted({int(part) for part in parts}, reverse=True)
    return points if all(point <= 100 for point in points) else None


def points_problem(points: Sequence[int] | None) -> str | None:
    """What is wrong with fixed marks: each band needs one, or nobody could be given it."""
    if not points:
        return "Enter the marks as whole numbers from 0 to 100, with commas between them."
    tops = (101, *(int(each) for each in BANDS))
    for top, lowest in zip(tops, BANDS, strict=False):
        if not any(int(lowest) <= point < top for point in points):
            return f"Enter at least one mark in the band {BAND_NAMES[lowest].lower()}."
    return None
