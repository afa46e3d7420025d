"""Which marks of a component can be released now, and why the others cannot."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from placements.assessment.models import Mark, Submission
from placements.assessment.outstanding import IS_LATEST
from placements.assessment.queries import RELEASED
from placements.assessment.rules import feedback_due_at
from placements.assessment.waiting import IN_ORDER
from placements.assessment.workflow import MarkState
from placements.board.models import StagedRelease
from placements.board.workflow import StagedState
from placements.cohorts.models import Component, Enrolment, ModuleRun, TimeslotGroup
from placements.cohorts.rules import ModerationKind
from placements.cohorts.workflow import LEFT
from placements.db import UTCDateTime, db
from placements.double_marking.queries import is_settled
from placements.people.models import Person


class Why(StrEnum):
    """Why nothing of a student's is released now. Each is how a page says it."""

    NOTHING = "Nothing is in"
    UNMARKED = "Not marked yet"
    NO_WORDS = "The feedback is missing"
    UNSETTLED = "Two markers are to agree"
    UNMODERATED = "Moderation is not closed"
    WITHHELD = "Withheld"
    DEFERRED = "Put off"
    WAIVED = "Waived"
    STAGED = "Staged already"
    RELEASED = "Released already"


@dataclass(frozen=True)
class Standing:
    """One student of the run with one component: the latest attempt's mark, and why it is not released now."""

    enrolment: Enrolment
    mark: Mark | None
    why: Why | None


def why_not(mark: Mark) -> Why | None:
    """What keeps a mark from being released, that lies in the mark itself; None where nothing does."""
    if mark.state in RELEASED:
        return Why.RELEASED
    if mark.withheld_at is not None:
        return Why.WITHHELD
    if mark.state is not MarkState.SUBMITTED:
        return Why.UNMARKED
    if not mark.is_settled:
        return Why.UNSETTLED
    if not mark.is_moderated:
        return Why.UNMODERATED
    return Why.NO_WORDS if mark.marker_id is not None and not mark.feedback else None


IS_READY = and_(  # as `why_not`, of the latest attempt of what is not waived; join the mark's component and submission
    Mark.state == MarkState.SUBMITTED,
    Mark.withheld_at.is_(None),
    is_settled(),
    or_(
        Component.moderation["kind"].as_string() == ModerationKind.NONE.value,
        Mark.marker_id.is_(None),
        Mark.moderated_at.is_not(None),
    ),
    or_(Mark.marker_id.is_(None), Mark.feedback != ""),
    Submission.waived_at.is_(None),
    IS_LATEST,
)


@dataclass(frozen=True)
class Ready:
    """What a leader can release of a run now: how many marks, and by when the first students are to have theirs."""

    count: int = 0
    due_at: datetime | None = None


def ready_in(run_ids: Collection[int]) -> dict[int, Ready]:
    """What can be released of each of these runs now, those staged already left out. Two queries."""
    staged = {key for run in pending(*run_ids) for key, _ in run.marks} if run_ids else set()
    first = func.min(IN_ORDER, type_=UTCDateTime())
    component = (Component.run_id, Component.id, Component.feedback_weeks)
    found = select(*component, func.count(Mark.id), first).join(Mark, Mark.component_id == Component.id)
    found = found.join(Mark.submission).join(Mark.enrolment).where(IS_READY, Enrolment.state.not_in(LEFT))
    found = found.where(Component.run_id.in_(run_ids), Mark.id.not_in(staged)).group_by(*component)
    ready: dict[int, Ready] = {}
    for run_id, _, weeks, count, due_at in db.session.execute(found):
        known = ready.get(run_id, Ready())
        dues = [known.due_at, feedback_due_at(due_at, weeks) if due_at else None]
        ready[run_id] = Ready(known.count + count, min((due for due in dues if due), default=None))
    return ready


def waived_of(marks: Sequence[Mark]) -> set[int]:
    """The keys of those whose component is waived by now, so that nothing of them is shown any more. One query."""
    found = select(Mark.id).join(Mark.submission).where(Submission.waived_at.is_not(None))
    return set(db.session.scalars(found.where(Mark.id.in_([mark.id for mark in marks]))))


def standings(run: ModuleRun, component: Component, group: str | None = None) -> list[Standing]:
    """Every student of the run, or of that group, with the component, by name. Four queries."""
    found = select(Enrolment).join(Enrolment.person).join(Enrolment.group)
    found = found.where(Enrolment.run_id == run.id, Enrolment.state.not_in(LEFT))
    if group:
        found = found.where(TimeslotGroup.public_id == group)
    found = found.options(contains_eager(Enrolment.person), contains_eager(Enrolment.group))
    enrolments = db.session.scalars(found.order_by(Person.family_name, Person.given_name, Enrolment.id)).all()
    submissions, marks = _latest_submissions(component), _latest_marks(component)
    staged = {key for each in pending(run.id) for key, _ in each.marks}
    return [_standing(each, submissions.get(each.id), marks.get(each.id), staged) for each in enrolments]


def _standing(enrolment: Enrolment, submission: Submission | None, mark: Mark | None, staged: set[int]) -> Standing:
    if submission is not None and mark is not None and mark.attempt != submission.attempt:
        mark = None  # of an attempt before this one
    if submission is not None and submission.waived_at is not None:
        return Standing(enrolment, mark, Why.WAIVED)
    if submission is not None and submission.deferred_at is not None and mark is None:
        return Standing(enrolment, mark, Why.DEFERRED)
    if mark is None:
        return Standing(enrolment, None, Why.NOTHING)
    return Standing(enrolment, mark, why_not(mark) or (Why.STAGED if mark.id in staged else None))


def _latest_submissions(component: Component) -> Mapping[int, Submission]:
    found = select(Submission).where(Submission.component_id == component.id).order_by(Submission.attempt)
    return {each.enrolment_id: each for each in db.session.scalars(found)}


def _latest_marks(component: Component) -> Mapping[int, Mark]:
    found = select(Mark).where(Mark.component_id == component.id).order_by(Mark.attempt)
    return {each.enrolment_id: each for each in db.session.scalars(found.options(joinedload(Mark.marker)))}


def releasable(run: ModuleRun, component: Component, group: str | None = None) -> list[Mark]:
    """The marks of a component, of one group or all, that can be released now."""
    return [each.mark for each in standings(run, component, group) if each.mark is not None and each.why is None]


def pending(*run_ids: int) -> Sequence[StagedRelease]:
    """The releases of these runs that wait for their moment, the soonest first."""
    found = select(StagedRelease).where(StagedRelease.run_id.in_(run_ids), StagedRelease.state == StagedState.STAGED)
    return db.session.scalars(found.order_by(StagedRelease.release_at, StagedRelease.id)).all()
