"""The tutor's marking: what waits, what is done, and the evidence that stands beside the rubric."""

from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from placements.agreements.models import Agreement
from placements.assessment.models import CriterionScore, Mark, Submission
from placements.assessment.queries import is_called, is_read_by, is_tutored_by, marking_due_at, whose
from placements.assessment.workflow import MarkState
from placements.challenges.models import Challenge
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.workflow import LEFT, RunState
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.logbook.hours import hours_of
from placements.logbook.ledger import Totals
from placements.people.models import Person
from placements.placing.models import Placement


def queue(
    who: Principal,
    now: datetime,
    size: int,
    number: int,
    *,
    text: str | None = None,
    kind: ComponentKind | None = None,
    state: str | None = None,
) -> tuple[list[tuple[Mark, datetime | None]], int]:
    """One page of one's own students' marks in open runs, each with when it is due: unmarked first. Two queries."""
    own_deadline = func.coalesce(Component.due_at, Submission.received_at)
    found = (
        select(Mark)
        .join(Mark.enrolment)
        .join(Enrolment.person)
        .join(Enrolment.run)
        .join(Mark.component)
        .join(Mark.submission)
        .where(is_tutored_by(who), ModuleRun.state == RunState.OPEN, Enrolment.state.not_in(LEFT))
        .options(
            contains_eager(Mark.enrolment).contains_eager(Enrolment.person),
            contains_eager(Mark.enrolment).contains_eager(Enrolment.run),
            contains_eager(Mark.component),
            contains_eager(Mark.submission),
        )
        .order_by(case((Mark.state == MarkState.DRAFTED, 0), else_=1), own_deadline, Person.family_name, Mark.id)
    )
    if text:
        found = found.where(is_called(text))
    if kind:
        found = found.where(Component.kind == kind)
    if state:
        found = found.where(Mark.state == state)
    rows, count = slice_of(found, size, number)
    return [(mark, marking_due_at(mark.component, mark.submission)) for mark in rows], count


def mark_of(who: Principal, public_id: str) -> Mark | None:
    """A mark that `who` reads as tutor or module leader, with all that the marking page shows."""
    found = select(Mark).join(Mark.enrolment).where(Mark.public_id == public_id, is_read_by(who))
    return db.session.scalar(
        found.options(
            *whose(Mark),
            joinedload(Mark.marker),
            joinedload(Mark.submission).selectinload(Submission.files),
            selectinload(Mark.scores).joinedload(CriterionScore.criterion),
            selectinload(Mark.placements).joinedload(Placement.challenge).joinedload(Challenge.organisation),
        )
    )


def agreement_of(mark: Mark) -> Agreement | None:
    """The version of the Challenge Agreement that is marked: in force when it was taken for marking; else None."""
    if mark.component.kind is not ComponentKind.AGREEMENT:
        return None
    found = select(Agreement).where(
        Agreement.placement_id.in_([each.id for each in mark.placements]),
        Agreement.in_force_at <= mark.submission.received_at,
    )
    return db.session.scalar(found.order_by(Agreement.in_force_at.desc()).limit(1))


def hours_behind(mark: Mark) -> Totals | None:
    """The hours of the student's placements together; None without one."""
    ids = [each.id for each in mark.placements]
    return hours_of(ids)[ids[-1]] if ids else None
