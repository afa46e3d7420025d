"""A marker's queue, how far they are with each component, and a mark with all that the marking page shows."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from placements.assessment.models import CriterionScore, Mark, Submission
from placements.assessment.queries import (
    is_called,
    is_nameless,
    is_open_to,
    is_read_by,
    is_tutored_by,
    marking_due_at,
)
from placements.assessment.queries import whose as with_student
from placements.assessment.waiting import all_of, in_order, is_marked_by, waiting
from placements.assessment.workflow import MarkState
from placements.challenges.models import Challenge
from placements.cohorts.models import Component, ComponentKind, Enrolment
from placements.core.policy import Principal
from placements.db import db, slice_of
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
    whose: str | None = None,
) -> tuple[list[tuple[Mark, datetime | None]], int]:
    """One page of the marks in open runs that are `who`'s to give, each with when it is due: unmarked first. One query.

    `whose`: instead, those of one's own students that are somebody else's to give.
    """
    found = all_of(who) if whose is None else in_order(who).where(is_tutored_by(who), ~is_marked_by(who))
    if text:
        by_number = Mark.script.startswith(text.upper().removeprefix("SCRIPT").strip(), autoescape=True)
        found = found.where(or_(and_(is_nameless(), by_number), and_(~is_nameless(), is_called(text))))
    if kind:
        found = found.where(Component.kind == kind)
    if state:
        found = found.where(Mark.state == state)
    rows, count = slice_of(_with_student(found), size, number)
    return [(mark, marking_due_at(mark.component, mark.submission)) for mark in rows], count


def _with_student(found: Select[Mark]) -> Select[Mark]:
    student = contains_eager(Mark.enrolment)
    found = found.options(student.contains_eager(Enrolment.person), student.contains_eager(Enrolment.run))
    return found.options(contains_eager(Mark.component), contains_eager(Mark.submission))


def first_of(who: Principal, now: datetime) -> str | None:
    """The public id of what waits for `who`'s mark first. One query."""
    return db.session.scalar(waiting(who, now).with_only_columns(Mark.public_id).limit(1))


@dataclass(frozen=True)
class Pile:
    """How far one is with a component: marked of all that are one's own, overdue, and when the first is due back."""

    component: Component
    marked: int
    of: int
    overdue: int
    due_at: datetime | None


def piles_of(who: Principal, now: datetime) -> list[Pile]:
    """How far `who` is with each component that they mark, what is due first first. One query."""
    rows = _with_student(all_of(who)).where(or_(Mark.state == MarkState.DRAFTED, Mark.marker_id.is_not(None)))
    by_component: defaultdict[Component, list[Mark]] = defaultdict(list)
    for mark in db.session.scalars(rows):
        by_component[mark.component].append(mark)
    found = []
    for component, marks in by_component.items():
        left = [each for each in marks if each.state is MarkState.DRAFTED]
        dues = [due for each in left if (due := marking_due_at(component, each.submission))]
        overdue = sum(due < now for due in dues)
        found.append(Pile(component, len(marks) - len(left), len(marks), overdue, min(dues, default=None)))
    return found


def mark_of(who: Principal, public_id: str) -> Mark | None:
    """A mark that `who` reads as tutor, marker or module leader, with all that the marking page shows."""
    is_seen = or_(is_read_by(who), Mark.id.in_(who.held_on("marker")))
    found = select(Mark).join(Mark.enrolment).where(Mark.public_id == public_id, is_seen, is_open_to(who))
    return db.session.scalar(
        found.options(
            *with_student(Mark),
            joinedload(Mark.marker),
            joinedload(Mark.submission).selectinload(Submission.files),
            selectinload(Mark.scores).joinedload(CriterionScore.criterion),
            selectinload(Mark.placements).joinedload(Placement.challenge).joinedload(Challenge.organisation),
        )
    )
