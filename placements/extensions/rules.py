"""When a deadline may be moved, and to when."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum

from placements.core import clock


class Cause(StrEnum):
    """Why a deadline may be moved at all. What happened to the student is mitigation, and claimed elsewhere."""

    ADJUSTMENT = "adjustment"
    PLACED_LATE = "placed_late"
    ORGANISATION_LOST = "organisation_lost"
    UNIVERSITY = "university"


def later_by(due_at: datetime, days: int, closed: Collection[date] = ()) -> datetime:
    """So many days later at the same London time; where that is no working day, the next one."""
    there = clock.london(due_at)
    day = clock.add_working_days(there.date() + timedelta(days=days), 0, closed)
    return clock.in_london(day, there.time())


def objection(before: datetime, after: datetime, *, now: datetime, is_in: bool) -> str | None:
    """Why a deadline cannot be moved so, in a sentence; None where it can. `before` is what it is without."""
    if after <= before:
        return f"That is not later than the deadline, {clock.say_when(before)}."
    if after <= now and not is_in:
        return "That has passed already, and nothing has been handed in."
    return None
