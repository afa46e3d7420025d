"""Writing down a claim of mitigating circumstances and its decision; what an accepted one does to the attempt."""

from datetime import date, datetime

from sqlalchemy import select

from placements.assessment.actions import STAFF_ONLY, follow_deadlines, held_mark_of, opened
from placements.assessment.models import Mark, Submission
from placements.assessment.queries import submission_of
from placements.assessment.workflow import MARK, MarkState
from placements.cohorts.models import Component, Enrolment
from placements.cohorts.queries import closed_days
from placements.cohorts.workflow import RunState
from placements.core.clock import add_working_days, in_london, is_working_day, say_date, say_when, today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.mail.actions import tell
from placements.marking.actions import reopen
from placements.reassessment import notices
from placements.reassessment.models import Mitigation
from placements.reassessment.queries import closes_on
from placements.reassessment.rules import DUE_TIME, Claimed
from placements.reassessment.workflow import MITIGATION

READ_CLAIM = "reassessment.read_claim"  # what who reads its history needs beyond seeing the thing


def attempt_for(component: Component, enrolment: Enrolment) -> Submission:
    """The student's latest attempt, its enrolment held; made where nothing was known of one yet."""
    db.session.execute(select(Enrolment.id).where(Enrolment.id == enrolment.id).with_for_update(key_share=True))
    return submission_of(component.id, enrolment.id) or opened(component, enrolment)


def claim(component: Component, enrolment: Enrolment, said: Claimed, *, actor: Principal, now: datetime) -> Mitigation:
    """Write down that the student claimed, for their latest attempt at the component; nothing else changes yet.

    Raises Refused for a day to come, for a claim after its ten working days without a reason, and where one for
    the attempt waits already.
    """
    if said.claimed_on > today(now):
        raise Refused("Enter the day on which they claimed. It cannot be in the future.", "claimed_on")
    submission = attempt_for(component, enrolment)
    last = closes_on(submission)
    if last is not None and said.claimed_on > last and not said.late_reason:
        raise Refused(f"Claims closed on {say_date(last)}. Say why this one is still accepted.", "late_reason")
    waits = select(Mitigation.id).where(Mitigation.submission_id == submission.id, Mitigation.decided_on.is_(None))
    if db.session.scalar(waits):
        raise Refused("A claim for this waits for its decision already. Record that first.", "component")
    made = Mitigation(
        submission=submission,
        reference=said.reference,
        claimed_on=said.claimed_on,
        form_key=said.form_key,
        recorded_by_id=actor.person_id,
        recorded_at=now,
    )
    db.session.add(made)
    db.session.flush()
    student = enrolment.person_id
    why = said.late_reason
    record("claim recorded", made, actor=actor, now=now, person_id=student, ability=READ_CLAIM, reason=why)
    return made


def refuse(made: Mitigation, decided_on: date, *, actor: Principal, now: datetime) -> None:
    """The university did not accept it: everything stays as it is. Tells the student that there is news."""
    if _decide(made, "refuse", decided_on, now):
        _tell(made, "claim not accepted", actor, now)


def accept(made: Mitigation, decided_on: date, due_on: date, *, actor: Principal, now: datetime) -> None:
    """The university accepted it: the same attempt is put off to 15:00 of that day, its mark or 0 by rule taken back.

    What came late before then counts as on time. Tells the student that there is news. Raises Refused for a day that
    does not put it off or is no working day, once the board has confirmed the mark, and in a closed run.
    """
    submission = made.submission
    attempt_for(submission.component, submission.enrolment)
    if not _decide(made, "accept", decided_on, now):
        return
    hold_row(submission)
    due_at = in_london(due_on, DUE_TIME)
    _check_date(submission, due_at, due_on, now)
    mark = held_mark_of(submission)
    if submission.enrolment.run.state is RunState.CLOSED:
        raise Refused("This run is closed. Nothing can be put off any more.")
    if mark is not None and mark.state is MarkState.CONFIRMED:
        raise Refused("The board has confirmed this mark. Have it corrected first: that takes two people.")
    was = submission.own_due_at
    submission.deferred_at, submission.due_at = now, due_at
    db.session.flush()
    if mark is not None:
        _take_back(mark, actor, now)
    follow_deadlines(now, Mark.enrolment_id == submission.enrolment_id)
    moved = f"{say_when(was)} → {say_when(due_at)}" if was else say_when(due_at)
    student = submission.enrolment.person_id
    record("deadline moved", submission, actor=actor, now=now, person_id=student, reason=moved)
    _tell(made, "claim accepted", actor, now)


def withdraw(made: Mitigation, reason: str, *, actor: Principal, now: datetime) -> None:
    """Take back a claim that was recorded by mistake, before it is decided. It stays, as withdrawn; nobody is written
    to, as nobody was when it was recorded."""
    hold_row(made)
    if MITIGATION.move(made, "withdraw"):
        made.decided_on = today(now)
        student = made.enrolment.person_id
        record("claim withdrawn", made, actor=actor, now=now, person_id=student, ability=READ_CLAIM, reason=reason)


def _check_date(submission: Submission, due_at: datetime, due_on: date, now: datetime) -> None:
    was = submission.own_due_at
    if due_at <= now:
        raise Refused("Enter a day that is still to come.", "due_on")
    if was is not None and due_at <= was:
        raise Refused(f"It is due on {say_when(was)} already. Enter a later day.", "due_on")
    closed = closed_days()
    if not is_working_day(due_on, closed):
        then = add_working_days(due_on, 0, closed)
        raise Refused(f"The university is closed then. The next working day is {say_date(then)}.", "due_on")


def _take_back(mark: Mark, actor: Principal, now: datetime) -> None:
    """A mark of the attempt that is put off counts no more: a person's is a draft again, a rule's follows."""
    if mark.state is MarkState.PROVISIONAL:
        MARK.move(mark, "put_off")
        mark.released_at = None
        mark.version += 1
        whose = mark.enrolment.person_id
        said = f"it was {mark.mark}"
        record(
            "mark taken back", mark.submission, actor=actor, now=now, person_id=whose, ability=STAFF_ONLY, reason=said
        )
    if mark.state is MarkState.SUBMITTED and mark.marker_id is not None:
        reopen(mark, actor=actor, now=now)


def _decide(made: Mitigation, verb: str, decided_on: date, now: datetime) -> bool:
    """Move the claim, held; False where it is decided so already."""
    if decided_on > today(now):
        raise Refused("Enter the day of the decision. It cannot be in the future.", "decided_on")
    if decided_on < made.claimed_on:
        raise Refused(f"It was claimed on {say_date(made.claimed_on)}. Enter a day from then on.", "decided_on")
    hold_row(made)
    is_new = MITIGATION.move(made, verb)
    if is_new:
        made.decided_on = decided_on
    return is_new


def _tell(made: Mitigation, verb: str, actor: Principal, now: datetime) -> None:
    student = made.enrolment.person_id
    record(verb, made, actor=actor, now=now, person_id=student, ability=READ_CLAIM)
    tell(notices.NEWS, made.submission_id, [student], now)
