"""Whose mail who may look at: that it was sent and whether it arrived, never what it said."""

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, exists, false, or_, select

from placements.cohorts.models import Enrolment, RoleOnRun, RunRole, TimeslotGroup
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import Message
from placements.partners.models import Contact
from placements.people.models import Person
from placements.placing.models import Placement


class Sight(enum.StrEnum):
    """How much is seen of somebody's mail."""

    OWN = "own"  # all
    KINDS = "kinds"  # what it was about, but for what is private
    DELIVERY = "delivery"  # that something was sent, and whether it arrived


@dataclass(frozen=True)
class Correspondent:
    """Somebody whose mail is looked at, and how much of it."""

    person: Person
    sight: Sight


def correspondent_of(who: Principal, public_id: str) -> Correspondent | None:
    """The person at that address, where `who` may look at their mail. One query."""
    found = select(Person).where(Person.public_id == public_id)
    return _seen(who, found)


def recipient_of(who: Principal, message: Message) -> Correspondent | None:
    """The recipient of a message, where `who` may look at their mail. One query."""
    return _seen(who, select(Person).where(Person.id == message.recipient_id))


def _seen(who: Principal, found: Select[Person]) -> Correspondent | None:
    row = db.session.execute(found.add_columns(is_looked_after(who).label("is_theirs"))).one_or_none()
    if row is None:
        return None
    person, is_theirs = row
    if person.id == who.person_id:
        return Correspondent(person, Sight.OWN)
    if is_theirs:
        return Correspondent(person, Sight.KINDS)
    return Correspondent(person, Sight.DELIVERY) if who.has("administrator") else None


def looked_after_among(who: Principal, person_ids: Iterable[int]) -> frozenset[int]:
    """Those of these people whose mail `who` looks after. One query."""
    found = select(Person.id).where(Person.id.in_(set(person_ids)), is_looked_after(who))
    return frozenset(db.session.scalars(found))


def is_looked_after(who: Principal) -> ColumnElement[bool]:
    """One's students as their tutor; the people of the runs that one leads; for engagement, organisations' people.

    A student who also works at an organisation is a student: engagement learns nothing of what students do.
    """
    groups, placements, runs = (who.held_on(role) for role in ("group_tutor", "placement_tutor", "leader"))
    enrolled = exists().where(Enrolment.person_id == Person.id)
    placed = select(Placement.enrolment_id).where(Placement.id.in_(placements))
    of_own = or_(Enrolment.group_id.in_(groups), Enrolment.run_id.in_(runs), Enrolment.id.in_(placed))
    has_role = exists().where(
        RoleOnRun.person_id == Person.id, RoleOnRun.run_id.in_(runs), RoleOnRun.role == RunRole.TUTOR
    )
    has_group = exists().where(TimeslotGroup.tutor_id == Person.id, TimeslotGroup.run_id.in_(runs))
    led = select(Enrolment.id).where(Enrolment.run_id.in_(runs))
    on_placement = exists().where(
        or_(Placement.supervisor_id == Person.id, Placement.tutor_id == Person.id), Placement.enrolment_id.in_(led)
    )
    works_there = exists().where(Contact.person_id == Person.id) & ~enrolled
    return or_(
        enrolled.where(of_own),
        has_role,
        has_group,
        on_placement,
        works_there if who.has("engagement") else false(),
    )


def standing_of(person_id: int) -> frozenset[str]:
    """What somebody is to the module: “student”, “team”, “leader”, “tutor”, “supervisor”, “contact”. One query."""
    row = db.session.execute(select(*(condition.label(name) for name, condition in _standing(person_id)))).one()
    return frozenset(name for name, holds in row._mapping.items() if holds)


def _standing(person_id: int) -> Iterator[tuple[str, ColumnElement[bool]]]:
    has_group = exists().where(TimeslotGroup.tutor_id == person_id)
    has_placement = exists().where(Placement.tutor_id == person_id)
    is_tutor = exists().where(RoleOnRun.person_id == person_id, RoleOnRun.role == RunRole.TUTOR)
    yield "student", exists().where(Enrolment.person_id == person_id)
    on_runs = exists().where(RoleOnRun.person_id == person_id)
    yield "team", on_runs
    yield "leader", on_runs.where(RoleOnRun.role == RunRole.LEADER)
    yield "tutor", or_(is_tutor, has_group, has_placement)
    yield "supervisor", exists().where(Placement.supervisor_id == person_id)
    yield "contact", exists().where(Contact.person_id == person_id)


def readers_of(person_id: int) -> list[str]:
    """Who else may see that a mail that is not private was sent to that person. One query."""
    standing = standing_of(person_id)
    told = ["the student’s tutor, and the leaders of the module run"] if "student" in standing else []
    if standing & {"tutor", "supervisor"}:
        told.append("the leaders of the module runs concerned")
    if "contact" in standing and "student" not in standing:
        told.append("the engagement team")
    return told
