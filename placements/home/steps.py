"""What a home says: each step what, with whom, by when, which page to open; and how what one looks after stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from placements.core.clock import in_london
from placements.placing.models import Placement

MOST = 5
END_OF_DAY = time(17)  # in London, by when something is to be done on a day


@dataclass(frozen=True)
class Step:
    """One thing to do. `by` is its deadline (UTC) if it has one; `endpoint` and `values` make its address."""

    what: str
    button: str
    endpoint: str
    values: dict[str, str] = field(default_factory=dict)
    who: str = ""
    by: datetime | None = None


@dataclass(frozen=True)
class Figure:
    """One number (or hours, said), what it counts, and the page that it opens."""

    number: int | str
    label: str
    endpoint: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """One role's part of a home: what is to do, what it looks after in a sentence, the state of that in numbers.

    `more`: a question that the sentence may leave, and the page that answers it.
    """

    title: str
    about: str
    steps: Sequence[Step] = ()
    figures: Sequence[Figure] = ()
    placements: Sequence[Placement] = ()
    more: tuple[str, str] | None = None


def most_urgent(steps: Iterable[Step]) -> list[Step]:
    """At most five: the earliest deadline first, then those without one as they came."""
    return sorted(steps, key=lambda step: (step.by is None, step.by.timestamp() if step.by else 0))[:MOST]


def end_of(day: date | None) -> datetime | None:
    """By when something is to be done on that day, where there is one (UTC)."""
    return in_london(day, END_OF_DAY) if day else None


def many(count: int, one: str, several: str) -> str:
    """“1 enquiry waits”, “3 enquiries wait”."""
    return f"{count} {one if count == 1 else several}"
