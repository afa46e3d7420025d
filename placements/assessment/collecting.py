"""What happens to work of itself: Agreements are taken for marking, and what was never handed in is found."""

from datetime import datetime

from sqlalchemy import Select, select

from placements.assessment import notices
from placements.assessment.actions import follow_deadlines, opened, put_up_for_marking
from placements.assessment.agreeing import follow_placings, take_agreements
from placements.assessment.models import Submission
from placements.assessment.queries import Task, submission_of
from placements.assessment.workflow import SUBMISSION, SubmissionState
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.workflow import LEFT, RunState
from placements.core.policy import NOBODY
from placements.db import db
from placements.history.actions import record
from placements.mail.actions import tell


def collect(now: datetime) -> None:
    """What the worker does each minute: take Agreements that were sent, and find what was not handed in."""
    follow_placings(now)
    take_agreements(now)
    follow_deadlines(now)
    find_missing(now)


def _nothing_in(kind: ComponentKind) -> Select[Component, Enrolment]:
    """The components of that kind in open runs, each with every student who has nothing in, missed or late either."""
    its = (Submission.component_id == Component.id, Submission.enrolment_id == Enrolment.id, Submission.attempt == 1)
    is_in = select(Submission.id).where(*its, Submission.state != SubmissionState.OPEN)
    found = select(Component, Enrolment).join(Enrolment, Enrolment.run_id == Component.run_id).join(Enrolment.run)
    studying = (ModuleRun.state == RunState.OPEN, Enrolment.state.not_in(LEFT))
    return found.where(Component.kind == kind, *studying, ~is_in.exists())


def find_missing(now: datetime) -> None:
    """Each student without a portfolio once none is accepted any more: not handed in, so 0. Mails what can be done."""
    due = _nothing_in(ComponentKind.PORTFOLIO).where(Component.due_at < now)
    for component, enrolment in db.session.execute(due).all():
        if not Task(component, enrolment, None).counts(now):
            _miss(component, enrolment, now)


def _miss(component: Component, enrolment: Enrolment, now: datetime) -> None:
    submission = submission_of(component.id, enrolment.id) or opened(component, enrolment)
    SUBMISSION.move(submission, "find_missing")
    record("not handed in by the deadline", submission, actor=NOBODY, now=now, person_id=enrolment.person_id)
    put_up_for_marking(submission, is_accepted=False, now=now)
    tell(notices.NOT_HANDED_IN, submission.id, [enrolment.person_id], now)
