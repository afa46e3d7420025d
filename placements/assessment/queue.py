"""What is one's to mark: what waits, what is done, and the evidence that stands beside the rubric."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, null, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from placements.agreements.models import Agreement
from placements.assessment.models import CriterionScore, Mark, Submission
from placements.assessment.policy import covers_marker, is_on_team
from placements.assessment.queries import (
    OWN_DEADLINE,
    is_called,
    is_nameless,
    is_open_to,
    is_read_by,
    is_tutored_by,
    marking_due_at,
)
from placements.assessment.queries import whose as with_student
from placements.assessment.workflow import MarkState
from placements.challenges.models import Challenge
from placements.cohorts.models import Component, ComponentKind, Enrolment, MarkedBy, ModuleRun, TutorCover
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

IN_ORDER = func.coalesce(OWN_DEADLINE, Submission.received_at)  # what is due first comes first
CURRENT = (ModuleRun.state == RunState.OPEN, Enrolment.state.not_in(LEFT))


def is_marked_by(who: Principal) -> ColumnElement[bool]:
    """Which marks are `who`'s to give: those given to them, and those of their own students that nobody was given.

    Join it with its component and enrolment.
    """
    is_own = and_(Mark.allocated_id.is_(None), Component.marked_by != MarkedBy.SHARED, is_tutored_by(who))
    return or_(is_own, Mark.id.in_(who.held_on("marker")))


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
    found = _mine(who) if whose is None else _joined(who).where(is_tutored_by(who), ~is_marked_by(who))
    if text:
        by_number = Mark.script.startswith(text.upper().removeprefix("SCRIPT").strip(), autoescape=True)
        found = found.where(or_(and_(is_nameless(), by_number), and_(~is_nameless(), is_called(text))))
    if kind:
        found = found.where(Component.kind == kind)
    if state:
        found = found.where(Mark.state == state)
    rows, count = slice_of(_with_student(found), size, number)
    return [(mark, marking_due_at(mark.component, mark.submission)) for mark in rows], count


def _joined(who: Principal) -> Select[Mark]:
    found = select(Mark).join(Mark.enrolment).join(Enrolment.person).join(Enrolment.run).join(Mark.component)
    found = found.join(Mark.submission).where(*CURRENT, is_open_to(who))
    undone_first = case((Mark.state == MarkState.DRAFTED, 0), else_=1)
    by_name = case((is_nameless(), Mark.script), else_=Person.family_name)
    return found.order_by(undone_first, IN_ORDER, by_name, Mark.id)


def _mine(who: Principal) -> Select[Mark]:
    return _joined(who).where(is_marked_by(who))


def _with_student(found: Select[Mark]) -> Select[Mark]:
    student = contains_eager(Mark.enrolment)
    found = found.options(student.contains_eager(Enrolment.person), student.contains_eager(Enrolment.run))
    return found.options(contains_eager(Mark.component), contains_eager(Mark.submission))


def waiting(who: Principal, now: datetime) -> Select[Mark]:
    """What waits for `who`'s mark by now, what is due first first."""
    is_over = or_(OWN_DEADLINE.is_(None), now > OWN_DEADLINE)
    return _mine(who).where(Mark.state == MarkState.DRAFTED, is_over)


@dataclass(frozen=True)
class Place:
    """Where a script stands among those that wait: how many there are, and its neighbours' public ids, in order."""

    waiting: int
    before: str | None
    after: str | None


def place_of(who: Principal, mark: Mark, now: datetime) -> Place:
    """The neighbours among what waits for `who`'s mark; of one that waits no more, the first as next. One query."""
    keys = list(db.session.scalars(waiting(who, now).with_only_columns(Mark.public_id)))
    if mark.public_id not in keys:
        return Place(len(keys), None, keys[0] if keys else None)
    at = keys.index(mark.public_id)
    return Place(len(keys), keys[at - 1] if at else None, keys[at + 1] if at + 1 < len(keys) else None)


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
    rows = _with_student(_mine(who)).where(or_(Mark.state == MarkState.DRAFTED, Mark.marker_id.is_not(None)))
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


def to_be_marked(now: datetime) -> Select[int, Any, datetime, int]:
    """What waits for its mark, by component and marker: how many, and the first of the students' own deadlines.

    The marker is who was given it, or who covers for them; where nobody was, the tutor of the student's latest
    placement that has one, or else of the group, or who covers. Nobody, where it has to be given to somebody first.
    """
    by_placement = select(acting_tutor(today(now))).where(Placement.enrolment_id == Enrolment.id)
    latest = by_placement.where(Placement.tutor_id.is_not(None)).order_by(Placement.id.desc()).limit(1)
    own_tutor = func.coalesce(latest.scalar_subquery(), acting_group_tutor(today(now)))
    cover = select(TutorCover.cover_id).where(covers_marker(today(now))).correlate(Mark, Component).limit(1)
    marker_id = case(
        (and_(Mark.allocated_id.is_not(None), is_on_team()), func.coalesce(cover.scalar_subquery(), Mark.allocated_id)),
        (or_(Mark.allocated_id.is_not(None), Component.marked_by == MarkedBy.SHARED), null()),
        else_=own_tutor,
    ).label("marker_id")
    first = func.min(IN_ORDER, type_=UTCDateTime()).label("first")
    found = select(Mark.component_id, marker_id, first, func.count().label("count")).join(Mark.submission)
    found = found.join(Mark.component).join(Mark.enrolment).join(Enrolment.group).join(Enrolment.run)
    found = found.where(or_(OWN_DEADLINE.is_(None), now > OWN_DEADLINE), Mark.state == MarkState.DRAFTED)
    found = found.where(or_(Mark.second_id.is_(None), Mark.second_id != marker_id))  # who covers may be the second
    return found.where(*CURRENT).group_by(Mark.component_id, marker_id)


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


def agreement_of(mark: Mark) -> Agreement | None:
    """The version of the Challenge Agreement that is marked; else None.

    Of what was taken before that was written down, the one in force then.
    """
    if mark.component.kind is not ComponentKind.AGREEMENT:
        return None
    if mark.submission.agreement_id is not None:
        return mark.submission.agreement
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
