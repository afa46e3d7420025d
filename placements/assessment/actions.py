"""Handing work in; and what a moved deadline makes of what was late or missed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import contains_eager

from placements.assessment import notices
from placements.assessment.keeping import is_evidence_the_same, keep_hand_in
from placements.assessment.lateness import Remade, remade
from placements.assessment.models import Mark, Submission, SubmissionFile
from placements.assessment.queries import HANDED_IN, RELEASED, Task, submission_of
from placements.assessment.versions import keep_version
from placements.assessment.workflow import MARK, SUBMISSION, MarkState, SubmissionState, Why
from placements.cohorts.models import Component, Enrolment, ModuleRun
from placements.cohorts.workflow import RunState
from placements.core.clock import say_when
from placements.core.errors import Refused
from placements.core.policy import NOBODY, Principal
from placements.db import db
from placements.files.actions import Received
from placements.files.models import StoredFile
from placements.history.actions import note_reads, record
from placements.mail.actions import tell

STAFF_ONLY = "assessment.read_mark"


def submit(
    task: Task, files: Sequence[Received | StoredFile], *, text: str = "", actor: Principal, now: datetime
) -> Submission:
    """Hand text and files in; `now` is when the request began to arrive. What they replace is kept. Mails a receipt.
    With a portfolio its evidence is kept as it stands, since that is what is marked.

    Exactly the same again changes nothing, unless its evidence has changed and may still be kept anew. After the
    deadline it is kept as late, and where the policy accepts none so late, the mark is 0. Raises Refused where there is
    nothing to hand in, or where that would undo what counts already, or is released.
    """
    db.session.execute(select(Enrolment.id).where(Enrolment.id == task.enrolment.id).with_for_update(key_share=True))
    follow_deadlines(now, Mark.enrolment_id == task.enrolment.id)
    submission = submission_of(task.component.id, task.enrolment.id) or opened(task.component, task.enrolment)
    if task.enrolment.run.state is RunState.CLOSED:
        raise Refused("This run is closed. Nothing can be handed in any more.")
    if not files and not text:
        raise Refused("Write your text or choose a file, then hand it in.")
    if _same(submission, files, text) and (not task.is_open(now) or is_evidence_the_same(submission)):
        return submission
    mark = held_mark_of(submission)
    if not task.is_open(now):
        _refuse_to_undo(task, submission, mark, now)
    elif mark and mark.state in RELEASED:
        raise Refused("Your mark is released already, so nothing can be handed in any more. Talk to your tutor.")
    SUBMISSION.move(submission, "receive" if task.is_open(now) else "receive_late")
    keep_hand_in(submission, text, files, actor=actor, now=now)
    verb = "handed in" if task.is_open(now) else "handed in late"
    student = task.enrolment.person_id
    record(verb, submission, actor=actor, now=now, person_id=student, reason=f"receipt {submission.receipt}")
    tell(notices.RECEIPT, submission.id, [student], now)
    put_up_for_marking(submission, is_accepted=task.counts(now), now=now)
    return submission


def opened(component: Component, enrolment: Enrolment) -> Submission:
    """A student's first attempt at a component, with nothing in yet."""
    submission = Submission(component=component, enrolment=enrolment, state=SubmissionState.OPEN, attempt=1)
    db.session.add(submission)
    db.session.flush()
    return submission


def _same(submission: Submission, files: Sequence[Received | StoredFile], text: str) -> bool:
    there = {(each.file.sha256, each.file.name) for each in submission.current_files}
    sent = {(each.sha256, each.name) for each in files}
    return submission.state in HANDED_IN and (there, submission.text) == (sent, text)


def _refuse_to_undo(task: Task, submission: Submission, mark: Mark | None, now: datetime) -> None:
    """What arrives late never replaces what was on time; nor late work that counts by what does not, or once marked."""
    if submission.received_at is None:
        return
    stands = f"What you handed in on {say_when(submission.received_at)} stands"
    if submission.state is SubmissionState.RECEIVED:
        raise Refused(f"{stands}: it was on time. The deadline has passed, so it cannot be replaced.")
    if task.counts(submission.received_at) and (not task.counts(now) or (mark and mark.marker_id)):
        raise Refused(f"{stands}: it is being marked, so it cannot be replaced.")


def held_mark_of(submission: Submission) -> Mark | None:
    """The attempt's mark, where there is one, read anew and held until the transaction ends."""
    key = {name: getattr(submission, name) for name in ("component_id", "enrolment_id", "attempt")}
    its = select(Mark).filter_by(**key).with_for_update(of=Mark)
    return db.session.scalar(its.execution_options(populate_existing=True))


def put_up_for_marking(submission: Submission, *, is_accepted: bool, now: datetime) -> None:
    """Give the submission its mark, if it has none: to be given by the tutor, or 0 by rule for a non-submission.

    What a tutor marked before a moved deadline let it be replaced is to be marked again.
    """
    given = held_mark_of(submission)
    if given is not None:
        if is_accepted and given.state is MarkState.SUBMITTED:
            _take_back(given)
            keep_version(given, Why.REOPENED, actor=NOBODY, now=now)
        return
    mark = Mark(component=submission.component, enrolment=submission.enrolment, attempt=submission.attempt)
    db.session.add(mark)
    db.session.flush()
    if not is_accepted:
        MARK.move(mark, "submit")
        mark.mark, mark.submitted_at = 0, now
        keep_version(mark, Why.BY_RULE, actor=NOBODY, now=now)
        student = submission.enrolment.person_id
        record("set to 0: not handed in", submission, actor=NOBODY, now=now, person_id=student, ability=STAFF_ONLY)


def note_download(handed_in: SubmissionFile, *, actor: Principal, now: datetime) -> None:
    """Write down that somebody read a student's file, in a short transaction of its own: it commits."""
    note_reads((SubmissionFile.__tablename__, handed_in.id, "file"), actor=actor, now=now)


def follow_deadlines(now: datetime, *whose: ColumnElement[bool], even_released: bool = False) -> None:
    """Where a deadline was moved: what was missed may be handed in again, what was late is on time, no 0 by rule stays.

    Of the marks that fulfil `whose`, or of all. What is released stays, unless `even_released`: then its student is
    told that it was corrected. What a board has confirmed stays in any case.

    Whose work it is is held first, so that a deadline that is moved at this moment is read as it then is.
    """
    settled = (MarkState.CONFIRMED,) if even_released else RELEASED
    found = select(Mark).join(Mark.submission).join(Mark.enrolment).join(Enrolment.run).join(Mark.component)
    found = found.options(*map(contains_eager, (Mark.submission, Mark.enrolment, Mark.component))).where(*whose)
    found = found.where(Submission.state.in_((SubmissionState.LATE, SubmissionState.NOT_SUBMITTED)))
    found = found.where(Mark.state.not_in(settled), ModuleRun.state == RunState.OPEN).order_by(Mark.id)
    theirs = select(Enrolment.id).where(Enrolment.id.in_(found.order_by(None).with_only_columns(Mark.enrolment_id)))
    db.session.execute(theirs.order_by(Enrolment.id).with_for_update(key_share=True))
    found = found.with_for_update(of=Mark).execution_options(populate_existing=True)
    for mark in db.session.scalars(found).all():
        made = remade(mark, mark.submission.own_due_at, now)
        if made is not None:
            _follow(mark, made, now)


def _follow(mark: Mark, made: Remade, now: datetime) -> None:
    submission, student = mark.submission, mark.enrolment.person_id
    was_released = mark.state is MarkState.PROVISIONAL
    if made.was_by_rule:
        _take_back(mark)
    if made.is_in:
        SUBMISSION.move(submission, "receive" if made.is_on_time else "receive_late")
        mark.mark = made.after
        mark.version += 1
        keep_version(mark, Why.RECOMPUTED, actor=NOBODY, now=now)
    else:
        SUBMISSION.move(submission, "reopen")
        db.session.delete(mark)
    if made.is_new:
        was = f"{made.before} {'by rule' if made.was_by_rule else 'by the late policy'}"
        said = f"{was}, now {made.after if made.after is not None else 'to be marked' if made.is_in else 'no mark'}"
        why = {"ability": STAFF_ONLY, "reason": said}
        record("mark recomputed: the deadline was moved", submission, actor=NOBODY, now=now, person_id=student, **why)
        if was_released and mark.withheld_at is None:
            tell(notices.MARK_CORRECTED, submission.id, [student], now)
    record("counts again: the deadline was moved", submission, actor=NOBODY, now=now, person_id=student)


def _take_back(mark: Mark) -> None:
    MARK.move(mark, "retract" if mark.state is MarkState.PROVISIONAL else "reopen")
    mark.submitted_at = mark.released_at = mark.agreed = mark.fixed_at = mark.moderated_at = None
    mark.version += 1
