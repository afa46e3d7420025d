"""Who may do what with runs, groups and enrolments; and the roles that these give."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, String, literal, or_, select, type_coerce, union_all

from placements.cohorts.models import Enrolment, ModuleRun, RoleOnRun, RunRole, TimeslotGroup, TutorCover
from placements.cohorts.workflow import RUN, RunState
from placements.core.policy import Abilities, Principal, condition, has_role, state

TEAM = ("leader", "tutor", "moderator", "champion", "external")


def roles_of(person_id: int, on: date) -> Select[str, int | None]:
    """The roles that runs, groups and enrolments give a person: (role, the key of what it is held on).

    Who covers for a tutor that day has their groups too. After its last day an external examiner's role is none.
    """
    given = select(type_coerce(RoleOnRun.role, String).label("role"), RoleOnRun.run_id.label("held_on"))
    themes = select(literal("champion_") + type_coerce(RoleOnRun.theme, String), RoleOnRun.run_id)
    covered = select(TutorCover.id).where(
        TutorCover.run_id == TimeslotGroup.run_id,
        TutorCover.tutor_id == TimeslotGroup.tutor_id,
        TutorCover.cover_id == person_id,
        TutorCover.lasts(on),
    )
    own_groups = or_(TimeslotGroup.tutor_id == person_id, covered.exists())
    rows = union_all(
        given.where(RoleOnRun.person_id == person_id, RoleOnRun.lasts(on)),
        themes.where(RoleOnRun.person_id == person_id, RoleOnRun.role == RunRole.CHAMPION),
        select(literal("tutor"), TimeslotGroup.run_id).where(own_groups),
        select(literal("group_tutor"), TimeslotGroup.id).where(own_groups),
        select(literal("student"), Enrolment.id).where(Enrolment.person_id == person_id),
    ).subquery()
    return select(rows.c.role, rows.c.held_on)


def _run_id(thing: Any) -> int | None:
    return thing.id if isinstance(thing, ModuleRun) else getattr(thing, "run_id", None)


@condition
def leads(who: Principal, thing: Any, now: datetime) -> bool:
    """Leads the run, or the run that the thing is part of."""
    return who.has("leader", _run_id(thing))


@condition
def tutors(who: Principal, thing: Any, now: datetime) -> bool:
    """Is a tutor on the run."""
    return who.has("tutor", _run_id(thing))


@condition
def is_on_its_team(who: Principal, thing: Any, now: datetime) -> bool:
    """Has a role on the run."""
    return any(who.has(role, _run_id(thing)) for role in TEAM)


@state
def has_an_end(who: Principal, held: RoleOnRun, now: datetime) -> bool:
    """It is a role until some day."""
    return held.until_on is not None


@state
def is_not_closed(who: Principal, thing: Any, now: datetime) -> bool:
    """The run goes on, or is still to come."""
    run = thing if isinstance(thing, ModuleRun) else thing.run
    return run.state is not RunState.CLOSED


administers = has_role("administrator")

ABILITIES: Abilities = {
    "cohorts.runs": has_role(*TEAM) | administers,
    "cohorts.run": is_on_its_team | administers,
    "cohorts.plan_run": has_role("leader") | administers,
    "cohorts.closed_days": has_role("leader") | administers,
    "cohorts.close_usual_days": has_role("leader") | administers,
    "cohorts.open_day": has_role("leader") | administers,
    "cohorts.edit_dates": leads & is_not_closed,
    "cohorts.edit_hours": leads & is_not_closed,
    "cohorts.open_run": leads & RUN.can("open"),
    "cohorts.close_run": leads & RUN.can("close"),
    "cohorts.add_group": leads & is_not_closed,
    "cohorts.edit_group": leads & is_not_closed,
    "cohorts.give_role": leads | administers,
    "cohorts.remove_role": leads | administers,
    "cohorts.edit_end": (leads | administers) & has_an_end,
    "cohorts.students": leads | tutors,
    "cohorts.export_students": leads | tutors,
    "cohorts.upload_roster": has_role("leader"),
    "cohorts.apply_roster": has_role("leader"),
}
