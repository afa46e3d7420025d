"""What happens to work of itself: Agreements are taken for marking, and what was never handed in is found."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select

from placements.assessment import notices
from placements.assessment.actions import follow_deadlines, opened, put_up_for_marking
from placements.assessment.agreeing import HELD, follow_placings, take_agreements
from placements.assessment.models import Submission
from placements.assessment.outstanding import outstanding
from placements.assessment.queries import OWN_DEADLINE, Task, submission_of
from placements.assessment.workflow import SUBMISSION, SubmissionState
from placements.cohorts.models import Component, ComponentKind, Enrolment
from placements.core.policy import NOBODY
from placements.db import db
from placements.history.actions import record
from placements.mail.actions import tell
from placements.placing.models import Placement

STILL_ARRIVING = timedelta(minutes=10)  # what began in time on a slow line is in by then, and nobody is told it is not


def collect(now: datetime) -> None:
    """What the worker does each minute: take Agreements that were sent, and find what was not handed in."""
    follow_placings(now)
    take_agreements(now)
    follow_deadlines(now)
    find_missing(now)


def find_missing(now: datetime) -> None:
    """Each student without a portfolio once none is accepted of them any more: not handed in, so 0. Mails what can be
    done. Whoever is just handing in, or is given another deadline, is looked at in the next minute.

    The same of Agreements that were never sent out, but nobody misses one for want of a placement.
    """
    arrived_by = now - STILL_ARRIVING
    placed = select(Placement.id).where(Placement.enrolment_id == Enrolment.id, Placement.state.in_(HELD))
    is_asked = or_(Component.kind != ComponentKind.AGREEMENT, Submission.attempt > 1, placed.exists())
    for asked in (outstanding(), outstanding(ComponentKind.AGREEMENT)):
        due = asked.where(arrived_by > OWN_DEADLINE, is_asked)
        due = due.order_by(Enrolment.id).with_for_update(of=Enrolment, skip_locked=True)
        for component, enrolment, submission in db.session.execute(due).all():
            if not Task(component, enrolment, submission).counts(arrived_by):
                _miss(component, enrolment, now)


def _miss(component: Component, enrolment: Enrolment, now: datetime) -> None:
    """Nobody else writes of the student's work by now: what they wrote just before is read anew."""
    submission = submission_of(component.id, enrolment.id) or opened(component, enrolment)
    is_asked = submission.state is SubmissionState.OPEN and submission.is_asked
    if not is_asked or Task(component, enrolment, submission).counts(now):
        return
    SUBMISSION.move(submission, "find_missing")
    record("not handed in by the deadline", submission, actor=NOBODY, now=now, person_id=enrolment.person_id)
    put_up_for_marking(submission, is_accepted=False, now=now)
    tell(notices.NOT_HANDED_IN, submission.id, [enrolment.person_id], now)
