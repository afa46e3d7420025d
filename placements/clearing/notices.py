"""What is written about those without a place: who chose nothing, what they ask for, dates that come near or pass."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from placements.applications.overview import select_without
from placements.challenges.models import Challenge
from placements.clearing.rules import WARNED_WORKING_DAYS, warned_on
from placements.clearing.unfilled import closes_for, kept_by, of_keepers, of_organisations, unfilled
from placements.cohorts.models import Enrolment, ModuleRun, RoleOnRun, TimeslotGroup
from placements.cohorts.queries import acting_group_tutor
from placements.cohorts.workflow import RunState
from placements.core.clock import in_london, today
from placements.db import db
from placements.mail.notices import Context, Due, Notice, Pace, Reminder, Timed, TimedReminder
from placements.mail.stepping import CATCH_UP, DAY, MORNING, NO_DEADLINE, latest_morning, latest_step, moment_by
from placements.offers.models import AskedPlace, Clearing, Offer
from placements.offers.workflow import LIVE
from placements.partners.queries import is_current_contact, keeper
from placements.people.models import Person

Values = Mapping[str, Any]


def _left_out(now: datetime) -> Select[Enrolment]:
    """Who chose nothing until a run's choosing closed, and has no offer and nobody yet who sees to a place."""
    has_offer = select(Offer.id).where(Offer.enrolment_id == Enrolment.id, Offer.state.in_(LIVE))
    is_seen_to = select(Clearing.id).where(Clearing.enrolment_id == Enrolment.id, Clearing.closed_at.is_(None))
    without = select_without().join(ModuleRun, ModuleRun.id == Enrolment.run_id)
    closed = (ModuleRun.state == RunState.OPEN, ModuleRun.ranking_closes_at <= now)
    return without.where(*closed, ~has_offer.exists(), ~is_seen_to.exists())


def _nothing_chosen(enrolment_id: int, recipient: Person, now: datetime) -> Values | None:
    enrolment = db.session.scalar(_left_out(now).where(Enrolment.id == enrolment_id))
    if enrolment is None:
        return None
    address = url_for("home.next_up", _external=True)
    return {"run": enrolment.run, "tutor": enrolment.group.tutor, "address": address}


def _students_left_out(run_id: int, recipient: Person, now: datetime) -> Values | None:
    """For the tutor, or who covers, of these students of the run; for a leader, where their group has none."""
    theirs = _left_out(now).where(Enrolment.run_id == run_id).outerjoin(RoleOnRun, _leads_untutored())
    theirs = theirs.where(_tutor_or_leader(now) == recipient.id).options(contains_eager(Enrolment.person))
    students = db.session.scalars(theirs.order_by(Person.family_name, Person.given_name, Person.id)).all()
    if not students:
        return None
    address = url_for("home.next_up", _external=True)
    return {"run": students[0].run, "students": [each.person for each in students], "address": address}


def _leads_untutored() -> ColumnElement[bool]:
    return and_(TimeslotGroup.tutor_id.is_(None), RoleOnRun.leads(Enrolment.run_id))


def _tutor_or_leader(now: datetime) -> ColumnElement[int]:
    return func.coalesce(acting_group_tutor(today(now)), RoleOnRun.person_id)


def _not_chosen(challenge_id: int, recipient: Person, now: datetime) -> Values | None:
    """For whoever works there, while students choose and none has chosen it."""
    challenge = db.session.scalar(unfilled(now).where(Challenge.id == challenge_id))
    closes_at = closes_for(challenge) if challenge is not None else None
    if challenge is None or closes_at is None or closes_at <= now:
        return None
    if not is_current_contact(recipient.id, challenge.organisation_id):
        return None
    address = url_for("challenges.challenge", public_id=challenge.public_id, _external=True)
    helps = keeper(challenge.organisation)
    return {"challenge": challenge, "closes_at": closes_at, "keeper": helps, "address": address}


def _unfilled(person_id: int, recipient: Person, now: datetime) -> Values | None:
    challenges = kept_by(recipient.id, now)
    address = url_for("challenges.overview", _external=True)
    return {"challenges": challenges, "address": address} if challenges else None


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


CHOSE_NOTHING = {"run": "run.title", "closed": "run.ranking_closes_at | when"}

NOTHING_CHOSEN = Notice("clearing.nothing_chosen", _nothing_chosen, Pace.DAILY, run="run.id", fills=CHOSE_NOTHING)
STUDENTS_LEFT_OUT = Notice(
    "clearing.students_left_out", _students_left_out, Pace.DAILY, run="run.id", fills=CHOSE_NOTHING
)
NOT_CHOSEN = Notice("clearing.not_chosen", _not_chosen, Pace.DAILY)
UNFILLED = Notice("clearing.unfilled", _unfilled, Pace.DAILY)
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

NOTICES = (
    *(NOTHING_CHOSEN, STUDENTS_LEFT_OUT, NOT_CHOSEN, UNFILLED),
    *(ALTERNATIVE, ASKED, DATE_NEAR, DATE_PASSED, DATES_PASSED_IN_RUN),
)


def nothing_chosen(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Who chose nothing, so many days after choosing closed."""
    due_at, is_due = latest_step(ModuleRun.ranking_closes_at, steps, now)
    found = _left_out(now).where(is_due)
    return found.with_only_columns(Enrolment.id, Enrolment.person_id, due_at, Enrolment.run_id, NO_DEADLINE)


def students_left_out(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Their tutors at the same time, once for all of a run."""
    due_at, is_due = latest_step(ModuleRun.ranking_closes_at, steps, now)
    told = _tutor_or_leader(now)
    found = _left_out(now).where(is_due).outerjoin(RoleOnRun, _leads_untutored()).where(told.is_not(None))
    columns = (Enrolment.run_id, told.label("told"), due_at, Enrolment.run_id.label("of_run"), NO_DEADLINE)
    return found.with_only_columns(*columns).distinct()


def _said_on(days: Mapping[date, date], now: datetime) -> tuple[ColumnElement[datetime], ColumnElement[bool]]:
    """Since when a row's date is to be said: 9am of the day beside it; and whether it is by now."""
    moments = {by_on: in_london(day, MORNING) for by_on, day in days.items()}
    due_at, is_due = moment_by(Clearing.by_on, {by_on: at for by_on, at in moments.items() if at <= now})
    return due_at, is_due & Clearing.closed_at.is_(None)


def date_near(now: datetime) -> Select[int, int, datetime]:
    """Whoever looks after students, three working days before the date of those who stood on the list by then."""
    days = [today(now) + timedelta(days=ahead) for ahead in range(2 * WARNED_WORKING_DAYS)]
    due_at, is_due = _said_on({day: warned_on(day) for day in days}, now)
    return _to_owners(due_at).where(is_due, Clearing.opened_at < due_at)


def date_passed(now: datetime) -> Select[int, int, datetime]:
    """The same on the day after it."""
    ends = [today(now) - ago * DAY for ago in range(1, CATCH_UP.days)]
    due_at, is_due = _said_on({day: day + DAY for day in ends}, now)
    return _to_owners(due_at).where(is_due)


def _to_owners(due_at: ColumnElement[datetime]) -> Select[int, int, datetime]:
    return select(Clearing.owner_id.label("about"), Clearing.owner_id.label("owner"), due_at).distinct()


def dates_passed_in_run(now: datetime, steps: tuple[int, ...]) -> Timed:
    """The leaders of the student's run, so many days after a date that somebody else has not kept."""
    days = [today(now) - ago * DAY for ago in range(max(*steps, 0) + CATCH_UP.days + 1)]
    moments = {day: latest_morning(day, steps, now) for day in days}
    due_at, is_due = moment_by(Clearing.by_on, moments)
    rows = select(Enrolment.run_id, RoleOnRun.person_id, due_at, Enrolment.run_id.label("of_run"), NO_DEADLINE)
    rows = rows.select_from(Clearing).join(Clearing.enrolment).join(RoleOnRun, RoleOnRun.leads(Enrolment.run_id))
    return rows.where(Clearing.closed_at.is_(None), is_due, RoleOnRun.person_id != Clearing.owner_id).distinct()


def _lately(due: Due) -> Due:
    """What fell due within a week: what nobody could send for longer is not sent."""

    def lately(now: datetime) -> Select[int, int, datetime]:
        rows = due(now)
        since = rows.selected_columns[2]
        return rows.where(since <= now, since > now - CATCH_UP)

    return lately


CHOOSING_CLOSED = "the closing of choices"

REMINDERS = (
    TimedReminder(NOTHING_CHOSEN, nothing_chosen, (0,), CHOOSING_CLOSED, then=STUDENTS_LEFT_OUT.name),
    TimedReminder(STUDENTS_LEFT_OUT, students_left_out, (0,), CHOOSING_CLOSED),
    Reminder(NOT_CHOSEN, _lately(of_organisations), then=UNFILLED.name),
    Reminder(UNFILLED, _lately(of_keepers)),
    Reminder(DATE_NEAR, date_near, then=DATE_PASSED.name),
    Reminder(DATE_PASSED, date_passed, then=DATES_PASSED_IN_RUN.name),
    TimedReminder(
        DATES_PASSED_IN_RUN,
        dates_passed_in_run,
        steps=(1,),
        hangs_on="the day by which the student was to have a place",
    ),
)
