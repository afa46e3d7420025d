"""What is true of a running of the module on paper: its hours, its components, its academic year."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True)
class Hours:
    """A run's placement hours, in minutes."""

    target: int
    minimum: int
    ceiling: int


# Target: module specification. Minimum and ceiling: the module's own account, “40–70 hours”.
DEFAULT_HOURS = Hours(target=45 * 60, minimum=40 * 60, ceiling=70 * 60)


class ComponentKind(StrEnum):
    """The three pieces of work that every run asks for."""

    AGREEMENT = "agreement"
    FEEDBACK = "feedback"
    PORTFOLIO = "portfolio"


class MarkedBy(StrEnum):
    """Who writes a component's mark or comment: each student's own tutor, the run's markers together, or the host."""

    TUTOR = "tutor"
    SHARED = "shared"
    SUPERVISOR = "supervisor"


class Scale(StrEnum):
    """How a mark is given: any whole number from 0 to 100, or one of a few fixed marks in each band."""

    NUMERIC = "numeric"
    POINTS = "points"


class ModerationKind(StrEnum):
    """How much of what was marked somebody else looks at before it is released."""

    SAMPLE = "sample"
    ALL = "all"
    NONE = "none"


class Shortfall(StrEnum):
    """What fewer confirmed hours than the run's minimum do to the result."""

    REPORTED = "reported"
    CAPPED = "capped"
    DEFERRED = "deferred"


AGREE_WITHIN = 5  # two marks that lie this far apart, or less, may be agreed by themselves; norm
FEEDBACK_WEEKS = 3  # from the student's own deadline; student charter
DAYS_AFTER_PLACING = 28  # from a student's placing to the deadline of their Challenge Agreement; ours
BORDERLINE = 2  # marks this near to the edge of a band are moderated with the sample; norm
POINTS = (85, 75, 68, 65, 62, 58, 55, 52, 48, 45, 42, 35, 20, 0)  # the fixed marks of a scale by points; norm


@dataclass(frozen=True)
class Component:
    """One assessed component: `weight` in per cent of the module mark (0: required, but moves no mark)."""

    kind: ComponentKind
    name: str
    weight: int
    marked_by: MarkedBy


@dataclass(frozen=True)
class Module:
    """A module code with what its specification prints."""

    code: str
    level: int
    credits: int
    components: tuple[Component, ...]


def _components(agreement: int, feedback: int, portfolio: int) -> tuple[Component, ...]:
    return (
        Component(
            ComponentKind.AGREEMENT, "Empowering London Challenge Agreement", agreement, marked_by=MarkedBy.TUTOR
        ),
        Component(ComponentKind.FEEDBACK, "Project Supervisor Feedback", feedback, marked_by=MarkedBy.SUPERVISOR),
        Component(ComponentKind.PORTFOLIO, "Final Project Portfolio", portfolio, marked_by=MarkedBy.TUTOR),
    )


# Weights as printed: WL5W50 2020/21, WL6W50 2024/25. A run starts from these and may change them.
MODULES = {
    "WL5W50": Module("WL5W50", level=5, credits=15, components=_components(0, 0, 100)),
    "WL6W50": Module("WL6W50", level=6, credits=15, components=_components(25, 0, 75)),
}


def hours_problems(hours: Hours) -> dict[str, str]:
    """What is wrong with a run's hours: field → sentence; empty where nothing is."""
    problems = {}
    if hours.minimum <= 0:
        problems["minimum"] = "Enter a minimum of more than 0 hours."
    if hours.target < hours.minimum:
        problems["target"] = "Enter a target that is at least the minimum."
    if hours.ceiling < hours.target:
        problems["ceiling"] = "Enter a ceiling that is at least the target."
    return problems


def academic_year(day: date) -> str:
    """The academic year that a date falls in, as “2026/27”: 1 August to 31 July."""
    return academic_year_starting(day.year if day.month >= 8 else day.year - 1)


def academic_year_starting(year: int) -> str:
    """The academic year that begins in August of `year`, as “2026/27”."""
    return f"{year}/{(year + 1) % 100:02}"


def academic_year_span(label: str) -> tuple[date, date]:
    """The first and last day of an academic year written “2026/27”. Raises ValueError on any other writing."""
    year = int(label[:4])
    if label != academic_year_starting(year):
        raise ValueError(f"{label!r} is not an academic year")
    return date(year, 8, 1), date(year + 1, 7, 31)


def examined_until(label: str) -> date:
    """The usual last day of an external examiner of that academic year: the 30 September after it."""
    return academic_year_span(label)[1].replace(month=9, day=30)


def read_academic_year(text: str) -> str:
    """“2026/27” from “2026/27”, “2026-27”, “2026/2027” or a student record's “2026/7”. Raises ValueError otherwise."""
    found = re.fullmatch(r"(20[0-9]{2})\s*[/–-]\s*([0-9]{1,4})", text.strip())
    if not found:
        raise ValueError(f"{text!r} is not an academic year")
    year, ending = int(found[1]), found[2]
    if len(ending) == 3 or not str(year + 1).endswith(ending):
        raise ValueError(f"{text!r} does not name two years in a row")
    return academic_year_starting(year)
