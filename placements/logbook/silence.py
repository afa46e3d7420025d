"""Which logbooks are silent: nothing logged although the plan expected a visit."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, func, select

from placements.attendance.queries import silence
from placements.cohorts.models import Enrolment
from placements.core.clock import today
from placements.db import db
from placements.logbook.models import Entry
from placements.logbook.queries import UNSENT
from placements.placing.models import Placement
from placements.placing.workflow import PlacementState


def last_visit_on() -> ScalarSelect[date]:
    """The day of the last visit that the student has sent, as a column beside Placement."""
    found = select(func.max(Entry.on)).where(Entry.placement_id == Placement.id, Entry.state.not_in(UNSENT))
    return found.scalar_subquery()


def last_heard_on() -> ColumnElement[date]:
    """The day of a placement's last visit, or its start where nothing is logged, as a column beside it."""
    return func.coalesce(last_visit_on(), Placement.starts_on)


def silent_since(now: datetime, days: int, *which: ColumnElement[bool]) -> dict[int, date]:
    """The day that silence is counted from, by placement, of those of `which` that are silent for so many days.

    `which` are conditions on Placement and Enrolment. What the calendar alone does not call silent, the plan never
    does, so only the rest are looked at. One query, and five more where there are any.
    """
    long_ago = today(now) - timedelta(days=days)
    rows = db.session.execute(
        select(Placement.id, last_visit_on())
        .join(Placement.enrolment)
        .join(Enrolment.run)
        .where(Placement.state == PlacementState.ACTIVE, last_heard_on() <= long_ago, *which)
    )
    found = silence({row[0]: row[1] for row in rows}, now)
    return {key: since for key, since in found.items() if since <= long_ago}


def silent_days(last_on: Mapping[int, date | None], now: datetime) -> dict[int, int]:
    """For how many days each placement has been silent, by key, given the day of its last visit; none that is not."""
    return {key: (today(now) - since).days for key, since in silence(last_on, now).items()}
