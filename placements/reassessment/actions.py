"""Opening reassessment for who failed, giving a task instead of a component, and waiving what cannot be had."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select

from placements.assessment.actions import held_mark_of
from placements.assessment.models import GivenTask, Submission
from placements.assessment.workflow import SUBMISSION, SubmissionState
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.workflow import RunState
from placements.core.clock import say_when
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.extensions.models import Extension
from placements.feedback.actions import ask_again_for, waive_for
from placements.feedback.models import REASON_LENGTH
from placements.history.actions import record
from placements.mail.actions import tell
from placements.reassessment import notices
from placements.reassessment.claims import attempt_for
from placements.reassessment.models import Mitigation, ReassessmentTask, Waiver
from placements.reassessment.queries import fingerprint_of, standing_of, standing_of_one, tasks_of
from placements.reassessment.workflow import ClaimState

LEADERS_ONLY = "reassessment.student"
CHANGED = "Somebody’s result has changed since you looked at this list, so nothing was opened. Look at it again."


def open_again(run: ModuleRun, chosen: Sequence[str], *, seen: str, actor: Principal, now: datetime) -> int:
    """Open the second attempt at what each chosen student (public ids of enrolments) has to take again; mail each.

    All of them, or none. Due at the run's reassessment deadline; returns how many students. Raises Refused without such
    a deadline to come, in a closed run, where nobody is chosen, and where the list has changed since it was looked at.
    """
    hold_row(run)
    due_at = run.reassessment_due_at
    if due_at is None or due_at <= now:
        raise Refused("Set a day for reassessed work that is still to come, in the dates of the run. Then open it.")
    if run.state is RunState.CLOSED:
        raise Refused("This run is closed. Nothing can be opened in it any more.")
    rows = [each for each in standing_of(run, stands="to_open") if each.enrolment.public_id in chosen]
    if not rows:
        raise Refused("Choose at least one student.")
    if fingerprint_of(rows) != seen:
        raise Refused(CHANGED)
    for row in rows:
        for component in row.to_open:
            made = Submission(component=component, enrolment=row.enrolment, attempt=2, due_at=due_at)
            db.session.add(made)
            db.session.flush()
            said = f"due {say_when(due_at)}"
            record("reassessment opened", made, actor=actor, now=now, person_id=row.enrolment.person_id, reason=said)
        tell(notices.OPENED, row.enrolment.id, [row.enrolment.person_id], now)
    record("opened reassessment", run, actor=actor, now=now, reason=f"for {len(rows)}")
    return len(rows)


def withdraw_attempt(submission: Submission, reason: str, *, actor: Principal, now: datetime) -> None:
    """Take back a second attempt that was opened by mistake: as if it had never been, and it can be opened again.

    Tells the student of news. Raises Refused once something was handed in, and where something else was recorded for
    it since: a claim that was not withdrawn, an extension that stands, or a waiver.
    """
    attempt_for(submission.component, submission.enrolment)
    hold_row(submission)
    if submission.state is SubmissionState.WITHDRAWN:
        return
    claimed = select(Mitigation.id).where(
        Mitigation.submission_id == submission.id, Mitigation.state != ClaimState.WITHDRAWN
    )
    extended = select(Extension.id).where(Extension.submission_id == submission.id, Extension.ended_at.is_(None))
    if submission.attempt == 1 or submission.received_at is not None:
        raise Refused("Something was handed in for this attempt, so it stays.")
    if submission.waived_at or submission.deferred_at or any(map(db.session.scalar, (claimed, extended))):
        raise Refused("A claim, an extension or a waiver was recorded for this attempt. Withdraw that first.")
    SUBMISSION.move(submission, "withdraw")
    submission.attempt = -1 - (db.session.scalar(_withdrawn_before(submission)) or 0)
    student = submission.enrolment.person_id
    record("reassessment withdrawn", submission, actor=actor, now=now, person_id=student)
    record(
        "why it is withdrawn", submission, actor=actor, now=now, person_id=student, ability=LEADERS_ONLY, reason=reason
    )
    tell(notices.NEWS, submission.id, [student], now)


def _withdrawn_before(submission: Submission) -> Select[int]:
    its = (Submission.component_id == submission.component_id, Submission.enrolment_id == submission.enrolment_id)
    return select(func.count(Submission.id)).where(*its, Submission.attempt < 0)


def save_task(
    component: Component, title: str, brief: str, *, seen: int, actor: Principal, now: datetime
) -> ReassessmentTask:
    """Keep what the run asks instead of the component from now on; what was given before stays as it was given.

    `seen`: the version that was opened, 0 where the run had no words of its own. Raises Conflict where it is another.
    """
    hold_row(component)
    task = tasks_of([component])[component.id]
    if (task.title, task.brief) == (title, brief):
        return task
    if task.version != seen:
        raise Conflict(
            "Somebody saved other words since you opened this page. Theirs stand below. Save again for yours."
        )
    db.session.add(task)
    task.title, task.brief, task.version = title, brief, task.version + 1
    record("changed the reassessment task", component, actor=actor, now=now)
    return task


def give_task(submission: Submission, reason: str, *, actor: Principal, now: datetime) -> GivenTask:
    """Ask this student for the run's task instead of the component; as the words stand now. Tells them of news.

    Given twice, the first stands. Raises Refused where the component has no task.
    """
    hold_row(submission)
    if submission.instead is not None:
        return submission.instead
    task = tasks_of([submission.component]).get(submission.component_id)
    if task is None:
        raise Refused("Nothing is handed in for this component, so no task can take its place.")
    given = GivenTask(
        submission=submission,
        title=task.title,
        brief=task.brief,
        reason=reason,
        given_by_id=actor.person_id,
        given_at=now,
    )
    db.session.add(given)
    student = submission.enrolment.person_id
    record("task given instead", submission, actor=actor, now=now, person_id=student)
    record("why another task", submission, actor=actor, now=now, person_id=student, ability=LEADERS_ONLY, reason=reason)
    tell(notices.NEWS, submission.id, [student], now)
    return given


def waive(
    component: Component,
    enrolment: Enrolment,
    reason: str,
    is_sure: bool,
    form_key: str,
    *,
    actor: Principal,
    now: datetime,
) -> Waiver:
    """Ask nothing of the component from this student any more: it cannot be had. Tells them of news.

    Its weight, if any, falls to the others. A supervisor's feedback is asked of nobody any more. Raises Refused where
    it is waived already, or was given. Where it has a weight, also where no other would be left, once the board has
    confirmed a mark of the student, and unless `is_sure`.
    """
    submission = attempt_for(component, enrolment)
    hold_row(submission)
    held_mark_of(submission)  # a release that comes at this moment finds it waived, or is there to be seen
    standing = standing_of_one(enrolment)
    if standing.waiver_of(component):
        raise Refused("It is waived already.", "component")
    if component not in standing.can_be_waived:
        raise Refused("The supervisor has given this feedback, so there is nothing to waive.", "component")
    if component.weight:
        left = [each for each in standing.components if each.weight and not standing.waiver_of(each)]
        if left == [component]:
            raise Refused("Nothing that counts would be left of the module. It cannot be waived.", "component")
        if any(mark.confirmed_at for mark in standing.marks):
            raise Refused("The board has confirmed marks of this student, so what counts cannot be waived any more.")
        if not is_sure:
            raise Refused("It counts for the mark. Say that you want its weight to fall to the rest.", "is_sure")
    submission.waived_at = now
    by = {"waived_by_id": actor.person_id, "waived_at": now}
    waiver = Waiver(submission=submission, reason=reason, form_key=form_key, **by)
    db.session.add(waiver)
    if component.kind is ComponentKind.FEEDBACK:
        waive_for(enrolment.id, reason[:REASON_LENGTH], actor=actor, now=now)
    student = enrolment.person_id
    record("component waived", submission, actor=actor, now=now, person_id=student, reason=reason)
    tell(notices.NEWS, submission.id, [student], now)
    return waiver


def end_waiver(waiver: Waiver, *, actor: Principal, now: datetime) -> None:
    """Ask for the component again, as if it had never been waived. Tells the student of news.

    Raises Refused for a component with a weight once the board has confirmed a mark of the student.
    """
    attempt_for(waiver.submission.component, waiver.enrolment)
    hold_row(waiver)
    if waiver.ended_at is not None:
        return
    submission = waiver.submission
    confirmed = any(mark.confirmed_at for mark in standing_of_one(waiver.enrolment).marks)
    if submission.component.weight and confirmed:
        raise Refused("The board has confirmed marks of this student, so what counts cannot change any more.")
    waiver.ended_at, submission.waived_at = now, None
    if submission.component.kind is ComponentKind.FEEDBACK:
        ask_again_for(waiver.enrolment.id, actor=actor, now=now)
    student = waiver.enrolment.person_id
    record("component asked for again", submission, actor=actor, now=now, person_id=student)
    tell(notices.NEWS, submission.id, [student], now)
