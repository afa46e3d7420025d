"""Who may do what with a placement: its student, supervisor and tutor, and the module leader of the run."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, literal, select, union_all

from placements.core.policy import Abilities, Predicate, Principal, condition, has_role, state
from placements.partners.policy import has_no_side
from placements.placing.models import Keeper, Placement
from placements.placing.workflow import PLACEMENT


@condition
def is_student(who: Principal, placement: Placement, now: datetime) -> bool:
    """Whose placement it is."""
    return who.has("student", placement.enrolment_id)


@condition
def is_supervisor(who: Principal, placement: Placement, now: datetime) -> bool:
    """Supervises it at the organisation."""
    return who.has("supervisor", placement.id)


@condition
def is_tutor(who: Principal, placement: Placement, now: datetime) -> bool:
    """Tutors it, or the student's group."""
    return who.has("placement_tutor", placement.id) or who.has("group_tutor", placement.enrolment.group_id)


@condition
def leads(who: Principal, placement: Placement, now: datetime) -> bool:
    """Leads the run that it is part of."""
    return who.has("leader", placement.enrolment.run_id)


@condition
def stands_outside(who: Principal, placement: Placement, now: datetime) -> bool:
    """Is neither its student nor its supervisor, and has no side in its organisation: may decide about it."""
    is_party = is_student(who, placement, now) or is_supervisor(who, placement, now)
    return not is_party and has_no_side(who, placement.challenge.organisation_id)


@state
def is_kept_by_the_team(who: Principal, placement: Placement, now: datetime) -> bool:
    """Nobody but the team has paused it."""
    return placement.kept_by is Keeper.TEAM


def of_its_placement(ability: Predicate, placement_of: Callable[[Any], Placement]) -> Predicate:
    """The ability, asked about the placement that a thing belongs to."""
    return Predicate(lambda who, thing, now: ability.ask(who, placement_of(thing), now), ability.name)


is_told_all = is_student | is_supervisor | is_tutor | leads
may_manage = (is_tutor | leads) & stands_outside
tutors = has_role("group_tutor", "placement_tutor")

ABILITIES: Abilities = {
    "placing.people": is_told_all,
    "placing.first_day": is_told_all,
    "placing.read_reasons": is_tutor | leads,
    "placing.read_clearance": is_student,
    "placing.change_dates": may_manage & PLACEMENT.can("change_dates"),
    "placing.change_supervisor": may_manage & PLACEMENT.can("change_supervisor"),
    "placing.change_tutor": leads & stands_outside & PLACEMENT.can("change_tutor"),
    "placing.pause": may_manage & PLACEMENT.can("pause"),
    "placing.resume": may_manage & PLACEMENT.can("resume") & is_kept_by_the_team,
    "placing.call_off": may_manage & PLACEMENT.can("call_off"),
    "placing.end_early": may_manage & PLACEMENT.can("end_early"),
}


def roles_of(person_id: int) -> Select[str, int | None]:
    """“supervisor” and “placement_tutor” on each placement that the person supervises or tutors."""
    held = union_all(
        select(literal("supervisor").label("role"), Placement.id.label("held_on")).where(
            Placement.supervisor_id == person_id
        ),
        select(literal("placement_tutor"), Placement.id).where(Placement.tutor_id == person_id),
    ).subquery()
    return select(held.c.role, held.c.held_on)
