"""What stops work once a placement has begun: a safety gate at once, a paper that ran out after ten working days."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select

from placements.cohorts.queries import closed_days
from placements.core.clock import today
from placements.core.policy import NOBODY
from placements.db import db
from placements.partners.rules import stopping_papers
from placements.placing.endings import pause, resume
from placements.placing.models import Keeper, Pause, Placement
from placements.placing.queries import is_stopped, whole
from placements.placing.workflow import PlacementState

BATCH = 200
STOPPED = "A check of the university’s does not hold any more."


def stop_and_go(now: datetime) -> int:
    """Pause up to BATCH placements that something stops, and let go on what nothing stops any more; for the worker.

    In nobody's name, under the word that every pause has. Only those go on that were paused here: what the team or
    safeguarding paused is theirs to let go on. Returns how many moved.
    """
    stopped = is_stopped(stopping_papers(today(now), closed_days()))
    its_own = Placement.pauses.any((Pause.until_at.is_(None)) & (Pause.kept_by == Keeper.UNIVERSITY))
    to_stop = _held(Placement.state == PlacementState.ACTIVE, stopped)
    to_go = _held(Placement.state == PlacementState.PAUSED, its_own, ~stopped)
    for placement in to_stop:
        pause(placement, STOPPED, actor=NOBODY, now=now, kept_by=Keeper.UNIVERSITY)
    for placement in to_go:
        resume(placement, actor=NOBODY, now=now, kept_by=Keeper.UNIVERSITY)
    return len(to_stop) + len(to_go)


def _held(*which: ColumnElement[bool]) -> Sequence[Placement]:
    rows = select(Placement).where(*which).options(*whole()).order_by(Placement.id).limit(BATCH)
    return db.session.scalars(rows.with_for_update(of=Placement, skip_locked=True)).all()
