"""What a student's page of marks shows: released marks with their steps, what is withheld, and what happens next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from placements.assessment.models import Mark
from placements.assessment.queries import RELEASED, published_due_at, worth
from placements.assessment.rules import AttemptMark, band, mitigation_closes_on
from placements.assessment.work import Work, results_of
from placements.cohorts.models import Component, Enrolment, RoleOnRun, RunRole
from placements.cohorts.queries import closed_days
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db


@dataclass(frozen=True)
class Results:
    """One enrolment's work, and what its student may know of the marks beyond them; by component where it says so."""

    work: Work
    steps: Mapping[int, AttemptMark]  # none for a mark that was corrected after the board: they no longer lead to it
    claim_by: Mapping[int, date]  # the last day to claim mitigation, where it is still to come
    withheld: frozenset[int]
    leaders: tuple[str, ...]

    @property
    def is_confirmed(self) -> bool:
        """Whether a board has confirmed every mark that is out."""
        return all(mark.confirmed_at is not None for mark in self.work.released.values())

    @property
    def again(self) -> list[Component]:
        """The parts to be taken again, as far as the student may know."""
        outcome = self.work.outcome
        kinds = outcome.reassess if outcome else ()
        return [task.component for task in self.work.tasks if task.component.kind.value in kinds]

    def shows(self, component: Component) -> Mapping[int, str]:
        """What work of the band shows that a criterion's score lies in, by criterion, where the rubric says it."""
        mark = self.work.released[component.id]
        said = {each.criterion: each.score for each in mark.scores if each.score is not None}
        return {one.id: one.bands.get(str(band(score)), "") for one, score in said.items()}


def shown_to(who: Principal, now: datetime) -> list[Results]:
    """What each of one's enrolments came to, the newest first. Twelve queries at most."""
    works, closed = results_of(who), closed_days()
    withheld = _withheld([work.enrolment.id for work in works])
    leaders = _leaders({work.enrolment.run_id for work in works})
    _with_rubrics([key for work in works for key in work.released])
    return [
        Results(
            work,
            {key: step for key, mark in work.released.items() if not mark.corrected_at and (step := worth(mark))},
            _claim_by(work, closed, today(now)),
            withheld.get(work.enrolment.id, frozenset()),
            leaders.get(work.enrolment.run_id, ()),
        )
        for work in works
    ]


def _claim_by(work: Work, closed: frozenset[date], day: date) -> dict[int, date]:
    due = {task.component.id: published_due_at(task.submission) for task in work.tasks if task.submission}
    last = {key: mitigation_closes_on(at, closed) for key, at in due.items() if at is not None and key in work.released}
    return {key: closes_on for key, closes_on in last.items() if closes_on >= day}


def _withheld(enrolment_ids: list[int]) -> dict[int, frozenset[int]]:
    """Components whose mark is withheld while others of the student's group have theirs: before, nothing is said."""
    other, group = aliased(Mark), aliased(Enrolment)
    is_out = exists().where(
        other.component_id == Mark.component_id,
        other.attempt == Mark.attempt,
        other.state.in_(RELEASED),
        other.enrolment_id == group.id,
        group.group_id == Enrolment.group_id,
    )
    found = select(Mark.enrolment_id, Mark.component_id).join(Mark.enrolment)
    found = found.where(Mark.enrolment_id.in_(enrolment_ids), Mark.withheld_at.is_not(None))
    rows = db.session.execute(found.where(is_out | Mark.released_at.is_not(None))).all()
    return {key: frozenset(part for own, part in rows if own == key) for key, _ in rows}


def _leaders(run_ids: set[int]) -> dict[int, tuple[str, ...]]:
    found = select(RoleOnRun).where(RoleOnRun.run_id.in_(run_ids), RoleOnRun.role == RunRole.LEADER)
    rows = db.session.scalars(found.options(joinedload(RoleOnRun.person)).order_by(RoleOnRun.id)).all()
    return {key: tuple(row.person.name for row in rows if row.run_id == key) for key in run_ids}


def _with_rubrics(component_ids: list[int]) -> None:
    """So that no mark asks for its own."""
    found = select(Component).where(Component.id.in_(component_ids)).options(selectinload(Component.criteria))
    db.session.scalars(found).all()
