"""Handing work in, and what happens of itself: Agreements taken for marking, and what was never handed in."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select

from placements.assessment import notices
from placements.assessment.models import Mark, Submission, SubmissionFile
from placements.assessment.queries import Task, submission_of
from placements.assessment.rules import last_accepted_at, read_late_policy
from placements.assessment.workflow import MARK, SUBMISSION, SubmissionState
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.workflow import LEFT, RunState
from placements.core.clock import say_when
from placements.core.errors import Refused
from placements.core.policy import NOBODY, Principal
from placements.db import UTCDateTime, begin_to_write, db
from placements.files.actions import Received, keep
from placements.history.actions import record
from placements.history.models import SensitiveRead
from placements.mail.actions import tell
from placements.placing.models import Placement

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read as another
STAFF_ONLY = "assessment.read_mark"


def submit(task: Task, files: Sequence[Received], *, actor: Principal, now: datetime) -> Submission:
    """Hand the files in; `now` is when the request began to arrive. What they replace is kept. Mails a receipt.

    Exactly the same files again change nothing. After the deadline they are kept as late, and where the policy
    accepts none so late, the mark is 0. Raises Refused where that would undo what counts already.
    """
    db.session.execute(select(Enrolment.id).where(Enrolment.id == task.enrolment.id).with_for_update())
    submission = submission_of(task.component.id, task.enrolment.id) or _opened(task.component, task.enrolment)
    if task.enrolment.run.state is RunState.CLOSED:
        raise Refused("This run is closed. Nothing can be handed in any more.")
    if not task.is_open(now):
        _refuse_to_undo(task, submission, now)
    elif _same(submission, files):
        return submission
    SUBMISSION.move(submission, "receive" if task.is_open(now) else "receive_late")
    submission.received_at, submission.receipt = now, _receipt_number()
    for each in submission.current_files:
        each.replaced_at = now
    for received in files:
        stored = keep(received, actor=actor, now=now)
        submission.files.append(SubmissionFile(file=stored, received_at=now))
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


def _refuse_to_undo(task: Task, submission: Submission, now: datetime) -> None:
    """What arrives late never replaces what was on time; nor late work that counts by what does not, or once marked."""
    if submission.received_at is None:
        return
    stands = f"What you handed in on {say_when(submission.received_at)} stands"
    if submission.state is SubmissionState.RECEIVED:
        raise Refused(f"{stands}: it was on time. The deadline has passed, so it cannot be replaced.")
    mark = _mark_of(submission)
    if task.counts(submission.received_at) and (not task.counts(now) or (mark and mark.marker_id)):
        raise Refused(f"{stands}: it is being marked, so it cannot be replaced.")


def _receipt_number() -> str:
    letters = "".join(secrets.choice(LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def _mark_of(submission: Submission) -> Mark | None:
    key = ("component_id", "enrolment_id", "attempt")
    return db.session.scalar(select(Mark).filter_by(**{name: getattr(submission, name) for name in key}))


def _put_up_for_marking(submission: Submission, *, is_accepted: bool, now: datetime) -> None:
    """Give the submission its mark, if it has none: to be given by the tutor, or 0 by rule for a non-submission."""
    if _mark_of(submission) is not None:
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
    begin_to_write()
    about = {"about_kind": SubmissionFile.__tablename__, "about_id": handed_in.id, "field": "file"}
    db.session.add(SensitiveRead(at=now, reader_id=actor.person_id, **about))
    db.session.commit()


def collect(now: datetime) -> None:
    """What the worker does each minute: take Agreements in force for marking, and find what was not handed in."""
    take_agreements(now)
    find_missing(now)


def take_agreements(now: datetime) -> None:
    """Each Challenge Agreement that has come into force is received, as it stands then, for its tutor to mark."""
    rows = db.session.execute(
        select(Component, Enrolment, func.min(Placement.agreed_at, type_=UTCDateTime()))
        .join(Enrolment, Enrolment.run_id == Component.run_id)
        .join(Placement, Placement.enrolment_id == Enrolment.id)
        .join(ModuleRun, ModuleRun.id == Component.run_id)
        .where(Component.kind == ComponentKind.AGREEMENT, ModuleRun.state == RunState.OPEN)
        .where(Placement.agreed_at <= now, Enrolment.state.not_in(LEFT), ~_has_one().exists())
        .group_by(Component.id, Enrolment.id)
        .order_by(Enrolment.id)
    )
    for component, enrolment, agreed_at in rows.all():
        submission = _opened(component, enrolment)
        SUBMISSION.move(submission, "receive")
        submission.received_at = agreed_at
        _put_up_for_marking(submission, is_accepted=True, now=now)
        record("taken for marking", submission, actor=NOBODY, now=now, person_id=enrolment.person_id)


def find_missing(now: datetime) -> None:
    """Each student without a portfolio once none is accepted any more: not handed in, so 0. Mails what can be done."""
    due = db.session.execute(
        select(Component, Enrolment)
        .join(Enrolment, Enrolment.run_id == Component.run_id)
        .join(ModuleRun, ModuleRun.id == Component.run_id)
        .where(Component.kind == ComponentKind.PORTFOLIO, Component.due_at < now, ModuleRun.state == RunState.OPEN)
        .where(Enrolment.state.not_in(LEFT), ~_has_one().where(Submission.state != SubmissionState.OPEN).exists())
    )
    for component, enrolment in due.all():
        if component.due_at and last_accepted_at(component.due_at, read_late_policy(component.late_policy)) < now:
            _miss(component, enrolment, now)


def _has_one() -> Select[int]:
    return select(Submission.id).where(
        Submission.component_id == Component.id, Submission.enrolment_id == Enrolment.id, Submission.attempt == 1
    )


def _miss(component: Component, enrolment: Enrolment, now: datetime) -> None:
    submission = submission_of(component.id, enrolment.id) or _opened(component, enrolment)
    SUBMISSION.move(submission, "find_missing")
    record("not handed in by the deadline", submission, actor=NOBODY, now=now, person_id=enrolment.person_id)
    _put_up_for_marking(submission, is_accepted=False, now=now)
    tell(notices.NOT_HANDED_IN, submission.id, [enrolment.person_id], now)
