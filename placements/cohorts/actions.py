"""Planning a run, saying when and by whom it is taught, and moving enrolments through their states."""

from dataclasses import fields
from datetime import date, datetime

from blinker import Signal
from sqlalchemy import func, select

from placements.accounts.actions import invite
from placements.cohorts import dates, notices, rules
from placements.cohorts.models import ComponentKind, Enrolment, ModuleRun, RoleOnRun, RunRole, Theme, TimeslotGroup
from placements.cohorts.planning import copy_parts, make_parts
from placements.cohorts.queries import TUTORING, is_student_on, key_dates, team_of
from placements.cohorts.rules import examined_until
from placements.cohorts.workflow import ENROLMENT, LEFT, RUN, WITHOUT_A_PLACE
from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.mail.actions import tell
from placements.people.actions import find_or_add_person
from placements.people.models import Person

enrolment_began = Signal("A student was enrolled or came back: sent with the enrolment, and `actor` and `now`.")
enrolment_left = Signal("A student was withdrawn or deferred: sent with the enrolment, and `actor` and `now`.")
tutor_changed = Signal("Groups gave students another tutor: sent with the enrolments' keys, `was`, `actor` and `now`.")

PAST = {
    "seek": "began to look for a place",
    "place": "placed",
    "complete": "completed",
    "give_alternative": "given an alternative",
    "defer": "deferred",
    "withdraw": "withdrawn",
    "return": "returned",
}


def plan_run(
    code: str, academic_year: str, period: str, *, source: ModuleRun | None = None, actor: Principal, now: datetime
) -> ModuleRun:
    """Plan a run, all of it copied from `source`, dates whole weeks later, or else made from the module's preset.

    Whoever plans a run that has no leader leads it, unless they are the administrator. Refused where there is one.
    """
    period = period.strip().upper()
    if db.session.scalar(select(ModuleRun.id).filter_by(code=code, academic_year=academic_year, period=period)):
        raise Refused(f"There is a module run {code} {academic_year}, {period}, already.", "period")
    planned = dates.moved(key_dates(source), source.academic_year, academic_year) if source else None
    when = planned or dates.usual_dates(academic_year)
    hours = rules.DEFAULT_HOURS
    run = ModuleRun(
        code=code,
        academic_year=academic_year,
        period=period,
        level=rules.MODULES[code].level,
        minutes_target=source.minutes_target if source else hours.target,
        minutes_minimum=source.minutes_minimum if source else hours.minimum,
        minutes_ceiling=source.minutes_ceiling if source else hours.ceiling,
        created_at=now,
        **{name: value for name, value in vars(when).items() if name != "portfolio_due_at"},
    )
    db.session.add(run)
    if source:
        copy_parts(source, run)
    else:
        make_parts(run)
    _set_portfolio_due(run, when.portfolio_due_at)
    db.session.flush()
    if not any(held.role is RunRole.LEADER for held in team_of(run)) and not actor.has("administrator"):
        db.session.add(RoleOnRun(run=run, person_id=actor.person_id, role=RunRole.LEADER))
    record("planned", run, actor=actor, now=now)
    return run


def _set_portfolio_due(run: ModuleRun, due_at: datetime | None) -> None:
    for part in run.components:
        if part.kind is ComponentKind.PORTFOLIO:
            part.due_at = due_at


def set_dates(run: ModuleRun, wanted: dates.KeyDates, *, actor: Principal, now: datetime) -> None:
    """Change the run's dates. Reminders and deadlines follow by themselves. Refused where they are out of order."""
    for field, sentence in dates.date_problems(wanted, run.academic_year).items():
        raise Refused(sentence, field)
    before = key_dates(run)
    changed = [each.name for each in fields(wanted) if getattr(before, each.name) != getattr(wanted, each.name)]
    for name in changed:
        if name == "portfolio_due_at":
            _set_portfolio_due(run, wanted.portfolio_due_at)
        else:
            setattr(run, name, getattr(wanted, name))
    if changed:
        record("dates changed", run, actor=actor, now=now, fields=changed)


def set_hours(run: ModuleRun, wanted: rules.Hours, *, actor: Principal, now: datetime) -> None:
    """Change the run's target, minimum and ceiling (minutes). Refused where they are not in that order."""
    for field, sentence in rules.hours_problems(wanted).items():
        raise Refused(sentence, field)
    run.minutes_target, run.minutes_minimum, run.minutes_ceiling = wanted.target, wanted.minimum, wanted.ceiling
    record("hours changed", run, actor=actor, now=now, fields=["target", "minimum", "ceiling"])


def open_run(run: ModuleRun, *, actor: Principal, now: datetime) -> None:
    """Begin the run and tell its team. Refused while a group has no tutor, or there is no group or no leader."""
    if not run.groups:
        raise Refused("Add a timeslot group first: students are enrolled into one.")
    waiting = [group.name for group in run.groups if group.tutor_id is None]
    if waiting:
        raise Refused(f"Give each group a tutor first. {' and '.join(waiting)} has none yet.")
    team = team_of(run)
    if not any(held.role is RunRole.LEADER for held in team):
        raise Refused("Give somebody the role of module leader first.")
    if RUN.move(run, "open"):
        record("opened", run, actor=actor, now=now)
        tell(notices.RUN_OPENED, run.id, [held.person_id for held in team], now)


def close_run(run: ModuleRun, *, actor: Principal, now: datetime) -> None:
    """End the run: its dates and groups stay as they are from now on, and nobody can be enrolled.

    Raises Refused while a student has neither a place nor a recorded alternative: nobody fails for want of a place.
    """
    waiting = select(func.count()).where(Enrolment.run_id == run.id, Enrolment.state.in_(WITHOUT_A_PLACE))
    number = db.session.scalar(waiting)
    if number:
        who = "1 student has" if number == 1 else f"{number} students have"
        raise Refused(f"{who} neither a place nor a recorded alternative. See to it on the clearing list, then close.")
    if RUN.move(run, "close"):
        record("closed", run, actor=actor, now=now)


def add_group(run: ModuleRun, occurrence: str, name: str, *, actor: Principal, now: datetime) -> TimeslotGroup:
    """Add a timeslot group. Refused where the run has one of that occurrence."""
    occurrence = occurrence.upper()
    if any(group.occurrence == occurrence for group in run.groups):
        raise Refused(f"{run.title} has a group {occurrence} already.", "occurrence")
    group = TimeslotGroup(run=run, occurrence=occurrence, name=name)
    db.session.add(group)
    db.session.flush()
    record("group added", run, actor=actor, now=now)
    return group


def set_group(group: TimeslotGroup, name: str, tutor: Person | None, *, actor: Principal, now: datetime) -> None:
    """Name the group and say who tutors it; its students have the new tutor from the next request on.

    Sends `tutor_changed`: later areas let what hangs on the tutor follow.
    """
    was = group.tutor_id
    changed = ["name"] if group.name != name else []
    changed += ["tutor"] if group.tutor is not tutor else []
    group.name, group.tutor = name, tutor
    if changed:
        record("group changed", group.run, actor=actor, now=now, person_id=tutor.id if tutor else None, fields=changed)
    if "tutor" in changed:
        db.session.flush()
        students = db.session.scalars(select(Enrolment.id).where(Enrolment.group_id == group.id)).all()
        tutor_changed.send(students, was=was, actor=actor, now=now)


def give_role(
    run: ModuleRun,
    person: Person,
    role: RunRole,
    theme: Theme | None = None,
    until_on: date | None = None,
    *,
    actor: Principal,
    now: datetime,
) -> RoleOnRun:
    """Give the person a role on the run, tell them, and invite them if they have no password. Twice is once.

    An external examiner's is until some day, where none is said the usual one; giving it again moves that day.
    Refused for a student of the run: nobody stands on both sides.
    """
    if is_student_on(person.id, run.id):
        raise Refused(f"{person.name} studies on {run.title}, so cannot work on it too.", "email")
    db.session.get_one(ModuleRun, run.id, with_for_update=True)
    held = db.session.scalar(select(RoleOnRun).filter_by(run_id=run.id, person_id=person.id, role=role, theme=theme))
    if role is RunRole.EXTERNAL:
        until_on = until_on or examined_until(run.academic_year)
        if held is not None:
            set_end(held, until_on, actor=actor, now=now)
    if held is None:
        _check_end(until_on, now)
        held = RoleOnRun(run=run, person=person, role=role, theme=theme, until_on=until_on)
        db.session.add(held)
        db.session.flush()
        record(f"role given: {held.title}", run, actor=actor, now=now, person_id=person.id)
        tell(notices.ROLE_GIVEN, held.id, [person.id], now)
        invite(person, actor=actor, now=now)
    return held


def invite_to_team(
    run: ModuleRun,
    *,
    given_name: str,
    family_name: str,
    email: str,
    role: RunRole,
    theme: Theme | None = None,
    until_on: date | None = None,
    actor: Principal,
    now: datetime,
) -> RoleOnRun:
    """Give a role to whoever has that address, whom we may be meeting for the first time. Otherwise as `give_role`."""
    person = find_or_add_person(given_name, family_name, email, now)
    return give_role(run, person, role, theme, until_on, actor=actor, now=now)


def set_end(held: RoleOnRun, until_on: date, *, actor: Principal, now: datetime) -> None:
    """Say until the end of which day the role is one. The same again changes nothing. Refused for a day gone by."""
    hold_row(held, "until_on")
    if held.until_on == until_on:
        return
    _check_end(until_on, now)
    held.until_on = until_on
    verb = f"role until {until_on:%d %m %Y}: {held.title}"
    record(verb, held.run, actor=actor, now=now, person_id=held.person_id, fields=["until_on"])


def _check_end(until_on: date | None, now: datetime) -> None:
    if until_on is not None and until_on < today(now):
        raise Refused("That day has gone by. Enter today or a later day.", "until_on")


def remove_role(held: RoleOnRun, *, actor: Principal, now: datetime) -> None:
    """Take the role away, from the next request on. Twice is once.

    Refused for the last leader, and for whoever has a group and no other role on the run that lets them have one.
    """
    run, person = held.run, held.person
    db.session.get_one(ModuleRun, run.id, with_for_update=True)
    team = team_of(run)
    if held not in team:
        return
    rest = [each for each in team if each is not held]
    if held.role is RunRole.LEADER and not any(each.role is RunRole.LEADER for each in rest):
        raise Refused(f"{person.name} is the only module leader of {run.title}. Give somebody else the role first.")
    if held.role in TUTORING and not any(each.person_id == person.id and each.role in TUTORING for each in rest):
        group = db.session.scalar(select(TimeslotGroup).filter_by(run_id=run.id, tutor_id=person.id).limit(1))
        if group is not None:
            raise Refused(f"{person.name} has the group {group.name}. Give it another tutor first.")
    record(f"role taken away: {held.title}", run, actor=actor, now=now, person_id=person.id)
    db.session.delete(held)


def move_enrolment(
    enrolment: Enrolment, verb: str, *, actor: Principal, now: datetime, reason: str | None = None
) -> bool:
    """Move the enrolment by a verb of its workflow. Returns False where it has been moved already.

    Leaving by `defer` or `withdraw` sends `enrolment_left`: later areas tell the organisation and free the place.
    `return` sends `enrolment_began`, as enrolling does: where places are given out, somebody looks for one.
    """
    had_left = enrolment.state in LEFT
    if not ENROLMENT.move(enrolment, verb):
        return False
    record(PAST[verb], enrolment, actor=actor, now=now, person_id=enrolment.person_id, reason=reason)
    if verb in ("defer", "withdraw") and not had_left:
        enrolment_left.send(enrolment, actor=actor, now=now)
    if verb == "return":
        enrolment_began.send(enrolment, actor=actor, now=now)
    return True
