"""The tutor's marking: what waits, what is done, and the evidence that stands beside the rubric."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from placements.agreements.models import Agreement
from placements.assessment.models import CriterionScore, Mark, Submission
from placements.assessment.queries import is_called, is_read_by, is_tutored_by, marking_due_at, whose
from placements.assessment.workflow import MarkState
from placements.challenges.models import Challenge
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.queries import acting_group_tutor
from placements.cohorts.workflow import LEFT, RunState
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import UTCDateTime, db, slice_of
from placements.logbook.hours import hours_of
from placements.logbook.ledger import Totals
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import acting_tutor
from placements.reading.frozen import Frozen, read, snapshot_at

OWN_DEADLINE = func.coalesce(Component.due_at, Submission.received_at)
CURRENT = (ModuleRun.state == RunState.OPEN, Enrolment.state.not_in(LEFT))


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
    """One page of one's own students' marks in open runs, each with when it is due: unmarked first. One query."""
    found = select(Mark).join(Mark.enrolment).join(Enrolment.person).join(Enrolment.run).join(Mark.component)
    found = found.join(Mark.submission).where(is_tutored_by(who), *CURRENT)
    student = contains_eager(Mark.enrolment)
    found = found.options(student.contains_eager(Enrolment.person), student.contains_eager(Enrolment.run))
    found = found.options(contains_eager(Mark.component), contains_eager(Mark.submission))
    undone_first = case((Mark.state == MarkState.DRAFTED, 0), else_=1)
    found = found.order_by(undone_first, OWN_DEADLINE, Person.family_name, Mark.id)
    if text:
        found = found.where(is_called(text))
    if kind:
        found = found.where(Component.kind == kind)
    if state:
        found = found.where(Mark.state == state)
    rows, count = slice_of(found, size, number)
    return [(mark, marking_due_at(mark.component, mark.submission)) for mark in rows], count


def to_be_marked(now: datetime) -> Select[int, Any, datetime, int]:
    """What waits for its mark, by component and marker: how many, and the first of the students' own deadlines.

    The marker is the tutor of the student's latest placement that has one, or else of the group, or who covers.
    """
    by_placement = select(acting_tutor(today(now))).where(Placement.enrolment_id == Enrolment.id)
    latest = by_placement.where(Placement.tutor_id.is_not(None)).order_by(Placement.id.desc()).limit(1)
    marker_id = func.coalesce(latest.scalar_subquery(), acting_group_tutor(today(now))).label("marker_id")
    first = func.min(OWN_DEADLINE, type_=UTCDateTime()).label("first")
    found = select(Mark.component_id, marker_id, first, func.count().label("count")).join(Mark.submission)
    found = found.join(Mark.component).join(Mark.enrolment).join(Enrolment.group).join(Enrolment.run)
    found = found.where(or_(Component.due_at.is_(None), Component.due_at < now), Mark.state == MarkState.DRAFTED)
    return found.where(*CURRENT).group_by(Mark.component_id, marker_id)


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


def logbook_behind(mark: Mark) -> Frozen | None:
    """The logbook as it was handed in with what is marked; None where it is no evidence, or was not kept."""
    taken = snapshot_at(mark.enrolment_id, mark.submission.received_at)
    return read(taken) if taken else None


def hours_behind(mark: Mark) -> Totals | None:
    """The hours of the student's placements together; None without one."""
    ids = [each.id for each in mark.placements]
    return hours_of(ids)[ids[-1]] if ids else None
