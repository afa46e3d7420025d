"""What is still asked of students: open attempts, each by the student's own deadline."""

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import aliased

from placements.assessment.models import GivenTask, Submission
from placements.assessment.workflow import SubmissionState
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.workflow import LEFT, RunState

_later = aliased(Submission)
IS_LATEST = (  # no later attempt of the same student at the same component was opened
    ~select(_later.id)
    .where(_later.component_id == Submission.component_id, _later.enrolment_id == Submission.enrolment_id)
    .where(_later.attempt > Submission.attempt)
    .correlate(Submission)
    .exists()
)
_HAS_DATE = or_(Submission.deferred_at.is_(None), Submission.due_at > Submission.deferred_at)
IS_ASKED = and_(_HAS_DATE, Submission.waived_at.is_(None))  # as `Submission.is_asked`
ITS = and_(Submission.component_id == Component.id, Submission.enrolment_id == Enrolment.id)


IS_HANDED_IN = or_(  # as `Task.is_handed_in`
    Component.kind == ComponentKind.PORTFOLIO,
    Submission.attempt > 1,
    select(GivenTask.id).where(GivenTask.submission_id == Submission.id).correlate(Submission).exists(),
)


def outstanding(kind: ComponentKind | None = None) -> Select[Component, Enrolment, Submission]:
    """Each component of that kind in open runs with every student who has an attempt at it open, and that attempt.

    Without a kind, each that students hand in themselves: a portfolio, a second attempt at anything, another task.
    A first attempt has no row until something is known of it; what is waived, or deferred without a new date, is not
    asked for.
    """
    found = select(Component, Enrolment, Submission).join(Enrolment, Enrolment.run_id == Component.run_id)
    found = found.join(Enrolment.run).outerjoin(Submission, ITS)
    is_open = and_(Submission.state == SubmissionState.OPEN, IS_ASKED)
    studying = (ModuleRun.state == RunState.OPEN, Enrolment.state.not_in(LEFT))
    return found.where(
        IS_HANDED_IN if kind is None else Component.kind == kind, *studying, or_(Submission.id.is_(None), is_open)
    )
