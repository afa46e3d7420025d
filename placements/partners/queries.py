"""Reads about organisations and their parts: who may see which, and what their lists show."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, load_only

from placements.accounts.models import Account, GlobalRole
from placements.accounts.queries import holders
from placements.cohorts.models import Enrolment, RoleOnRun, TimeslotGroup
from placements.core.policy import Principal
from placements.core.seen import fingerprint
from placements.db import db, slice_of
from placements.partners.models import Contact, ContactRole, Interest, Organisation, OrganisationType, Site
from placements.partners.workflow import CURRENT, OrganisationState
from placements.people.models import Person
from placements.search import matches

MOST_FOUND = 12
RECORD = (  # what a form of an organisation's record holds, beside other boroughs and who looks after it
    *("name", "type", "about", "website", "charity_number", "company_number", "other_identifier", "size"),
    *("ceiling", "borough"),
)
LISTED = (  # what lists show of an organisation; the rest stays in the database
    load_only(
        *(Organisation.public_id, Organisation.name, Organisation.type, Organisation.borough),
        *(Organisation.state, Organisation.approved_until),
    ),
    joinedload(Organisation.owner).load_only(Person.given_name, Person.family_name),
)


@dataclass(frozen=True)
class OrganisationSearch:
    """What a list of organisations is narrowed to; None narrows nothing."""

    text: str | None = None
    state: OrganisationState | None = None
    type: OrganisationType | None = None
    borough: str | None = None


def visible_to(who: Principal) -> Select[Organisation]:
    """Engagement and module leaders: all. Contacts: their own. Champions: those with a brief in their area."""
    if who.has_any("engagement", "leader"):
        return select(Organisation)
    return select(Organisation).where(Organisation.id.in_(who.held_on("contact", "champion_of_brief")))


def organisation_of(who: Principal, public_id: str) -> Organisation | None:
    """An organisation that `who` may see, or one that became part of it: who follows an old address is led on."""
    seen = visible_to(who).with_only_columns(Organisation.id)
    found = select(Organisation).where(Organisation.public_id == public_id)
    found = found.where(or_(Organisation.id.in_(seen), Organisation.merged_into_id.in_(seen)))
    return db.session.scalar(found.options(joinedload(Organisation.owner)))


def stands_at(public_id: str) -> ScalarSelect[int]:
    """The key of the organisation at that address, or of the one that it became part of."""
    kept = select(func.coalesce(Organisation.merged_into_id, Organisation.id))
    return kept.where(Organisation.public_id == public_id).correlate(None).scalar_subquery()


def survivor_of(who: Principal, public_id: str) -> Organisation | None:
    """The organisation at that address, or the one that it became part of, where `who` may see it."""
    return db.session.scalar(visible_to(who).where(Organisation.id == stands_at(public_id)))


def fingerprint_of(organisation: Organisation) -> str:
    """What tells the record from what it said before: its form carries it, so that two who edit lose nothing."""
    boroughs = [each.borough for each in organisation.also_in]
    said = [*(getattr(organisation, name) for name in RECORD), organisation.owner_id, *sorted(boroughs)]
    return fingerprint(said)


def became_part_of(organisation: Organisation) -> Sequence[int]:
    """The keys of those that were merged into it. One query."""
    return db.session.scalars(select(Organisation.id).where(Organisation.merged_into_id == organisation.id)).all()


def site_of(who: Principal, public_id: str) -> Site | None:
    """A site of an organisation that `who` may see."""
    of_one = Site.organisation_id.in_(visible_to(who).with_only_columns(Organisation.id))
    found = select(Site).where(Site.public_id == public_id, of_one).options(joinedload(Site.organisation))
    return db.session.scalar(found)


def contact_of(who: Principal, public_id: str) -> Contact | None:
    """A contact, still there, of an organisation that `who` may see."""
    of_one = Contact.organisation_id.in_(visible_to(who).with_only_columns(Organisation.id))
    found = select(Contact).where(Contact.public_id == public_id, Contact.left_on.is_(None), of_one)
    return db.session.scalar(found.options(joinedload(Contact.organisation)))


@lru_cache(maxsize=64)  # slower to put together than to answer
def listed(who: Principal, search: OrganisationSearch) -> Select[Organisation]:
    """The organisations that `who` may see, narrowed, by name; without those that became part of another."""
    rows = visible_to(who).where(Organisation.merged_into_id.is_(None))
    if search.text:
        rows = rows.where(matches(search.text, Organisation))
    for column, wanted in (
        (Organisation.state, search.state),
        (Organisation.type, search.type),
        (Organisation.borough, search.borough),
    ):
        if wanted is not None:
            rows = rows.where(column == wanted)
    return rows.order_by(Organisation.name_key, Organisation.id)


def organisations(
    who: Principal, search: OrganisationSearch, size: int, number: int
) -> tuple[Sequence[Organisation], int]:
    """One page of the organisations that `who` may see, by name, and how many there are. One query."""
    return slice_of(listed(who, search), size, number, *LISTED)


def own_organisations(who: Principal) -> Sequence[Organisation]:
    """The organisations that `who` works at, by name."""
    own = select(Organisation).where(Organisation.id.in_(who.held_on("contact")))
    return db.session.scalars(own.order_by(Organisation.name)).all()


def sites(organisation: Organisation) -> Sequence[Site]:
    """Where its students work."""
    return db.session.scalars(select(Site).where(Site.organisation_id == organisation.id).order_by(Site.id)).all()


def current_contacts(organisation_id: int) -> Sequence[Contact]:
    """Who works there now, as the database has it, the main contacts first. One query."""
    main_first = (Contact.role != ContactRole.PRIMARY, Contact.id)
    here = select(Contact).where(Contact.organisation_id == organisation_id, Contact.left_on.is_(None))
    return db.session.scalars(here.order_by(*main_first).execution_options(populate_existing=True)).all()


def main_contacts(organisation_id: int) -> Sequence[int]:
    """Who is written to at the organisation, by key. One query."""
    return [each.person_id for each in current_contacts(organisation_id) if each.role is ContactRole.PRIMARY]


def is_current_contact(person_id: int, organisation_id: int) -> bool:
    """Whether the person works there now. One query."""
    here = Contact.person_id == person_id, Contact.organisation_id == organisation_id, Contact.left_on.is_(None)
    return db.session.scalar(select(Contact.id).where(*here)) is not None


def ever_contacts(organisation_id: int) -> Sequence[int]:
    """Who works or worked there, by key. One query."""
    return db.session.scalars(select(Contact.person_id).where(Contact.organisation_id == organisation_id)).all()


def interests_in(organisation: Organisation) -> Sequence[Interest]:
    """The interests declared in it and not ended."""
    open_ones = select(Interest).where(Interest.organisation_id == organisation.id, Interest.ended_at.is_(None))
    return db.session.scalars(open_ones.options(joinedload(Interest.person)).order_by(Interest.id)).all()


def own_interests(who: Principal) -> Sequence[Interest]:
    """The interests that `who` has declared and not ended."""
    own = select(Interest).where(Interest.person_id == who.person_id, Interest.ended_at.is_(None))
    return db.session.scalars(own.options(joinedload(Interest.organisation)).order_by(Interest.id)).all()


def own_interest(who: Principal, public_id: str) -> Interest | None:
    """One's own declared interest, ended or not."""
    own = select(Interest).where(Interest.public_id == public_id, Interest.person_id == who.person_id)
    return db.session.scalar(own.options(joinedload(Interest.organisation)))


def organisations_named(who: Principal, text: str) -> Sequence[Organisation]:
    """Those that the words find and that anybody may know of (approved once), or that `who` may see."""
    known = Organisation.state.in_((OrganisationState.APPROVED, OrganisationState.PAUSED))
    seen = Organisation.id.in_(visible_to(who).with_only_columns(Organisation.id))
    found = select(Organisation).where(matches(text, Organisation), or_(known, seen), Organisation.state.in_(CURRENT))
    return db.session.scalars(found.order_by(Organisation.name_key).limit(MOST_FOUND)).all()


def is_of_the_university(person: Person) -> bool:
    """Whether they study with us or have a role here, for the whole site, on a run or with a group. One query."""
    ties = (
        select(Account.id).join(Account.global_roles).where(Account.person_id == person.id),
        select(RoleOnRun.id).where(RoleOnRun.person_id == person.id),
        select(TimeslotGroup.id).where(TimeslotGroup.tutor_id == person.id),
        select(Enrolment.id).where(Enrolment.person_id == person.id),
    )
    return bool(db.session.scalar(select(or_(*(tie.exists() for tie in ties)))))


def officers() -> Sequence[Person]:
    """The engagement team, by name: who can look after an organisation. One query."""
    team = select(Person).where(Person.id.in_(holders(GlobalRole.ENGAGEMENT)))
    return db.session.scalars(team.order_by(Person.given_name, Person.family_name)).all()


def engagement_officers(*, but: int | None = None, about: int | None = None) -> Sequence[int]:
    """The people of the engagement team who can sign in, by key.

    `but` leaves that person out, `about` everybody who works at that organisation or has an interest in it.
    """
    officers = holders(GlobalRole.ENGAGEMENT).order_by(Account.person_id)
    if but is not None:
        officers = officers.where(Account.person_id != but)
    if about is not None:
        works_there = select(Contact.person_id).where(Contact.organisation_id == about, Contact.left_on.is_(None))
        has_interest = select(Interest.person_id).where(Interest.organisation_id == about, Interest.ended_at.is_(None))
        officers = officers.where(Account.person_id.not_in(works_there), Account.person_id.not_in(has_interest))
    return db.session.scalars(officers).all()


def looks_after(owner_id: Any) -> ColumnElement[bool]:
    """Of rows of account: the owner's, while they are of the engagement team; else everybody's who is."""
    team = holders(GlobalRole.ENGAGEMENT)
    is_theirs = or_(Account.person_id == owner_id, owner_id.is_(None), owner_id.not_in(team))
    return and_(Account.person_id.in_(team), is_theirs)


def keeper(organisation: Organisation) -> Person | None:
    """Its owner, while they are of the engagement team; None where the whole team looks after it."""
    return organisation.owner if organisation.owner_id in engagement_officers() else None


def keepers(organisation: Organisation) -> Sequence[int]:
    """Who looks after it, by key: its owner, or the engagement team while it has none who is of the team still."""
    owner = keeper(organisation)
    return [owner.id] if owner else engagement_officers(about=organisation.id)
