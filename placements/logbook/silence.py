"""What silence means: when a student has last been there, and for how many days nothing has been logged."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, ScalarSelect, func, select

from placements.core.clock import today
from placements.logbook.models import Entry
from placements.logbook.queries import UNSENT
from placements.placing.models import Placement
from placements.placing.workflow import PlacementState


def last_visit_on() -> ScalarSelect[date]:
    """The day of the last visit that the student has sent, as a column beside Placement."""
    found = select(func.max(Entry.on)).where(Entry.placement_id == Placement.id, Entry.state.not_in(UNSENT))
    return found.scalar_subquery()


def quiet_since() -> ColumnElement[date]:
    """The day that a placement's silence is counted from: its last visit, or its start."""
    return func.coalesce(last_visit_on(), Placement.starts_on)


def silent_days(placement: Placement, last_on: date | None, now: datetime) -> int | None:
    """For how many days nothing has been logged; None while nothing is expected."""
    if placement.state is not PlacementState.ACTIVE:
        return None
    return max(0, (today(now) - (last_on or placement.starts_on)).days)
