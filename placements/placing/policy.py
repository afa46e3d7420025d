"""Who may do what with a placement: its student, supervisor and tutor, and the module leader of the run."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_, select, union_all

from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment, TutorCover
from placements.core.policy import Abilities, Predicate, Principal, condition, has_role, state
from placements.partners.models import Contact, Interest
from placements.partners.policy import has_no_side
from placements.placing.models import Keeper, Placement
from placements.placing.workflow import PLACEMENT, GateState


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


@state
def may_move(who: Principal, placement: Placement, now: datetime) -> bool:
    """A student whose visa is sponsored changes organisation with the visa officer's approval of it.

    Ending early and placing from the clearing list asks for none: the new placement has a visa gate of its own, and
    does not start before the visa officer has settled that.
    """
    asked = placement.approval_to_move
    return not placement.enrolment.is_visa_sponsored or (asked is not None and asked.state is GateState.HELD)


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
    "placing.move": leads & stands_outside & PLACEMENT.can("move"),
    "placing.call_off": may_manage & PLACEMENT.can("call_off"),
    "placing.end_early": may_manage & PLACEMENT.can("end_early"),
}


def covering(which: ColumnElement[bool], placement: type[Placement] = Placement) -> Select[int, int]:
    """The placements whose tutor is covered for by one of those covers, each with who covers. Two keys.

    A cover who has a side in its organisation, or is its student or supervisor, does not get it.
    """
    at_work = exists().where(
        Contact.person_id == TutorCover.cover_id,
        Contact.organisation_id == Challenge.organisation_id,
        Contact.left_on.is_(None),
    )
    interested = exists().where(
        Interest.person_id == TutorCover.cover_id,
        Interest.organisation_id == Challenge.organisation_id,
        Interest.ended_at.is_(None),
    )
    its_tutor = and_(TutorCover.run_id == Enrolment.run_id, TutorCover.tutor_id == placement.tutor_id)
    return (
        select(placement.id, TutorCover.cover_id)
        .join(Enrolment, Enrolment.id == placement.enrolment_id)
        .join(Challenge, Challenge.id == placement.challenge_id)
        .join(TutorCover, its_tutor)
        .where(which, ~or_(at_work, interested))
        .where(TutorCover.cover_id != Enrolment.person_id, TutorCover.cover_id != placement.supervisor_id)
    )


def roles_of(person_id: int, on: date) -> Select[str, int | None]:
    """“supervisor” and “placement_tutor” on each placement that the person supervises, or tutors that day."""
    covered = covering(TutorCover.lasts(on)).where(TutorCover.cover_id == person_id)
    held = union_all(
        select(literal("supervisor").label("role"), Placement.id.label("held_on")).where(
            Placement.supervisor_id == person_id
        ),
        select(literal("placement_tutor"), Placement.id).where(Placement.tutor_id == person_id),
        covered.with_only_columns(literal("placement_tutor"), Placement.id),
    ).subquery()
    return select(held.c.role, held.c.held_on)
