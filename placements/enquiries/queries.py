"""Reads about enquiries: the list, one of them, and the organisations that it may be from."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, case, or_, select
from sqlalchemy.orm import joinedload

from placements.accounts.models import Account, GlobalRole
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.enquiries.models import Enquiry
from placements.enquiries.workflow import WAITING, EnquiryState
from placements.partners.models import Contact, Organisation
from placements.partners.rules import domain_of, is_alike, telling_words
from placements.people.models import Person

MOST_LOOKED_AT = 60
MOST_SHOWN = 5


@dataclass(frozen=True)
class EnquirySearch:
    """What the list of enquiries is narrowed to; None narrows nothing."""

    text: str | None = None
    state: EnquiryState | None = None
    owner_id: int | None = None
    has_no_owner: bool = False


def enquiries_visible_to(who: Principal) -> Select[Enquiry]:
    """Engagement alone."""
    rows = select(Enquiry)
    return rows if who.has_any("engagement") else rows.where(Enquiry.id.is_(None))


def enquiry_of(who: Principal, public_id: str) -> Enquiry | None:
    """An enquiry that `who` may see."""
    found = enquiries_visible_to(who).where(Enquiry.public_id == public_id)
    return db.session.scalar(
        found.options(joinedload(Enquiry.writer), joinedload(Enquiry.owner), joinedload(Enquiry.organisation))
    )


def enquiries(who: Principal, search: EnquirySearch, size: int, number: int) -> tuple[Sequence[Enquiry], int]:
    """One page of enquiries and how many there are: the untaken, then the unanswered, oldest first, then the rest.

    Two queries.
    """
    rows = enquiries_visible_to(who)
    if search.text:
        rows = rows.where(
            or_(
                Enquiry.organisation_name.icontains(search.text, autoescape=True),
                Enquiry.challenges_faced.icontains(search.text, autoescape=True),
            )
        )
    if search.state is not None:
        rows = rows.where(Enquiry.state == search.state)
    if search.owner_id is not None:
        rows = rows.where(Enquiry.owner_id == search.owner_id)
    if search.has_no_owner:
        rows = rows.where(Enquiry.owner_id.is_(None))
    place = case((Enquiry.state == EnquiryState.RECEIVED, 0), (Enquiry.state.in_(WAITING), 1), else_=2)
    oldest_first = case((Enquiry.state.in_(WAITING), Enquiry.received_at))
    rows = rows.order_by(place, oldest_first, Enquiry.received_at.desc(), Enquiry.id)
    return slice_of(rows, size, number, joinedload(Enquiry.writer), joinedload(Enquiry.owner))


def officers() -> Sequence[Person]:
    """The engagement team, by name: who can own an enquiry."""
    held = Account.roles.any(name=GlobalRole.ENGAGEMENT)
    team = select(Person).join(Account, Account.person_id == Person.id).where(held, Account.active)
    return db.session.scalars(team.order_by(Person.given_name, Person.family_name)).all()


def likely_same(enquiry: Enquiry) -> list[Organisation]:
    """The organisations that the enquiry may be from: a like name, or contacts at the same mail domain. One query."""
    domain = domain_of(enquiry.writer.email)
    words = telling_words(enquiry.organisation_name)[:3]
    at_domain = Organisation.contacts.any(Contact.person.has(Person.email_key.endswith(f"@{domain}", autoescape=True)))
    reasons = [Organisation.name.icontains(word, autoescape=True) for word in words] + ([at_domain] if domain else [])
    if not reasons:
        return []
    found = select(Organisation, at_domain if domain else Organisation.id.is_(None)).where(or_(*reasons))
    rows = db.session.execute(found.order_by(Organisation.id).limit(MOST_LOOKED_AT)).all()
    alike = [each for each, is_at_domain in rows if is_at_domain or is_alike(each.name, enquiry.organisation_name)]
    return alike[:MOST_SHOWN]
