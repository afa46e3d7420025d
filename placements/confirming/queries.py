"""Which visits are the tutor's to decide because nobody settled them, and who can answer in a supervisor's place."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from placements.cohorts.models import Enrolment, RoleOnRun
from placements.confirming.models import HoursTarget
from placements.confirming.rules import DISPUTED, unanswered_before
from placements.core.policy import Principal
from placements.db import db
from placements.logbook.models import Entry, LedgerEvent, LedgerKind
from placements.logbook.queries import placements_seen
from placements.logbook.workflow import WAITING, EntryState
from placements.partners.models import Contact, Interest
from placements.people.models import Person
from placements.placing.models import Placement


def is_the_tutors(now: datetime, closed: Collection[date]) -> ColumnElement[bool]:
    """Which entries are the tutor's to decide at `now`: unanswered by either side for too long, or disputed."""
    questions = _questions(func.count(LedgerEvent.id)).where(LedgerEvent.at <= now).scalar_subquery()
    is_disputed = and_(Entry.state == EntryState.QUERIED, questions >= DISPUTED)
    return and_(Entry.state.in_(WAITING), or_(asked_at() < unanswered_before(now, closed), is_disputed))


def asked_at() -> ColumnElement[datetime]:
    """When an answer about an entry was last asked for (it was sent, or queried), as a column beside it."""
    queried_at = _questions(func.max(LedgerEvent.at)).scalar_subquery()
    return case((Entry.state == EntryState.QUERIED, queried_at), else_=Entry.submitted_at)


def _questions(what: ColumnElement[Any]) -> Select[Any]:
    asked = select(what).where(LedgerEvent.entry_id == Entry.id, LedgerEvent.kind == LedgerKind.QUERIED)
    return asked.correlate(Entry)


def colleagues(placements: Collection[Placement], but: int | None) -> dict[int, list[Person]]:
    """Who can answer for visits in the place of `but`, by placement: whoever works at its organisation now, by name.

    Not the student, nor who is on the university's side: a tutor, a role on the run, a declared interest. 3 queries.
    """
    organisations = {each.challenge.organisation_id for each in placements}
    runs = {each.enrolment.run_id for each in placements}
    there = select(Contact).where(Contact.organisation_id.in_(organisations), Contact.left_on.is_(None))
    contacts = db.session.scalars(there.join(Contact.person).order_by(Person.family_name, Person.given_name)).all()
    declared = select(Interest.organisation_id, Interest.person_id).where(Interest.ended_at.is_(None))
    sides = set(db.session.execute(declared.where(Interest.organisation_id.in_(organisations))))
    roles = select(RoleOnRun.run_id, RoleOnRun.person_id).where(RoleOnRun.run_id.in_(runs))
    on_run = set(db.session.execute(roles))
    found: dict[int, list[Person]] = {}
    for placement in placements:
        enrolment, organisation = placement.enrolment, placement.challenge.organisation_id
        parties = {but, enrolment.person_id, placement.tutor_id, enrolment.group.tutor_id}
        found[placement.id] = [
            each.person
            for each in contacts
            if each.organisation_id == organisation
            and each.person_id not in parties
            and (organisation, each.person_id) not in sides
            and (enrolment.run_id, each.person_id) not in on_run
        ]
    return found


def target_of(placement_id: int) -> HoursTarget | None:
    """That a placement's target was confirmed, and what its sides said. One query."""
    return db.session.scalar(select(HoursTarget).where(HoursTarget.placement_id == placement_id))


def placement_asked(who: Principal, public_id: str) -> Placement | None:
    """A placement whose student or supervisor one is."""
    theirs = or_(Enrolment.person_id == who.person_id, Placement.supervisor_id == who.person_id)
    return db.session.scalar(placements_seen().where(Placement.public_id == public_id, theirs))
