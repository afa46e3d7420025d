"""What happens to work of itself: Agreements are taken for marking, and what was never handed in is found."""

from datetime import datetime

from sqlalchemy import func, or_

from placements.assessment import notices
from placements.assessment.actions import follow_deadlines, opened, put_up_for_marking
from placements.assessment.models import Submission
from placements.assessment.outstanding import outstanding
from placements.assessment.queries import OWN_DEADLINE, Task, submission_of
from placements.assessment.workflow import SUBMISSION, SubmissionState
from placements.cohorts.models import Component, ComponentKind, Enrolment
from placements.core.policy import NOBODY
from placements.db import UTCDateTime, db
from placements.history.actions import record
from placements.mail.actions import tell
from placements.placing.models import Placement


def collect(now: datetime) -> None:
    """What the worker does each minute: take Agreements in force for marking, and find what was not handed in."""
    take_agreements(now)
    follow_deadlines(now)
    find_missing(now)


def take_agreements(now: datetime) -> None:
    """Each Challenge Agreement that has come into force is received, as it stands then, for its tutor to mark."""
    agreed = outstanding(ComponentKind.AGREEMENT).join(Placement, Placement.enrolment_id == Enrolment.id)
    agreed = agreed.where(Placement.agreed_at <= now, or_(Submission.id.is_(None), Submission.attempt == 1))
    agreed = agreed.group_by(Component.id, Enrolment.id, Submission.id).order_by(Enrolment.id)
    first_at = func.min(Placement.agreed_at, type_=UTCDateTime())
    for component, enrolment, known, agreed_at in db.session.execute(agreed.add_columns(first_at)).all():
        submission = known or opened(component, enrolment)
        SUBMISSION.move(submission, "receive")
        submission.received_at = agreed_at
        put_up_for_marking(submission, is_accepted=True, now=now)
        record("taken for marking", submission, actor=NOBODY, now=now, person_id=enrolment.person_id)


def find_missing(now: datetime) -> None:
    """Each student without a portfolio once none is accepted of them any more: not handed in, so 0. Mails what can be
    done. Whoever is just handing in, or is given another deadline, is looked at in the next minute.
    """
    due = outstanding().where(now > OWN_DEADLINE)
    due = due.order_by(Enrolment.id).with_for_update(of=Enrolment, skip_locked=True)
    for component, enrolment, submission in db.session.execute(due).all():
        if not Task(component, enrolment, submission).counts(now):
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
