"""What is true on paper about a brief: what it still lacks, and how long a review may take."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from placements.core.clock import add_working_days, today

REVIEWED_WITHIN = 5  # working days; after them engagement may review in the champion's place
LEAST_NEED = 60  # characters: shorter says too little for a student to choose by
MOST_PLACES = 30

# What each challenge area is about, by its key.
ABOUT_THEMES = {
    "crime": "Safer streets, young people at risk, support for those who were harmed",
    "poverty": "Food, fuel, debt, housing, and getting by on little",
    "environment": "Green places, waste and repair, clean air, warm homes",
    "social_wealth": "People and places that bring a neighbourhood together",
    "discrimination": "Being heard, being included, being treated fairly",
    "health": "Body and mind: moving more, eating well, being less alone",
}


class Brief(Protocol):
    """What the rules read of a challenge."""

    need: str
    output: str
    suits_level_5: bool
    suits_level_6: bool
    site_id: int | None
    supervisor_id: int
    days: int
    times: str
    skills: str
    client_group: str
    access_notes: str


@dataclass(frozen=True)
class Part:
    """One part of a brief: the field that it is written in, what to do, whether it must be done and is."""

    field: str
    what: str
    is_needed: bool
    is_done: bool


def parts(brief: Brief, *, is_remote: bool, contacts: Collection[int]) -> list[Part]:
    """Everything that makes a brief good, in the form's order. `contacts`: the people who work there now, by key."""
    return [
        Part("need", "Say what you need in two or three sentences", True, len(brief.need) >= LEAST_NEED),
        Part("output", "Say what is left behind at the end", True, bool(brief.output)),
        Part("levels", "Choose which students it suits", True, brief.suits_level_5 or brief.suits_level_6),
        Part("site", "Choose where it happens", True, is_remote or brief.site_id is not None),
        Part("supervisor", "Choose a supervisor who works there now", True, brief.supervisor_id in contacts),
        Part("times", "Say on which days and when", False, bool(brief.days or brief.times)),
        Part("skills", "Name skills that are welcome or learnt", False, bool(brief.skills)),
        Part("client_group", "Say who the students will work with", False, bool(brief.client_group)),
        Part("access_notes", "Say how accessible the place is", False, is_remote or bool(brief.access_notes)),
    ]


def missing(found: Sequence[Part]) -> list[Part]:
    """What must be done before the brief can be sent for review."""
    return [part for part in found if part.is_needed and not part.is_done]


def review_due(submitted_at: datetime) -> date:
    """The day by which a champion should have answered."""
    return add_working_days(today(submitted_at), REVIEWED_WITHIN)


def is_review_late(submitted_at: datetime | None, now: datetime) -> bool:
    """Whether the champion's days are over."""
    return submitted_at is not None and today(now) > review_due(submitted_at)


def as_days(chosen: Collection[int]) -> int:
    """Days of the week (Monday is 0) as bits."""
    return sum(1 << place for place in set(chosen))
