"""Which marks of a component can be released now, and why the others cannot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from placements.assessment.models import Mark, Submission
from placements.assessment.queries import RELEASED
from placements.assessment.workflow import MarkState
from placements.board.models import StagedRelease
from placements.board.workflow import StagedState
from placements.cohorts.models import Component, Enrolment, ModuleRun, TimeslotGroup
from placements.cohorts.workflow import LEFT
from placements.db import db
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


def pending(run_id: int) -> Sequence[StagedRelease]:
    """The run's releases that wait for their moment, the soonest first."""
    found = select(StagedRelease).where(StagedRelease.run_id == run_id, StagedRelease.state == StagedState.STAGED)
    return db.session.scalars(found.order_by(StagedRelease.release_at, StagedRelease.id)).all()
