"""Whom an enquiry may be from: organisations that we know, and others who wrote about what may be the same one."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, case, false, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from placements.core.policy import Principal
from placements.db import db
from placements.enquiries.models import Enquiry
from placements.enquiries.queries import enquiries_visible_to
from placements.enquiries.workflow import WAITING
from placements.partners.models import Contact, Organisation
from placements.partners.rules import domain_of, is_alike, telling_words, website_of
from placements.people.models import Person

MOST_LOOKED_AT = 60
MOST_SHOWN = 5
MOST_WORDS = 3


def likely_same(enquiry: Enquiry) -> list[Organisation]:
    """The organisations it may be from. One query."""
    return likely_organisations(enquiry.organisation_name, enquiry.writer.email)


def likely_organisations(called: str, address: str) -> list[Organisation]:
    """Those of a like name, or with contacts or website at the mail domain of the address. One query."""
    domain = domain_of(address)
    by_mail = Organisation.contacts.any(Contact.person.has(_at(domain))) if domain else false()
    by_website = Organisation.website.icontains(domain, autoescape=True) if domain else false()
    named = _named(Organisation.name, called)
    found = select(Organisation, by_mail).where(or_(by_mail, by_website, *named))
    likeliest_first = (_count(by_mail, by_website).desc(), _count(*named).desc(), Organisation.id)
    rows = db.session.execute(
        found.where(Organisation.merged_into_id.is_(None)).order_by(*likeliest_first).limit(MOST_LOOKED_AT)
    ).all()
    same = [
        each
        for each, is_at_domain in rows
        if is_at_domain or (domain is not None and website_of(each.website) == domain) or is_alike(each.name, called)
    ]
    return same[:MOST_SHOWN]


def likely_enquiries(who: Principal, enquiry: Enquiry) -> Sequence[Enquiry]:
    """Others that wait for an answer and may be from the same organisation. One query."""
    domain = domain_of(enquiry.writer.email)
    by_mail = Enquiry.writer.has(_at(domain)) if domain else Enquiry.writer_id == enquiry.writer_id
    named = _named(Enquiry.organisation_name, enquiry.organisation_name)
    found = enquiries_visible_to(who).where(Enquiry.state.in_(WAITING), Enquiry.id != enquiry.id)
    rows = db.session.scalars(
        found.where(or_(by_mail, *named))
        .options(joinedload(Enquiry.writer))
        .order_by(_count(by_mail).desc(), _count(*named).desc(), Enquiry.id)
        .limit(MOST_LOOKED_AT)
    ).all()
    same = [
        each
        for each in rows
        if each.writer_id == enquiry.writer_id
        or (domain is not None and domain_of(each.writer.email) == domain)
        or is_alike(each.organisation_name, enquiry.organisation_name)
    ]
    return same[:MOST_SHOWN]


def with_number(field: str, number: str | None) -> Organisation | None:
    """The organisation that has this charity or company number (`field` says which), if one does."""
    if not number:
        return None
    found = select(Organisation).where(getattr(Organisation, field) == number, Organisation.merged_into_id.is_(None))
    return db.session.scalar(found.order_by(Organisation.id).limit(1))


def _at(domain: str) -> ColumnElement[bool]:
    return Person.email_key.endswith(f"@{domain}", autoescape=True)


def _count(*signs: ColumnElement[bool]) -> ColumnElement[int]:
    """How many of them hold: where many share a word, the limit keeps those that share most."""
    return sum((case((sign, 1), else_=0) for sign in signs), literal(0))


def _named(name: InstrumentedAttribute[str], called: str) -> list[ColumnElement[bool]]:
    words = telling_words(called)[:MOST_WORDS]
    return [name.icontains(word, autoescape=True) for word in words]
