"""What assessment writes to people: receipts and reminders of deadlines. No mail carries a mark."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import selectinload

from placements.assessment.models import Submission
from placements.assessment.outstanding import outstanding
from placements.assessment.queries import OWN_DEADLINE, RELEASED, Task, published_due_at, submission_of
from placements.assessment.rules import feedback_due_at, mitigation_closes_on
from placements.assessment.waiting import back_at, to_be_marked
from placements.assessment.workflow import SubmissionState
from placements.cohorts.models import Component, ComponentKind, Enrolment
from placements.cohorts.queries import closed_days
from placements.cohorts.workflow import LEFT
from placements.core.clock import london, today
from placements.db import db
from placements.drafting.models import Draft
from placements.drafting.queries import draft_of
from placements.mail.notices import Notice, Pace, Timed, TimedReminder
from placements.mail.stepping import DAY, NO_DEADLINE, latest_morning, latest_step, moment_by
from placements.people.models import Person
from placements.placing.models import Placement

HOUR = timedelta(hours=1)


def _receipt(submission_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """True for ever: what is in now."""
    submission = db.session.get_one(Submission, submission_id, options=[selectinload(Submission.files)])
    task = Task(submission.component, submission.enrolment, submission)
    return {"submission": submission, "task": task, "hand_in": submission.hand_ins[-1]}


def _not_handed_in(submission_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    submission = db.session.get_one(Submission, submission_id)
    published = published_due_at(submission)
    if submission.state is not SubmissionState.NOT_SUBMITTED or published is None:
        return None
    closes_on = mitigation_closes_on(published, closed_days())
    return {
        "component": submission.component,
        "due_at": submission.own_due_at,
        "closes_on": closes_on if closes_on >= today(now) else None,
        "tutor": submission.enrolment.group.tutor,
    }


def _due(component_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    component = db.session.get_one(Component, component_id)
    enrolment = db.session.scalar(
        select(Enrolment).where(Enrolment.run_id == component.run_id, Enrolment.person_id == recipient.id)
    )
    if enrolment is None or enrolment.state in LEFT:
        return None
    task = Task(component, enrolment, submission_of(component.id, enrolment.id))
    if task.is_in or not task.is_asked or task.due_at is None or task.due_at < now:
        return None
    draft = draft_of(task.piece)
    placed = select(Placement).where(Placement.enrolment_id == enrolment.id).order_by(Placement.id.desc()).limit(1)
    values = {"task": task, "component": component, "draft": draft if draft and not draft.is_empty else None}
    return values | {"placement": db.session.scalar(placed)}


def portfolios_due(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Who has handed nothing in so many days before their own deadline: at 9am."""
    return _still_due(outstanding(), now, steps)


def agreements_due(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Who has not sent their Agreement out at the same times before their own deadline."""
    is_first = func.coalesce(Submission.attempt, 1) == 1  # a second one is handed in as a portfolio is
    return _still_due(outstanding(ComponentKind.AGREEMENT).where(is_first), now, steps)


def drafts_waiting(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Who has a draft and nothing in so many hours before their own deadline."""
    due_at, is_due = latest_step(OWN_DEADLINE, steps, now, HOUR)
    attempt = func.coalesce(Submission.attempt, 1)
    is_its = (Draft.component_id == Component.id, Draft.enrolment_id == Enrolment.id, Draft.attempt == attempt)
    found = outstanding().where(now <= OWN_DEADLINE, is_due).join(Draft, and_(*is_its)).where(Draft.version > 0)
    return found.with_only_columns(Component.id, Enrolment.person_id, due_at, Component.run_id, OWN_DEADLINE)


def _draft_waits(component_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    values = _due(component_id, recipient, now)
    is_still_so = values is not None and values["draft"] and values["task"].is_open(now)
    return values if is_still_so else None


def _still_due(asked: Select[Component, Enrolment, Submission], now: datetime, steps: tuple[int, ...]) -> Timed:
    waited_for = asked.where(OWN_DEADLINE.between(now, now + (2 - min(0, *steps)) * DAY))
    deadlines = db.session.scalars(waited_for.with_only_columns(OWN_DEADLINE).distinct()).all()
    moments = {each: latest_morning(london(each).date(), steps, now, before=each) for each in deadlines}
    due_at, is_due = moment_by(OWN_DEADLINE, moments)
    columns = (Component.id, Enrolment.person_id, due_at, Component.run_id, OWN_DEADLINE)
    return waited_for.where(is_due).with_only_columns(*columns)


def marking_due(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Whose marking is due or was so many days ago, by the first piece that waits."""
    waiting = to_be_marked(now).subquery()
    due_at, is_due = latest_step(back_at(waiting.c.first), steps, now)
    found = select(waiting.c.component_id, waiting.c.marker_id, due_at, Component.run_id, NO_DEADLINE)
    found = found.join(Component, Component.id == waiting.c.component_id)
    return found.where(waiting.c.marker_id.is_not(None), is_due)


def _marking_due(component_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    waiting = to_be_marked(now).subquery()
    own = select(waiting.c.first, waiting.c.count).where(waiting.c.marker_id == recipient.id)
    row = db.session.execute(own.where(waiting.c.component_id == component_id)).first()
    if row is None:
        return None
    component = db.session.get_one(Component, component_id)
    due_at = feedback_due_at(row[0], component.feedback_weeks)
    return {"component": component, "count": row[1], "due_at": due_at, "is_late": due_at < now}


def _mark_corrected(submission_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """True until the next correction; whether there is still a mark to see is asked when it is sent."""
    submission = db.session.get_one(Submission, submission_id)
    is_released = submission.mark is not None and submission.mark.state in RELEASED
    return {"component": submission.component, "due_at": submission.own_due_at, "is_released": is_released}


RUN = "component.run_id"
FILLS = {"component": "component.title", "deadline": "task.due_at | when"}

RECEIPT = Notice("assessment.receipt", _receipt, pace=Pace.NOW)
NOT_HANDED_IN = Notice(
    "assessment.not_handed_in",
    _not_handed_in,
    run=RUN,
    fills={"component": "component.title", "deadline": "due_at | when"},
)
DEADLINE = "task.due_at"
PORTFOLIO_DUE = Notice("assessment.portfolio_due", _due, Pace.DAILY, run=RUN, fills=FILLS, deadline=DEADLINE)
AGREEMENT_DUE = Notice("assessment.agreement_due", _due, Pace.DAILY, run=RUN, fills=FILLS, deadline=DEADLINE)
DRAFT_WAITS = Notice("assessment.draft_waits", _draft_waits, run=RUN, fills=FILLS, deadline=DEADLINE)
MARKING_DUE = Notice(
    "assessment.marking_due",
    _marking_due,
    pace=Pace.DAILY,
    run=RUN,
    fills={"component": "component.title", "deadline": "due_at | when"},
)
MARK_CORRECTED = Notice("assessment.mark_corrected", _mark_corrected, run=RUN, fills={"component": "component.title"})

NOTICES = (
    RECEIPT,
    NOT_HANDED_IN,
    PORTFOLIO_DUE,
    AGREEMENT_DUE,
    DRAFT_WAITS,
    MARKING_DUE,
    MARK_CORRECTED,
)
OWN = "the student’s own deadline"
BACK = "the day on which the first piece is due back"

REMINDERS = (
    TimedReminder(PORTFOLIO_DUE, portfolios_due, steps=(-7, -2, 0), hangs_on=OWN),
    TimedReminder(AGREEMENT_DUE, agreements_due, steps=(-7, -2, 0), hangs_on=OWN),
    TimedReminder(DRAFT_WAITS, drafts_waiting, steps=(-3,), hangs_on=OWN, unit="hour"),
    TimedReminder(MARKING_DUE, marking_due, steps=(-7, -1, 1), hangs_on=BACK, then="scripts.marking_late"),
)
