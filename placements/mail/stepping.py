"""The steps of a timed reminder: which is the latest that is past. What nobody could send for a week is not sent."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, cast, false, literal, null

from placements.core.clock import clock_changes, in_london, today
from placements.db import UTCDateTime, shifted

DAY = timedelta(days=1)
CATCH_UP = timedelta(days=7)
MORNING = time(9)  # London
NO_DEADLINE: ColumnElement[datetime] = cast(null(), UTCDateTime())


def latest_step(
    at: Any, steps: Collection[int], now: datetime, unit: timedelta = DAY
) -> tuple[ColumnElement[datetime], ColumnElement[bool]]:
    """When the latest of the steps from the instant of that column was, and of which rows that is within the week.

    Days are London's: a step of some days is at the same time on its clocks, also where they were changed in between.
    """
    ordered = sorted(steps, reverse=True)
    moments = [_stepped(at, step, now, unit) for step in ordered]
    due_at = case(*((moment <= now, moment) for moment in moments), else_=null())
    narrowed = at.between(now - ordered[0] * unit - CATCH_UP - DAY, now - ordered[-1] * unit + DAY)
    return due_at, and_(narrowed, due_at > now - CATCH_UP)


def _stepped(at: Any, step: int, now: datetime, unit: timedelta) -> ColumnElement[datetime]:
    """The instant so many steps on; by what the clocks were changed in between, a day was shorter or longer."""
    moved = step * unit
    if unit != DAY:
        return shifted(at, moved)
    reach = abs(moved) + CATCH_UP + DAY
    changes = clock_changes(today(now - reach), today(now + reach))
    forward = [((at < change) & (shifted(at, moved) >= change), shifted(at, moved - gain)) for change, gain in changes]
    back = [((at >= change) & (shifted(at, moved) < change), shifted(at, moved + gain)) for change, gain in changes]
    crossed = forward if step > 0 else back
    return case(*crossed, else_=shifted(at, moved)) if crossed and step else shifted(at, moved)


def latest_morning(day: date, steps: Collection[int], now: datetime, before: datetime | None = None) -> datetime | None:
    """The latest of the steps from that day that is past: each at 9am in London, and before `before`."""
    mornings = [in_london(day + step * DAY, MORNING) for step in sorted(steps, reverse=True)]
    passed = next((each for each in mornings if each <= now and (before is None or each < before)), None)
    return passed if passed is not None and passed > now - CATCH_UP else None


def moment_by(
    column: Any, moments: Mapping[Any, datetime | None]
) -> tuple[ColumnElement[datetime], ColumnElement[bool]]:
    """The moment that stands beside a row's value of that column, and of which rows one does."""
    values: defaultdict[datetime, list[Any]] = defaultdict(list)
    for value, moment in moments.items():
        if moment is not None:
            values[moment].append(value)
    if not values:
        return NO_DEADLINE, false()
    due_at = case(*((column.in_(each), literal(at, UTCDateTime())) for at, each in values.items()), else_=null())
    return due_at, column.in_([value for each in values.values() for value in each])
