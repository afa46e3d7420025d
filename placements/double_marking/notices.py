"""What second marking writes to people. No mail says a mark, or what the other marker does before both are in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from placements.assessment.models import Mark
from placements.assessment.rules import feedback_due_at
from placements.assessment.waiting import CURRENT, IN_ORDER, back_at
from placements.assessment.workflow import MarkState
from placements.cohorts.models import Component, Enrolment, RoleOnRun
from placements.db import UTCDateTime, db
from placements.double_marking.models import SecondMark
from placements.double_marking.workflow import Role, SecondState
from placements.mail.notices import Notice, Pace, Timed, TimedReminder
from placements.mail.stepping import NO_DEADLINE, latest_step
from placements.people.models import Person

Values = Mapping[str, Any] | None


def _allotted(component_id: int, recipient: Person, now: datetime) -> Values:
    own = select(func.count(SecondMark.id)).join(SecondMark.mark).where(Mark.component_id == component_id)
    own = own.where(SecondMark.marker_id == recipient.id, SecondMark.role == Role.SECOND)
    count = db.session.scalar(own.where(SecondMark.state != SecondState.SUBMITTED))
    return {"component": db.session.get_one(Component, component_id), "count": count} if count else None


def _to_agree(mark_id: int, recipient: Person, now: datetime) -> Values:
    mark = db.session.get_one(Mark, mark_id)
    waits = mark.fixed_at is not None and mark.agreed is None and mark.state is MarkState.SUBMITTED
    return {"mark": mark, "component": mark.component} if waits else None


def _third_asked(second_id: int, recipient: Person, now: datetime) -> Values:
    third = db.session.get_one(SecondMark, second_id)
    waits = third.marker_id == recipient.id and third.state is not SecondState.SUBMITTED
    return {"third": third, "component": third.mark.component} if waits else None


def _waiting() -> Select[*tuple[Any, ...]]:
    """Second and third marks that are not in, by component: how many, and the first of the students' deadlines."""
    first = func.min(IN_ORDER, type_=UTCDateTime()).label("first")
    found = select(Mark.component_id, first, func.count(SecondMark.id).label("pieces")).select_from(SecondMark)
    found = found.join(SecondMark.mark).join(Mark.submission).join(Mark.component).join(Mark.enrolment)
    is_open = (SecondMark.state != SecondState.SUBMITTED, Mark.agreed.is_(None), *CURRENT)
    return found.join(Enrolment.run).where(*is_open)


def _still(component_id: int, *which: ColumnElement[bool]) -> Values:
    found = _waiting().where(Mark.component_id == component_id, *which).group_by(Mark.component_id)
    row = db.session.execute(found).first()
    if row is None:
        return None
    component = db.session.get_one(Component, component_id)
    return {"component": component, "count": row.pieces, "due_at": feedback_due_at(row.first, component.feedback_weeks)}


def _still_to_mark(component_id: int, recipient: Person, now: datetime) -> Values:
    values = _still(component_id, SecondMark.marker_id == recipient.id)
    return {**values, "is_late": values["due_at"] < now} if values else None


def _late(component_id: int, recipient: Person, now: datetime) -> Values:
    values = _still(component_id)
    return values if values and values["due_at"] < now else None


RUN = "component.run_id"
FILLS = {"component": "component.title"}

ALLOTTED = Notice(
    "double_marking.allotted",
    _allotted,
    pace=Pace.DAILY,
    run=RUN,
    fills={"component": "component.title", "count": "count"},
)
BOTH_IN = Notice("double_marking.both_in", _to_agree, pace=Pace.DAILY, run=RUN, fills=FILLS)
PROPOSED = Notice("double_marking.proposed", _to_agree, pace=Pace.DAILY, run=RUN, fills=FILLS)
THIRD_WANTED = Notice("double_marking.third_wanted", _to_agree, pace=Pace.DAILY, run=RUN, fills=FILLS)
THIRD_ASKED = Notice("double_marking.third_asked", _third_asked, pace=Pace.DAILY, run=RUN, fills=FILLS)
STILL_TO_MARK = Notice("double_marking.still_to_mark", _still_to_mark, pace=Pace.DAILY, run=RUN, fills=FILLS)
LATE = Notice("double_marking.late", _late, pace=Pace.DAILY, run=RUN, fills=FILLS)

NOTICES = (ALLOTTED, BOTH_IN, PROPOSED, THIRD_WANTED, THIRD_ASKED, STILL_TO_MARK, LATE)


def still_to_mark(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Second and third markers, so many days from the day on which the first of theirs is due back."""
    waiting = _waiting().add_columns(SecondMark.marker_id)
    first = waiting.group_by(Mark.component_id, SecondMark.marker_id).subquery()
    return _timed(first, first.c.marker_id, steps, now)


def late(now: datetime, steps: tuple[int, ...]) -> Timed:
    """The module leaders of the run, of the first that is late."""
    first = _waiting().group_by(Mark.component_id).subquery()
    return _timed(first, RoleOnRun.person_id, steps, now).join(RoleOnRun, RoleOnRun.leads(Component.run_id))


def _timed(first: Any, recipient: Any, steps: tuple[int, ...], now: datetime) -> Timed:
    due_at, is_due = latest_step(back_at(first.c.first), steps, now)
    found = select(first.c.component_id, recipient, due_at, Component.run_id, NO_DEADLINE).select_from(first)
    return found.join(Component, Component.id == first.c.component_id).where(is_due)


BACK = "the day on which the first piece is due back"

REMINDERS = (
    TimedReminder(STILL_TO_MARK, still_to_mark, steps=(-7, -1, 1), hangs_on=BACK, then=LATE.name),
    TimedReminder(LATE, late, steps=(3,), hangs_on=BACK),
)
