"""What is written about scripts: some were given to a marker; to the leader, marking is late. Never a mark."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from placements.assessment.models import Mark
from placements.assessment.rules import feedback_due_at
from placements.assessment.waiting import back_at, to_be_marked
from placements.assessment.workflow import MarkState
from placements.cohorts.models import Component, RoleOnRun
from placements.db import UTCDateTime, db
from placements.mail.notices import Notice, Pace, Timed, TimedReminder
from placements.mail.stepping import NO_DEADLINE, latest_step
from placements.people.models import Person


def _given(component_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """As long as any of them waits."""
    theirs = select(func.count(Mark.id)).where(Mark.component_id == component_id, Mark.allocated_id == recipient.id)
    count = db.session.scalar(theirs.where(Mark.state == MarkState.DRAFTED))
    return {"component": db.session.get_one(Component, component_id), "count": count} if count else None


def _marking_late(component_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """How many pieces wait, with whom, as long as the first is past its day."""
    waiting = to_be_marked(now).subquery()
    each = select(Person, waiting.c.count.label("pieces"), waiting.c.first).select_from(waiting)
    each = each.outerjoin(Person, Person.id == waiting.c.marker_id).where(waiting.c.component_id == component_id)
    rows = db.session.execute(each.order_by(waiting.c.first, waiting.c.marker_id)).all()
    component = db.session.get_one(Component, component_id)
    if not rows or feedback_due_at(rows[0].first, component.feedback_weeks) >= now:
        return None
    due_at, count = feedback_due_at(rows[0].first, component.feedback_weeks), sum(row.pieces for row in rows)
    return {"component": component, "rows": rows, "count": count, "due_at": due_at}


GIVEN = Notice(
    "scripts.given",
    _given,
    pace=Pace.DAILY,
    run="component.run_id",
    fills={"component": "component.title", "count": "count"},
)
MARKING_LATE = Notice(
    "scripts.marking_late",
    _marking_late,
    pace=Pace.DAILY,
    run="component.run_id",
    fills={"component": "component.title", "deadline": "due_at | when"},
)

NOTICES = (GIVEN, MARKING_LATE)


def marking_late(now: datetime, steps: tuple[int, ...]) -> Timed:
    """The module leaders, so many days after the first of a component's marking was due."""
    waiting = to_be_marked(now).subquery()
    first_back_at = back_at(func.min(waiting.c.first, type_=UTCDateTime()))
    first = select(Component.id, Component.run_id, first_back_at.label("back_at"))
    first = first.join(waiting, waiting.c.component_id == Component.id)
    late = first.group_by(Component.id, Component.run_id, Component.feedback_weeks).subquery()
    due_at, is_due = latest_step(late.c.back_at, steps, now)
    found = select(late.c.id, RoleOnRun.person_id, due_at, late.c.run_id, NO_DEADLINE)
    return found.join(RoleOnRun, RoleOnRun.leads(late.c.run_id)).where(is_due)


BACK = "the day on which the first piece is due back"

REMINDERS = (TimedReminder(MARKING_LATE, marking_late, steps=(3,), hangs_on=BACK),)
