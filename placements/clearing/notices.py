"""What is written about the clearing list: what its students ask for, dates that come near or have passed."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, case, false, func, literal, select
from sqlalchemy.orm import joinedload, selectinload

from placements.challenges.models import Challenge
from placements.clearing.rules import WARNED_WORKING_DAYS, warned_on
from placements.cohorts.models import Enrolment, ModuleRun, RoleOnRun, RunRole
from placements.core.clock import in_london, today
from placements.db import UTCDateTime, db
from placements.mail.notices import Context, Notice, Pace, Reminder, TimedReminder
from placements.mail.stepping import CATCH_UP, DAY, NO_DEADLINE, latest_morning
from placements.offers.models import AskedPlace, Clearing
from placements.people.models import Person

Values = Mapping[str, Any]
SENT_AT = time(9)  # London


def _alternative(clearing_id: int, recipient: Person, now: datetime) -> Values | None:
    """To the student of the row, of what was agreed in place of a placement; to be read after signing in."""
    row = db.session.get_one(Clearing, clearing_id, options=[joinedload(Clearing.owner)])
    if row.outcome is None:
        return None
    return {"clearing": row, "address": url_for("offers.mine", _external=True)}


def _asked(clearing_id: int, recipient: Person, now: datetime) -> Values | None:
    """To whoever looks after the student of the row, while something is asked for."""
    student = joinedload(Clearing.enrolment).joinedload(Enrolment.person)
    wishes = selectinload(Clearing.asked).joinedload(AskedPlace.challenge).joinedload(Challenge.organisation)
    row = db.session.get_one(Clearing, clearing_id, options=[student, wishes])
    if row.closed_at is not None or not row.asked or row.owner_id != recipient.id:
        return None
    address = url_for("clearing.place", public_id=row.public_id, _external=True)
    return {"row": row, "student": row.enrolment.person, "asked": row.asked, "address": address}


def _of_owner(is_true: Callable[[date, date], bool]) -> Context:
    """A notice to somebody about the students whom they look after, as long as `is_true` of a date and today."""

    def context(owner_id: int, recipient: Person, now: datetime) -> Values | None:
        of_owner = Clearing.owner_id == owner_id, Clearing.closed_at.is_(None)
        dates = [day for day in db.session.scalars(select(Clearing.by_on).where(*of_owner)) if is_true(day, today(now))]
        return {"number": len(dates), "first_on": min(dates), "address": _list()} if dates else None

    return context


def _late_in_run(run_id: int, recipient: Person, now: datetime) -> Values | None:
    """To a module leader: who has not kept a date, other than they themselves."""
    rows = (
        select(Person, func.count(Clearing.id), func.min(Clearing.by_on))
        .join(Clearing, Clearing.owner_id == Person.id)
        .join(Clearing.enrolment)
        .where(Enrolment.run_id == run_id, Person.id != recipient.id)
        .where(Clearing.closed_at.is_(None), Clearing.by_on < today(now))
        .group_by(Person.id)
        .order_by(func.min(Clearing.by_on), Person.id)
    )
    owners = db.session.execute(rows).all()
    if not owners:
        return None
    return {"run": db.session.get_one(ModuleRun, run_id), "owners": owners, "address": _list()}


def _list() -> str:
    return url_for("clearing.students", _external=True)


ALTERNATIVE = Notice(
    "clearing.alternative",
    _alternative,
    Pace.DAILY,
    run="clearing.enrolment.run_id",
    fills={"owner": "clearing.owner.name"},
)
ASKED = Notice(
    "clearing.asked",
    _asked,
    Pace.DAILY,
    run="row.enrolment.run_id",
    fills={"student": "student.name", "by": "row.by_on | date"},
)
DATE_NEAR = Notice("clearing.date_near", _of_owner(lambda day, today: warned_on(day) <= today <= day), Pace.DAILY)
DATE_PASSED = Notice("clearing.date_passed", _of_owner(lambda day, today: day < today), Pace.DAILY)
DATES_PASSED_IN_RUN = Notice(
    "clearing.dates_passed_in_run", _late_in_run, Pace.DAILY, run="run.id", fills={"run": "run.title"}
)

NOTICES = (ALTERNATIVE, ASKED, DATE_NEAR, DATE_PASSED, DATES_PASSED_IN_RUN)


def _said_on(days: Mapping[date, date], now: datetime) -> tuple[ColumnElement[bool], ColumnElement[datetime]]:
    """Whether a row's date is one of these and that is to be said by now; and since when: 9am of the day beside it."""
    moments = {by_on: in_london(day, SENT_AT) for by_on, day in days.items()}
    due = {by_on: literal(moment, UTCDateTime()) for by_on, moment in moments.items() if moment <= now}
    is_due = Clearing.closed_at.is_(None) & Clearing.by_on.in_(due)
    return is_due, case(due or {date.max: literal(now, UTCDateTime())}, value=Clearing.by_on)


def date_near(now: datetime) -> Select[int, int, datetime]:
    """Whoever looks after students, three working days before the date of those who stood on the list by then."""
    days = [today(now) + timedelta(days=ahead) for ahead in range(2 * WARNED_WORKING_DAYS)]
    is_due, due_at = _said_on({day: warned_on(day) for day in days}, now)
    return _to_owners(due_at).where(is_due, Clearing.opened_at < due_at)


def date_passed(now: datetime) -> Select[int, int, datetime]:
    """The same on the day after it."""
    ends = [today(now) - ago * DAY for ago in range(1, CATCH_UP.days)]
    is_due, due_at = _said_on({day: day + DAY for day in ends}, now)
    return _to_owners(due_at).where(is_due)


def _to_owners(due_at: ColumnElement[datetime]) -> Select[int, int, datetime]:
    return select(Clearing.owner_id.label("about"), Clearing.owner_id.label("owner"), due_at).distinct()


def dates_passed_in_run(now: datetime, steps: tuple[int, ...]) -> Select[int, int, datetime, int, datetime]:
    """The leaders of the student's run, so many days after a date that somebody else has not kept."""
    days = [today(now) - ago * DAY for ago in range(max(*steps, 0) + CATCH_UP.days + 1)]
    moments = {day: latest_morning(day, steps, now) for day in days}
    due = {day: literal(moment, UTCDateTime()) for day, moment in moments.items() if moment is not None}
    due_at = case(due, value=Clearing.by_on) if due else Clearing.opened_at
    leads = (RoleOnRun.run_id == Enrolment.run_id) & (RoleOnRun.role == RunRole.LEADER)
    rows = select(Enrolment.run_id, RoleOnRun.person_id, due_at, Enrolment.run_id.label("of_run"), NO_DEADLINE)
    rows = rows.select_from(Clearing).join(Clearing.enrolment).join(RoleOnRun, leads)
    is_due = Clearing.by_on.in_(due) if due else false()
    return rows.where(Clearing.closed_at.is_(None), is_due, RoleOnRun.person_id != Clearing.owner_id).distinct()


REMINDERS = (
    Reminder(DATE_NEAR, date_near, then=DATE_PASSED.name),
    Reminder(DATE_PASSED, date_passed, then=DATES_PASSED_IN_RUN.name),
    TimedReminder(
        DATES_PASSED_IN_RUN,
        dates_passed_in_run,
        steps=(1,),
        hangs_on="the day by which the student was to have a place",
    ),
)
