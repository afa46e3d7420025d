"""The steps of a timed reminder: which is the latest that is past. What nobody could send for a week is not sent."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, cast, null

from placements.core.clock import in_london
from placements.db import UTCDateTime, shifted

DAY = timedelta(days=1)
CATCH_UP = timedelta(days=7)
MORNING = time(9)  # London
NO_DEADLINE: ColumnElement[datetime] = cast(null(), UTCDateTime())


def latest_step(
    at: Any, steps: Collection[int], now: datetime, unit: timedelta = DAY
) -> tuple[ColumnElement[datetime], ColumnElement[bool]]:
    """When the latest of the steps from the instant of that column was, and of which rows that is within the week."""
    moments = [step * unit for step in sorted(steps, reverse=True)]
    passed = [(at <= now - moment, shifted(at, moment)) for moment in moments]
    due_at = case(*passed, else_=null())
    narrowed = at.between(now - moments[0] - CATCH_UP, now - moments[-1])
    return due_at, and_(narrowed, due_at > now - CATCH_UP)


def latest_morning(day: date, steps: Collection[int], now: datetime, before: datetime | None = None) -> datetime | None:
    """The latest of the steps from that day that is past: each at 9am in London, and before `before`."""
    mornings = [in_london(day + step * DAY, MORNING) for step in sorted(steps, reverse=True)]
    passed = next((each for each in mornings if each <= now and (before is None or each < before)), None)
    return passed if passed is not None and passed > now - CATCH_UP else None
