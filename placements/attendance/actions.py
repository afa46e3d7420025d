"""The verbs of planned days: changed by the student, cancelled by whoever cannot be there, made from the Agreement."""

from datetime import date, datetime, time

from placements.attendance import notices
from placements.attendance.models import HostClosedDay, PlannedDay
from placements.attendance.queries import closures_of, why_closed
from placements.attendance.workflow import DAY, DayState
from placements.core.clock import say_date, today
from placements.core.errors import NotAllowed, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.mail.actions import tell
from placements.partners.models import Organisation
from placements.placing.actions import told_of
from placements.placing.models import Placement

SEEN_BY = "attendance.plan"  # in a placement's history, planned days are for those who follow it
LONGEST_CLOSURE = 92  # days; ours


def add_day(
    placement: Placement, on: date, starts: time | None, ends: time | None, *, actor: Principal, now: datetime
) -> PlannedDay:
    """Plan one more day. Raises Refused where it has begun, is closed, or is not between first and last day."""
    _check(placement, on, starts, ends, now)
    day = PlannedDay(placement=placement, on=on, starts=starts, ends=ends, is_own=True)
    db.session.add(day)
    db.session.flush()
    _record(f"planned to come on {say_date(on)}", day, actor=actor, now=now)
    return day


def move_day(
    day: PlannedDay, on: date, starts: time | None, ends: time | None, *, actor: Principal, now: datetime
) -> None:
    """Come on another day, or at other times. Raises Refused as `add_day` does, and where the day is cancelled."""
    hold_row(day)
    DAY.move(day, "move")
    _is_to_come(day, now)
    if (on, starts, ends) == (day.on, day.starts, day.ends):
        return
    _check(day.placement, on, starts, ends, now)
    was, day.on, day.starts, day.ends, day.is_own = day.on, on, starts, ends, True
    _record(f"moved {say_date(was)} to {say_date(on)}", day, actor=actor, now=now)


def remove_day(day: PlannedDay, *, actor: Principal, now: datetime) -> None:
    """Take a day out of the plan. Raises Refused where it has begun, or is cancelled."""
    hold_row(day)
    DAY.move(day, "remove")
    _is_to_come(day, now)
    _record(f"took {say_date(day.on)} out of the plan", day, actor=actor, now=now)
    db.session.delete(day)


def cancel(day: PlannedDay, why: str = "", *, actor: Principal, now: datetime) -> bool:
    """Say that a day does not take place; whoever of student, supervisor and tutor did not say so is told, once.

    `why` is kept for the tutor. Returns False where it was said already. Raises NotAllowed for anybody but student and
    supervisor, Refused once the day is over.
    """
    hold_row(day)
    placement = day.placement
    is_student = actor.person_id == placement.enrolment.person_id
    if not is_student and actor.person_id != placement.supervisor_id:
        raise NotAllowed
    if not DAY.move(day, "cancel"):
        return False
    if day.on < today(now):
        raise Refused("That day is over.")
    day.cancelled_by_id, day.why = actor.person_id, why if is_student else ""
    _tell(day, notices.CANNOT_COME, actor, now)
    said = "cannot come" if is_student else "is not there"
    _record(f"{said} on {say_date(day.on)}", day, actor=actor, now=now)
    return True


def restore(day: PlannedDay, *, actor: Principal, now: datetime) -> bool:
    """Take it back until the day begins; the same people are told. Returns False where the day is planned.

    Raises NotAllowed for anybody but whoever cancelled it, Refused once the day has begun.
    """
    hold_row(day)
    if day.state is DayState.CANCELLED and day.cancelled_by_id != actor.person_id:
        raise NotAllowed
    if not DAY.move(day, "restore"):
        return False
    _is_to_come(day, now)
    day.cancelled_by_id, day.why = None, ""
    _tell(day, notices.CAN_COME, actor, now)
    _record(f"took back that {say_date(day.on)} is off", day, actor=actor, now=now)
    return True


def close_host(
    organisation: Organisation, from_on: date, to_on: date, *, actor: Principal, now: datetime
) -> HostClosedDay:
    """Say from which to which day an organisation is closed. Raises Refused for what cannot be."""
    if to_on < from_on:
        raise Refused("The last closed day is before the first.", "to_on")
    if to_on < today(now):
        raise Refused("Those days are over.", "to_on")
    if (to_on - from_on).days >= LONGEST_CLOSURE:
        raise Refused("Enter three months at most.", "to_on")
    closure = HostClosedDay(organisation=organisation, from_on=from_on, to_on=to_on)
    db.session.add(closure)
    db.session.flush()
    record(f"closed: {closure.said}", organisation, actor=actor, now=now)
    return closure


def open_host(organisation: Organisation, public_id: str, *, actor: Principal, now: datetime) -> bool:
    """Take a closure away. Returns False where the organisation has none of that id."""
    closure = next((each for each in closures_of(organisation.id) if each.public_id == public_id), None)
    if closure is None:
        return False
    record(f"open again: {closure.said}", organisation, actor=actor, now=now)
    db.session.delete(closure)
    return True


def _check(placement: Placement, on: date, starts: time | None, ends: time | None, now: datetime) -> None:
    if on <= today(now):
        raise Refused("Choose a day from tomorrow on.", "on")
    if not placement.starts_on <= on <= placement.ends_on:
        between = f"{say_date(placement.starts_on)} and {say_date(placement.ends_on)}"
        raise Refused(f"Choose a day of the placement, between {between}.", "on")
    closed = why_closed(placement.challenge.organisation_id).get(on)
    if closed:
        raise Refused(f"Choose another day. On this one nobody is expected: {closed}.", "on")
    if starts and ends and ends <= starts:
        raise Refused("The end is not after the start.", "ends")


def _is_to_come(day: PlannedDay, now: datetime) -> None:
    if day.on <= today(now):
        raise Refused("That day has begun, so it stays as it is.")


def _tell(day: PlannedDay, notice: notices.Notice, actor: Principal, now: datetime) -> None:
    day.told_at = now
    db.session.flush()
    tell(notice, day.id, told_of(day.placement, but=actor, now=now), now)


def _record(verb: str, day: PlannedDay, *, actor: Principal, now: datetime) -> None:
    student = day.placement.enrolment.person_id
    record(verb, day.placement, actor=actor, now=now, person_id=student, ability=SEEN_BY)
