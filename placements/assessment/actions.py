"""Handing work in, and what happens of itself: Agreements taken for marking, and what was never handed in."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import contains_eager

from placements.assessment import notices
from placements.assessment.models import Mark, Submission, SubmissionFile
from placements.assessment.queries import RELEASED, Task, submission_of, worth
from placements.assessment.workflow import MARK, SUBMISSION, MarkState, SubmissionState
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.workflow import LEFT, RunState
from placements.core.clock import say_when
from placements.core.errors import Refused
from placements.core.policy import NOBODY, Principal
from placements.db import UTCDateTime, db
from placements.files.actions import Received, keep
from placements.history.actions import note_reads, record
from placements.mail.actions import tell
from placements.placing.models import Placement
from placements.reading.freezing import freeze

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read as another
STAFF_ONLY = "assessment.read_mark"
STILL_ARRIVING = timedelta(minutes=10)  # what began in time on a slow line is in by then, and nobody is told it is not


def submit(task: Task, files: Sequence[Received], *, actor: Principal, now: datetime) -> Submission:
    """Hand the files in; `now` is when the request began to arrive. What they replace is kept. Mails a receipt.
    With a portfolio the logbook is kept as it stands, since that is what is marked.

    Exactly the same files again change nothing. After the deadline they are kept as late, and where the policy
    accepts none so late, the mark is 0. Raises Refused where that would undo what counts already, or is released.
    """
    db.session.execute(select(Enrolment.id).where(Enrolment.id == task.enrolment.id).with_for_update(key_share=True))
    follow_deadlines(now, Mark.enrolment_id == task.enrolment.id)
    submission = submission_of(task.component.id, task.enrolment.id) or _opened(task.component, task.enrolment)
    if task.enrolment.run.state is RunState.CLOSED:
        raise Refused("This run is closed. Nothing can be handed in any more.")
    mark = _mark_of(submission)
    if not task.is_open(now):
        _refuse_to_undo(task, submission, mark, now)
    elif mark and mark.state in RELEASED:
        raise Refused("Your mark is released already, so nothing can be handed in any more. Talk to your tutor.")
    elif _same(submission, files):
        return submission
    SUBMISSION.move(submission, "receive" if task.is_open(now) else "receive_late")
    submission.received_at, submission.receipt = now, _receipt_number()
    for each in submission.current_files:
        each.replaced_at = now
    for received in files:
        stored = keep(received, actor=actor, now=now)
        submission.files.append(SubmissionFile(file=stored, received_at=now))
    if task.component.kind is ComponentKind.PORTFOLIO:
        freeze(task.enrolment.id, now=now)  # its evidence is the logbook
    verb = "handed in" if task.is_open(now) else "handed in late"
    student = task.enrolment.person_id
    record(verb, submission, actor=actor, now=now, person_id=student, reason=f"receipt {submission.receipt}")
    tell(notices.RECEIPT, submission.id, [student], now)
    _put_up_for_marking(submission, is_accepted=task.counts(now), now=now)
    return submission


def _opened(component: Component, enrolment: Enrolment) -> Submission:
    submission = Submission(component=component, enrolment=enrolment, state=SubmissionState.OPEN, attempt=1)
    db.session.add(submission)
    db.session.flush()
    return submission


def _same(submission: Submission, files: Sequence[Received]) -> bool:
    there = {(each.file.sha256, each.file.name) for each in submission.current_files}
    return submission.state is SubmissionState.RECEIVED and there == {(each.sha256, each.name) for each in files}


def _refuse_to_undo(task: Task, submission: Submission, mark: Mark | None, now: datetime) -> None:
    """What arrives late never replaces what was on time; nor late work that counts by what does not, or once marked."""
    if submission.received_at is None:
        return
    stands = f"What you handed in on {say_when(submission.received_at)} stands"
    if submission.state is SubmissionState.RECEIVED:
        raise Refused(f"{stands}: it was on time. The deadline has passed, so it cannot be replaced.")
    if task.counts(submission.received_at) and (not task.counts(now) or (mark and mark.marker_id)):
        raise Refused(f"{stands}: it is being marked, so it cannot be replaced.")


def _receipt_number() -> str:
    letters = "".join(secrets.choice(LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def _mark_of(submission: Submission) -> Mark | None:
    key = {name: getattr(submission, name) for name in ("component_id", "enrolment_id", "attempt")}
    its = select(Mark).filter_by(**key).with_for_update(of=Mark)
    return db.session.scalar(its.execution_options(populate_existing=True))


def _put_up_for_marking(submission: Submission, *, is_accepted: bool, now: datetime) -> None:
    """Give the submission its mark, if it has none: to be given by the tutor, or 0 by rule for a non-submission.

    What a tutor marked before a moved deadline let it be replaced is to be marked again.
    """
    given = _mark_of(submission)
    if given is not None:
        if is_accepted and given.state is MarkState.SUBMITTED:
            _take_back(given)
        return
    mark = Mark(component=submission.component, enrolment=submission.enrolment, attempt=submission.attempt)
    db.session.add(mark)
    db.session.flush()
    if not is_accepted:
        MARK.move(mark, "submit")
        mark.mark, mark.submitted_at = 0, now
        student = submission.enrolment.person_id
        record("set to 0: not handed in", submission, actor=NOBODY, now=now, person_id=student, ability=STAFF_ONLY)


def note_download(handed_in: SubmissionFile, *, actor: Principal, now: datetime) -> None:
    """Write down that somebody read a student's file, in a short transaction of its own: it commits."""
    note_reads((SubmissionFile.__tablename__, handed_in.id, "file"), actor=actor, now=now)


def collect(now: datetime) -> None:
    """What the worker does each minute: take Agreements in force for marking, and find what was not handed in."""
    take_agreements(now)
    follow_deadlines(now)
    find_missing(now)


def take_agreements(now: datetime) -> None:
    """Each Challenge Agreement that has come into force is received, as it stands then, for its tutor to mark."""
    agreed = _nothing_in(ComponentKind.AGREEMENT).join(Placement, Placement.enrolment_id == Enrolment.id)
    agreed = agreed.where(Placement.agreed_at <= now).group_by(Component.id, Enrolment.id).order_by(Enrolment.id)
    first_at = func.min(Placement.agreed_at, type_=UTCDateTime())
    for component, enrolment, agreed_at in db.session.execute(agreed.add_columns(first_at)).all():
        submission = _opened(component, enrolment)
        SUBMISSION.move(submission, "receive")
        submission.received_at = agreed_at
        _put_up_for_marking(submission, is_accepted=True, now=now)
        record("taken for marking", submission, actor=NOBODY, now=now, person_id=enrolment.person_id)


def _nothing_in(kind: ComponentKind) -> Select[Component, Enrolment]:
    """The components of that kind in open runs, each with every student who has nothing in, missed or late either."""
    its = (Submission.component_id == Component.id, Submission.enrolment_id == Enrolment.id, Submission.attempt == 1)
    is_in = select(Submission.id).where(*its, Submission.state != SubmissionState.OPEN)
    found = select(Component, Enrolment).join(Enrolment, Enrolment.run_id == Component.run_id).join(Enrolment.run)
    studying = (ModuleRun.state == RunState.OPEN, Enrolment.state.not_in(LEFT))
    return found.where(Component.kind == kind, *studying, ~is_in.exists())


def follow_deadlines(now: datetime, *whose: ColumnElement[bool]) -> None:
    """Where a deadline was moved: what was missed may be handed in again, what was late is on time, no 0 by rule stays.

    Of the marks that fulfil `whose`, or of all. What is released stays.
    """
    found = select(Mark).join(Mark.submission).join(Mark.enrolment).join(Enrolment.run).join(Mark.component)
    found = found.options(*map(contains_eager, (Mark.submission, Mark.enrolment, Mark.component))).where(*whose)
    found = found.where(Submission.state.in_((SubmissionState.LATE, SubmissionState.NOT_SUBMITTED)))
    found = found.where(Mark.state.not_in(RELEASED), ModuleRun.state == RunState.OPEN).order_by(Mark.id)
    for mark in db.session.scalars(found.with_for_update(of=Mark)).all():
        _follow(mark, Task(mark.component, mark.enrolment, mark.submission), now)


def _follow(mark: Mark, task: Task, now: datetime) -> None:
    submission, at = mark.submission, mark.submission.received_at
    is_by_rule = mark.marker_id is None and mark.state is MarkState.SUBMITTED
    is_on_time = at is not None and task.is_open(at)
    result = worth(mark) if mark.scores else None
    is_worth_more = result is not None and result.mark != mark.mark
    if not task.counts(at or now) or not (is_by_rule or is_on_time or is_worth_more):
        return
    if is_by_rule:
        _take_back(mark)
    if at is None:
        SUBMISSION.move(submission, "reopen")
        db.session.delete(mark)
    else:
        SUBMISSION.move(submission, "receive" if is_on_time else "receive_late")
        mark.mark = result.mark if result else None
        mark.version += 1
    whose = mark.enrolment.person_id
    record("counts again: the deadline was moved", submission, actor=NOBODY, now=now, person_id=whose)


def _take_back(mark: Mark) -> None:
    MARK.move(mark, "reopen")
    mark.submitted_at = None
    mark.version += 1


def find_missing(now: datetime) -> None:
    """Each student without a portfolio once none is accepted any more: not handed in, so 0. Mails what can be done."""
    arrived_by = now - STILL_ARRIVING
    due = _nothing_in(ComponentKind.PORTFOLIO).where(Component.due_at < arrived_by)
    for component, enrolment in db.session.execute(due).all():
        if not Task(component, enrolment, None).counts(arrived_by):
            _miss(component, enrolment, now)


def _miss(component: Component, enrolment: Enrolment, now: datetime) -> None:
    submission = submission_of(component.id, enrolment.id) or _opened(component, enrolment)
    SUBMISSION.move(submission, "find_missing")
    record("not handed in by the deadline", submission, actor=NOBODY, now=now, person_id=enrolment.person_id)
    _put_up_for_marking(submission, is_accepted=False, now=now)
    tell(notices.NOT_HANDED_IN, submission.id, [enrolment.person_id], now)
