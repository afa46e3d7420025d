"""Who is in an audience: one SELECT each, of (person, organisation or nothing). Nobody who has left is in any."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, null, or_, select, union_all
from sqlalchemy.orm import aliased

from placements.accounts.models import GlobalRole
from placements.accounts.queries import holders
from placements.applications.models import Application
from placements.applications.workflow import ApplicationState
from placements.bulletins.models import Bulletin
from placements.bulletins.rules import Audience, Situation
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment, ModuleRun, RoleOnRun, RunRole, TimeslotGroup
from placements.cohorts.queries import leaders_of
from placements.cohorts.workflow import LEFT, WITHOUT_A_PLACE
from placements.db import db
from placements.offers.models import Offer
from placements.offers.workflow import OfferState
from placements.partners.models import Contact, Organisation, OrganisationBorough
from placements.partners.workflow import CURRENT
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.workflow import GOING_ON

SHOWN = (ChallengeState.PUBLISHED, ChallengeState.PAUSED, ChallengeState.CLOSED)  # students could ever choose it
Filters = Mapping[str, str]
Members = Select[*tuple[Any, ...]]  # the key of a person, and of their organisation where it matters
PLACED = Placement.enrolment_id == Enrolment.id
UNSIGNED = and_(Placement.state.in_(GOING_ON), Placement.agreed_at.is_(None))


def members(bulletin: Bulletin) -> Select[int]:
    """The keys of everybody in the message's audience now, each once, without its sender."""
    found = _members(bulletin).subquery()
    return select(Person.id).where(Person.id.in_(select(found.c.person_id)), Person.id != bulletin.sender_id)


def is_member(bulletin: Bulletin, person_id: int) -> bool:
    """Whether that person is in it. One query."""
    return db.session.scalar(members(bulletin).where(Person.id == person_id)) is not None


def members_of(bulletin: Bulletin, people: Iterable[int]) -> set[int]:
    """Which of these people are in it. One query."""
    return set(db.session.scalars(members(bulletin).where(Person.id.in_(list(people)))))


def organisations_of(bulletin: Bulletin, people: Iterable[int]) -> dict[int, list[str]]:
    """For each of these people the names of the organisations through which they are in it. One query."""
    found = _members(bulletin).subquery()
    rows = db.session.execute(
        select(found.c.person_id, Organisation.name)
        .join(Organisation, Organisation.id == found.c.organisation_id)
        .where(found.c.person_id.in_(list(people)))
        .distinct()
        .order_by(Organisation.name)
    )
    names: dict[int, list[str]] = {}
    for person_id, name in rows:
        names.setdefault(person_id, []).append(name)
    return names


def sender_may(bulletin: Bulletin) -> bool:
    """Whether its sender still leads the run, or is still of the engagement team. One query."""
    if bulletin.run_id is None:
        team = holders(GlobalRole.ENGAGEMENT).subquery()
        return db.session.scalar(select(team.c.person_id).where(team.c.person_id == bulletin.sender_id)) is not None
    leads = leaders_of(bulletin.run_id).where(RoleOnRun.person_id == bulletin.sender_id)
    return db.session.scalar(leads) is not None


def _members(bulletin: Bulletin) -> Members:
    return BUILDERS[bulletin.audience](bulletin.run_id, bulletin.filters)


def _students(run_id: int | None, filters: Filters) -> Members:
    found = _of_run(select(Enrolment.person_id, null().label("organisation_id")), run_id, filters)
    if "enrolment" in filters:
        found = found.where(Enrolment.state == filters["enrolment"])
    if "placement" in filters:
        found = found.where(exists().where(PLACED, Placement.state == filters["placement"]))
    if "situation" in filters:
        found = found.where(_stands_so(Situation(filters["situation"])))
    return found


def _stands_so(situation: Situation) -> ColumnElement[bool]:
    if situation is Situation.OFFER_OPEN:
        return exists().where(Offer.enrolment_id == Enrolment.id, Offer.state == OfferState.MADE)
    if situation is Situation.NO_AGREEMENT:
        return exists().where(PLACED, UNSIGNED)
    submitted = exists().where(
        Application.enrolment_id == Enrolment.id, Application.state == ApplicationState.SUBMITTED
    )
    return and_(Enrolment.state.in_(WITHOUT_A_PLACE), ~submitted)


def _supervisors(run_id: int | None, filters: Filters) -> Members:
    found = select(Placement.supervisor_id.label("person_id"), Challenge.organisation_id)
    found = found.join(Challenge, Challenge.id == Placement.challenge_id).join(Enrolment, PLACED)
    found = _of_run(found, run_id, filters)
    if "unsigned" in filters:
        found = found.where(UNSIGNED)
    if "placement" in filters:
        return found.where(Placement.state == filters["placement"])
    return found.where(Placement.state.in_(GOING_ON))


def _of_run(found: Members, run_id: int | None, filters: Filters) -> Members:
    """Of enrolments: those of the run, or of one group of it, that go on."""
    found = found.where(Enrolment.run_id == run_id, Enrolment.state.not_in(LEFT))
    if "group" in filters:
        group = select(TimeslotGroup.id).where(TimeslotGroup.public_id == filters["group"])
        found = found.where(Enrolment.group_id.in_(group))
    return found


def _contacts(run_id: int | None, filters: Filters) -> Members:
    run = aliased(ModuleRun)
    suits = or_(and_(run.level == 5, Challenge.suits_level_5), and_(run.level == 6, Challenge.suits_level_6))
    theirs = exists().where(
        run.id == run_id,
        Challenge.organisation_id == Organisation.id,
        Challenge.academic_year == run.academic_year,
        Challenge.state.in_(SHOWN),
        suits,
        *_about(filters),
    )
    return _at_organisations(filters).where(theirs)


def _partners(_run_id: int | None, filters: Filters) -> Members:
    found = _at_organisations(filters)
    if "state" in filters:
        found = found.where(Organisation.state == filters["state"])
    if "theme" in filters:
        theirs = exists().where(
            Challenge.organisation_id == Organisation.id, Challenge.state.in_(SHOWN), *_about(filters)
        )
        found = found.where(theirs)
    return found


def _about(filters: Filters) -> list[ColumnElement[bool]]:
    return [Challenge.theme == filters["theme"]] if "theme" in filters else []


def _at_organisations(filters: Filters) -> Members:
    """Who works now at an organisation that we work with or talk to, in the boroughs and of the kind that are asked."""
    found = select(Contact.person_id, Contact.organisation_id).join(Contact.organisation)
    found = found.where(
        Contact.left_on.is_(None), Organisation.state.in_(CURRENT), Organisation.merged_into_id.is_(None)
    )
    if "role" in filters:
        found = found.where(Contact.role == filters["role"])
    if "type" in filters:
        found = found.where(Organisation.type == filters["type"])
    if "borough" in filters:
        also = exists().where(
            OrganisationBorough.organisation_id == Organisation.id, OrganisationBorough.borough == filters["borough"]
        )
        found = found.where(or_(Organisation.borough == filters["borough"], also))
    return found


def _tutors(run_id: int | None, _filters: Filters) -> Members:
    by_role = select(RoleOnRun.person_id, null().label("organisation_id"))
    by_group = select(TimeslotGroup.tutor_id.label("person_id"), null().label("organisation_id"))
    both = union_all(
        by_role.where(RoleOnRun.run_id == run_id, RoleOnRun.role == RunRole.TUTOR),
        by_group.where(TimeslotGroup.run_id == run_id, TimeslotGroup.tutor_id.is_not(None)),
    ).subquery()
    return select(both.c.person_id, both.c.organisation_id)


BUILDERS: Mapping[Audience, Callable[[int | None, Filters], Members]] = {
    Audience.STUDENTS: _students,
    Audience.SUPERVISORS: _supervisors,
    Audience.CONTACTS: _contacts,
    Audience.TUTORS: _tutors,
    Audience.PARTNERS: _partners,
}
