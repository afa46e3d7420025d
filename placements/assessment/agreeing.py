"""The Challenge Agreement as work: its deadline hangs on the student's placing, and sending it out hands it in."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import aliased

from placements.agreements.models import Agreement
from placements.assessment.actions import follow_deadlines, opened, put_up_for_marking
from placements.assessment.agreed import Sent, due_after, is_to_be_marked, marked, placing_due_at
from placements.assessment.models import Mark, Submission
from placements.assessment.queries import HANDED_IN, OWN_DEADLINE, RELEASED, Task, submission_of
from placements.assessment.workflow import SUBMISSION, SubmissionState
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.queries import closed_days
from placements.cohorts.workflow import LEFT, RunState
from placements.core.clock import say_when
from placements.core.policy import NOBODY
from placements.db import db
from placements.history.actions import record
from placements.placing.models import Placement
from placements.placing.workflow import GOING_ON, PlacementState

_later = aliased(Submission)
_again = select(_later.id).where(
    _later.component_id == Component.id, _later.enrolment_id == Enrolment.id, _later.attempt > 1
)
NOT_IN = (SubmissionState.OPEN, SubmissionState.NOT_SUBMITTED)
HELD = (*GOING_ON, PlacementState.COMPLETED)


def follow_placings(now: datetime) -> None:
    """Give everybody who is placed the deadline of their Agreement, and another once they are placed again.

    Who has sent it keeps theirs, and so does who was given longer. Without a placement nothing is asked.
    """
    closed = closed_days()
    placed = select(Placement.created_at).where(Placement.enrolment_id == Enrolment.id, Placement.state.in_(HELD))
    placed_at = placed.order_by(Placement.id.desc()).limit(1).scalar_subquery().label("placed_at")
    found = _studying().where(Component.due_at.is_(None), Component.days_after_placing.is_not(None))
    found = found.where(or_(Submission.id.is_(None), Submission.state.in_(NOT_IN)))
    found = found.where(Submission.deferred_at.is_(None), Submission.waived_at.is_(None))
    columns = (Component.id, Component.days_after_placing, Enrolment.id, placed_at)
    for row in db.session.execute(found.with_only_columns(*columns, Submission.placed_due_at)).all():
        base = placing_due_at(row.placed_at, row.days_after_placing, closed) if row.placed_at else None
        if base != row.placed_due_at:
            _set_deadline(db.session.get_one(Component, row[0]), db.session.get_one(Enrolment, row[2]), base, now)


def _set_deadline(component: Component, enrolment: Enrolment, base: datetime | None, now: datetime) -> None:
    _hold(enrolment)
    submission = submission_of(component.id, enrolment.id) or opened(component, enrolment)
    if submission.state not in NOT_IN or (base is None and submission.state is not SubmissionState.OPEN):
        return
    was = submission.placed_due_at, submission.due_at
    submission.placed_due_at = base
    days = component.days_after_placing or 0
    submission.due_at = due_after(base, was, now, days, closed_days()) if base else None
    said = say_when(submission.due_at) if submission.due_at else "none: the placement has ended"
    record("deadline by the placing", submission, actor=NOBODY, now=now, person_id=enrolment.person_id, reason=said)


def take_agreements(now: datetime) -> None:
    """Each Agreement that went out for signature is in; it is taken for marking once in force, or at its deadline.

    What is marked is the version last sent by the student's own deadline, or else the first sent after it.
    """
    found = _studying().join(Placement, Placement.enrolment_id == Enrolment.id)
    found = found.join(Agreement, and_(Agreement.placement_id == Placement.id, Agreement.proposed_at <= now))
    found = found.outerjoin(Mark, and_(Mark.component_id == Component.id, Mark.enrolment_id == Enrolment.id))
    is_new = and_(Agreement.proposed_at > Submission.received_at, Agreement.proposed_at <= OWN_DEADLINE)
    is_due = or_(now > OWN_DEADLINE, Agreement.in_force_at <= now)
    is_unmarked = and_(Submission.state.in_(HANDED_IN), Mark.id.is_(None), is_due)
    found = found.where(or_(Mark.id.is_(None), Mark.state.not_in(RELEASED)))
    found = found.where(or_(Submission.id.is_(None), Submission.state.in_(NOT_IN), is_new, is_unmarked))
    whose = found.with_only_columns(Component.id, Enrolment.id).distinct().order_by(Component.id, Enrolment.id)
    keys = db.session.execute(whose).all()
    waiting = [(db.session.get_one(Component, row[0]), db.session.get_one(Enrolment, row[1])) for row in keys]
    sent = _sent_by([enrolment.id for _, enrolment in waiting], now)
    for component, enrolment in waiting:
        _take(component, enrolment, sent[enrolment.id], now)


def _sent_by(enrolment_ids: Iterable[int], now: datetime) -> dict[int, list[Sent]]:
    rows: Any = select(Placement.enrolment_id, Agreement.id, Agreement.proposed_at, Agreement.in_force_at)
    rows = rows.join(Agreement, Agreement.placement_id == Placement.id).where(Agreement.proposed_at <= now)
    rows = rows.where(Placement.enrolment_id.in_(enrolment_ids)).order_by(Placement.enrolment_id)
    whose = groupby(db.session.execute(rows).all(), key=lambda row: row[0])
    return {key: [Sent(row[1], row[2], row[3]) for row in versions] for key, versions in whose}


def _take(component: Component, enrolment: Enrolment, sent: list[Sent], now: datetime) -> None:
    _hold(enrolment)
    submission = submission_of(component.id, enrolment.id)
    due_at = submission.own_due_at if submission else component.due_at
    version = marked(sent, due_at)
    if version is None:
        return
    came_at = version.at if due_at else version.in_force_at or version.at
    if submission is not None and submission.state is SubmissionState.NOT_SUBMITTED:
        follow_deadlines(came_at, Mark.enrolment_id == enrolment.id, Mark.component_id == component.id)
    submission = submission or opened(component, enrolment)
    task = Task(component, enrolment, submission)
    is_late = due_at is not None and not task.is_open(came_at)
    if submission.agreement_id != version.key or submission.state in NOT_IN:
        SUBMISSION.move(submission, "receive_late" if is_late else "receive")
        submission.received_at, submission.agreement_id = came_at, version.key
        said = "sent for signature, so handed in late" if is_late else "sent for signature, so handed in"
        verb = said if due_at else "taken for marking"
        record(verb, submission, actor=NOBODY, now=now, person_id=enrolment.person_id)
    if is_to_be_marked(version, due_at, now):
        put_up_for_marking(submission, is_accepted=due_at is None or task.counts(came_at), now=now)


def _studying() -> Select[Any]:
    """Agreements that are work in open runs, with every student who is to hand one in, and what is in so far.

    Only first attempts: what is asked at reassessment is not what went out for signature.
    """
    is_its = (Submission.component_id == Component.id, Submission.enrolment_id == Enrolment.id, Submission.attempt == 1)
    found = select(Component).join(Enrolment, Enrolment.run_id == Component.run_id).join(Enrolment.run)
    found = found.outerjoin(Submission, and_(*is_its)).where(Component.kind == ComponentKind.AGREEMENT)
    return found.where(ModuleRun.state == RunState.OPEN, Enrolment.state.not_in(LEFT), ~_again.exists())


def _hold(enrolment: Enrolment) -> None:
    db.session.execute(select(Enrolment.id).where(Enrolment.id == enrolment.id).with_for_update(key_share=True))
