"""What assessment writes to people: receipts, reminders of deadlines, that a mark is ready. No mail carries a mark."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, false, literal, select, union_all
from sqlalchemy.orm import selectinload

from placements.assessment.models import Mark, Submission
from placements.assessment.queries import RELEASED, Task, submission_of
from placements.assessment.queue import to_be_marked
from placements.assessment.rules import FEEDBACK_WEEKS, feedback_due_at, mitigation_closes_on, reminded_at
from placements.assessment.workflow import SubmissionState
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.queries import closed_days
from placements.cohorts.workflow import LEFT, RunState
from placements.db import UTCDateTime, db, shifted
from placements.mail.notices import Notice, Reminder
from placements.people.models import Person

DAY = timedelta(days=1)
MARKING_STEPS = (-7 * DAY, -DAY, DAY)  # from the day that the first of the marking is due


def _receipt(submission_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """True for ever: what is in now."""
    submission = db.session.get_one(Submission, submission_id, options=[selectinload(Submission.files)])
    return {"submission": submission, "task": Task(submission.component, submission.enrolment, submission)}


def _not_handed_in(submission_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    submission = db.session.get_one(Submission, submission_id)
    component = submission.component
    if submission.state is not SubmissionState.NOT_SUBMITTED or component.due_at is None:
        return None
    closes_on = mitigation_closes_on(component.due_at, closed_days())
    return {"component": component, "closes_on": closes_on, "tutor": submission.enrolment.group.tutor}


def _due(component_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    component = db.session.get_one(Component, component_id)
    enrolment = db.session.scalar(
        select(Enrolment).where(Enrolment.run_id == component.run_id, Enrolment.person_id == recipient.id)
    )
    if enrolment is None or enrolment.state in LEFT:
        return None
    task = Task(component, enrolment, submission_of(component.id, enrolment.id))
    return None if task.is_in or not task.is_open(now) else {"task": task, "component": component}


def portfolios_due(now: datetime) -> Select[int, int, datetime]:
    """Who has handed nothing in 7 and 2 days before the deadline, and on its day: at 9am."""
    coming = select(Component).join(Component.run).where(Component.kind == ComponentKind.PORTFOLIO)
    coming = coming.where(now < Component.due_at, Component.due_at < now + 9 * DAY, ModuleRun.state == RunState.OPEN)
    moments = {each.id: reminded_at(each.due_at, now) for each in db.session.scalars(coming) if each.due_at}
    due = {component_id: literal(moment, UTCDateTime()) for component_id, moment in moments.items() if moment}
    if not due:
        return select(Component.id, Component.run_id, literal(now, UTCDateTime())).where(false())
    its = (Submission.component_id == Component.id, Submission.enrolment_id == Enrolment.id)
    is_in = select(Submission.id).where(*its, Submission.state != SubmissionState.OPEN)
    return (
        select(Component.id, Enrolment.person_id, case(due, value=Component.id))
        .join(Enrolment, Enrolment.run_id == Component.run_id)
        .where(Component.id.in_(due), Enrolment.state.not_in(LEFT), ~is_in.exists())
    )


def marking_due(now: datetime) -> Select[int, int, datetime]:
    """Whose marking is due in a week, in a day, or was yesterday, by the first piece that waits. Said on that day."""
    waiting = to_be_marked(now).subquery()
    steps = []
    for step in MARKING_STEPS:
        at = shifted(waiting.c.first, timedelta(weeks=FEEDBACK_WEEKS) + step)
        rows = select(waiting.c.component_id, waiting.c.marker_id, at.label("at"))
        steps.append(rows.where(waiting.c.marker_id.is_not(None), at <= now, at > now - DAY))
    due = union_all(*steps).subquery()
    return select(due.c.component_id, due.c.marker_id, due.c["at"])


def _marking_due(component_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    waiting = to_be_marked(now).subquery()
    own = select(waiting.c.first, waiting.c.count).where(waiting.c.marker_id == recipient.id)
    row = db.session.execute(own.where(waiting.c.component_id == component_id)).first()
    if row is None:
        return None
    component, due_at = db.session.get_one(Component, component_id), feedback_due_at(row[0])
    return {"component": component, "count": row[1], "due_at": due_at, "is_late": due_at < now}


def _mark_ready(mark_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    mark = db.session.get_one(Mark, mark_id)
    return {"component": mark.component} if mark.state in RELEASED else None


RECEIPT = Notice("assessment.receipt", _receipt)
NOT_HANDED_IN = Notice("assessment.not_handed_in", _not_handed_in)
PORTFOLIO_DUE = Notice("assessment.portfolio_due", _due)
MARKING_DUE = Notice("assessment.marking_due", _marking_due)
MARK_READY = Notice("assessment.mark_ready", _mark_ready)

NOTICES = (RECEIPT, NOT_HANDED_IN, PORTFOLIO_DUE, MARKING_DUE, MARK_READY)
REMINDERS = (Reminder(PORTFOLIO_DUE, portfolios_due), Reminder(MARKING_DUE, marking_due))
