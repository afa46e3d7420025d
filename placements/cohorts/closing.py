"""Which days are closed: marked, opened again, and those of a whole academic year at once."""

from collections.abc import Mapping
from datetime import date, datetime

from placements.cohorts.models import ClosedDay
from placements.cohorts.queries import closed_days
from placements.core.clock import say_date
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, insert_new
from placements.history.actions import record


def close_days(names: Mapping[date, str], *, actor: Principal, now: datetime) -> int:
    """Mark each of these days as closed, unless it is. Returns how many were not. Raises Refused for a weekend."""
    if any(day.weekday() > 4 for day in names):
        raise Refused("That day is a Saturday or Sunday, which is no working day anyway.", "day")
    new = sorted(names.keys() - closed_days())
    insert_new(ClosedDay, [{"day": day, "name": names[day]} for day in new])
    for day in new:
        record(f"marked {say_date(day)} as closed", ClosedDay(day=day), actor=actor, now=now)
    return len(new)


def open_day(day: date, *, actor: Principal, now: datetime) -> bool:
    """Make a closed day a working day again. Returns False where it is one."""
    closed = db.session.get(ClosedDay, day)
    if closed is None:
        return False
    record(f"marked {say_date(day)} as open again", closed, actor=actor, now=now)
    db.session.delete(closed)
    db.session.flush()
    return True
