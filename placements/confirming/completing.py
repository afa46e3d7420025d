"""Completing a placement once its hours are confirmed: by the tutor, or by itself after its last day."""

from datetime import datetime

from sqlalchemy import select

from placements.cohorts.models import Enrolment, ModuleRun
from placements.confirming.rules import too_few_hours
from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.policy import NOBODY, Principal
from placements.db import db
from placements.logbook.hours import confirmed_minutes, hours_of
from placements.placing import endings
from placements.placing.models import Placement
from placements.placing.queries import whole
from placements.placing.workflow import PlacementState

BATCH = 200


def complete(placement: Placement, *, actor: Principal, now: datetime) -> None:
    """Complete placement and enrolment; all three are told. Completed already: nothing happens.

    Raises Refused while fewer hours are confirmed than the run asks for at least.
    """
    problem = too_few_hours(hours_of([placement.id])[placement.id].confirmed, placement.enrolment.run.minutes_minimum)
    if placement.state is PlacementState.ACTIVE and problem:
        raise Refused(problem)
    endings.complete(placement, actor=actor, now=now)


def complete_due(now: datetime) -> int:
    """Complete up to BATCH placements whose last day is over and whose target is confirmed. Returns how many.

    For the worker, which commits. What reached the minimum and not the target is left for the tutor to decide.
    """
    likely = db.session.scalars(
        select(Placement)
        .join(Placement.enrolment)
        .join(Enrolment.run)
        .where(Placement.state == PlacementState.ACTIVE, Placement.ends_on < today(now))
        .where(confirmed_minutes() >= ModuleRun.minutes_target)
        .options(*whole())
        .order_by(Placement.ends_on, Placement.id)
        .limit(BATCH)
        .with_for_update(of=Placement, skip_locked=True)
    ).all()
    totals = hours_of([placement.id for placement in likely])
    due = [each for each in likely if totals[each.id].confirmed >= each.enrolment.run.minutes_target]
    for placement in due:
        endings.complete(placement, actor=NOBODY, now=now)
    return len(due)
