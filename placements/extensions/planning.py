"""What an extension would move, before it is granted: deadlines, what hangs on them, and marks already given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from placements.assessment.lateness import Remade, remade
from placements.assessment.models import CriterionScore, Mark, Submission
from placements.assessment.outstanding import IS_LATEST
from placements.assessment.queries import Task
from placements.assessment.rules import feedback_due_at
from placements.assessment.workflow import MarkState
from placements.cohorts.models import Component, Enrolment
from placements.cohorts.queries import closed_days
from placements.core.clock import add_working_days, is_working_day, london, say_date, say_when
from placements.core.errors import Refused
from placements.core.seen import fingerprint
from placements.db import db
from placements.extensions.models import Extension
from placements.extensions.rules import later_by, objection

CONFIRMED = "The board has confirmed the mark, so it can only be corrected with the board."


@dataclass(frozen=True)
class Wanted:
    """Whose deadlines are to be moved, for what, and to when: to one moment, or by so many days each."""

    enrolments: Sequence[Enrolment]
    components: Sequence[Component]
    due_at: datetime | None = None
    days: int = 0
    changes: Extension | None = None  # the one that is in force now


@dataclass(frozen=True)
class Move:
    """One student's deadline for one component, as it is and as it would be; or why it stays as it is."""

    task: Task
    after: datetime
    mark: Mark | None
    made: Remade | None
    problem: str | None

    @property
    def before(self) -> datetime:
        """The deadline as it is."""
        assert self.task.due_at is not None
        return self.task.due_at

    @property
    def feedback(self) -> tuple[datetime, datetime]:
        """When mark and feedback are due, before and after."""
        weeks = self.task.component.feedback_weeks
        return feedback_due_at(self.before, weeks), feedback_due_at(self.after, weeks)


def plan(wanted: Wanted, now: datetime) -> list[Move]:
    """A move for each student and component that has a deadline, by name. Five queries at most, read anew."""
    closed = closed_days()
    if wanted.due_at is not None:
        _refuse_closed(wanted.due_at, closed)
    key = (
        Submission.enrolment_id.in_([each.id for each in wanted.enrolments]),
        Submission.component_id.in_([each.id for each in wanted.components]),
    )
    rows = select(Submission).where(*key, IS_LATEST).options(joinedload(Submission.component))
    known = {
        (each.enrolment_id, each.component_id): each
        for each in db.session.scalars(rows.execution_options(populate_existing=True))
    }
    marks = {each.submission.id: each for each in db.session.scalars(_marks().where(*key))}
    in_force = select(Extension.submission_id, Extension.due_at).where(Extension.ended_at.is_(None))
    extended = dict(db.session.execute(in_force.join(Extension.submission).where(*key)).all())
    found = []
    for enrolment in wanted.enrolments:
        for component in wanted.components:
            task = Task(component, enrolment, known.get((enrolment.id, component.id)))
            if task.due_at is not None:
                after = wanted.due_at or later_by(task.due_at, wanted.days, closed)
                mark = marks.get(task.submission.id) if task.submission else None
                move = Move(task, after, mark, remade(mark, after, now) if mark else None, None)
                until = extended.get(task.submission.id) if task.submission and wanted.changes is None else None
                found.append(replace(move, problem=_problem(move, wanted.changes, until, now)))
    return found


def movable(moves: Sequence[Move]) -> list[Move]:
    """Those that nothing stands against. Raises Refused where there is none."""
    found = [each for each in moves if each.problem is None]
    if not found:
        first = next((each.problem for each in moves if each.problem), "There is no deadline to move yet.")
        raise Refused(first, "day")
    return found


def fingerprint_of(moves: Sequence[Move]) -> str:
    """What tells whether a plan is still what was looked at."""
    return fingerprint(
        [
            (each.task.enrolment.id, each.task.component.id, each.before, each.after, each.problem, each.made)
            for each in moves
        ]
    )


def _marks() -> Select[Mark]:
    return (
        select(Mark)
        .join(Mark.submission)
        .where(IS_LATEST)
        .options(
            contains_eager(Mark.submission).joinedload(Submission.component),
            joinedload(Mark.component).selectinload(Component.criteria),
            joinedload(Mark.enrolment),
            selectinload(Mark.scores).joinedload(CriterionScore.criterion),
        )
        .execution_options(populate_existing=True)
    )


def _refuse_closed(due_at: datetime, closed: frozenset[date]) -> None:
    day = london(due_at).date()
    if not is_working_day(day, closed):
        following = say_date(add_working_days(day, 0, closed))
        raise Refused(f"{say_date(day)} is no working day. The next one is {following}.", "day")


def _problem(move: Move, changes: Extension | None, until: datetime | None, now: datetime) -> str | None:
    """`until`: how long another one that is in force reaches."""
    submission = move.task.submission
    if until is not None:
        return f"There is an extension until {say_when(until)} already. Change that one."
    if not move.task.is_asked:
        return "It is put off or waived, so there is no deadline to move."
    if move.mark is not None and move.mark.state is MarkState.CONFIRMED:
        return CONFIRMED
    came_at = submission.received_at if submission else None
    if came_at is not None and move.after < came_at <= move.before:
        return f"What came on {say_when(came_at)} would be late by it."
    before = changes.due_without if changes else move.before
    return objection(before, move.after, now=now, is_in=came_at is not None)
