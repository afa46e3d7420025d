"""Reads about enquiries: the list, one of them, what was passed on and where to, and the newsletter's readers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, load_only

from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.enquiries.models import Enquiry, EnquiryNote, Referral, Route, Subscription
from placements.enquiries.workflow import EnquiryState
from placements.links.models import Link
from placements.people.models import Person
from placements.search import matches

Linked = TypeVar("Linked", Enquiry, Referral, Subscription)

LISTED = (  # what lists show of an enquiry; the rest stays in the database
    load_only(
        *(Enquiry.public_id, Enquiry.organisation_name, Enquiry.state, Enquiry.received_at),
        *(Enquiry.next_step, Enquiry.next_step_on, Enquiry.outcome),
    ),
    joinedload(Enquiry.owner).load_only(Person.given_name, Person.family_name),
)


@dataclass(frozen=True)
class EnquirySearch:
    """What the list of enquiries is narrowed to; None narrows nothing. Those unconfirmed are a list of their own."""

    text: str | None = None
    state: EnquiryState | None = None
    owner_id: int | None = None
    has_no_owner: bool = False
    is_unconfirmed: bool = False


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

    One query.
    """
    return slice_of(_listed(who, search), size, number, *LISTED)


@lru_cache(maxsize=64)  # slower to put together than to answer
def _listed(who: Principal, search: EnquirySearch) -> Select[Enquiry]:
    rows = enquiries_visible_to(who)
    rows = rows.where(Enquiry.confirmed_at.is_(None) if search.is_unconfirmed else Enquiry.confirmed_at.is_not(None))
    if search.text:
        rows = rows.where(matches(search.text, Enquiry))
    if search.state is not None:
        rows = rows.where(Enquiry.state == search.state)
    if search.owner_id is not None:
        rows = rows.where(Enquiry.owner_id == search.owner_id)
    if search.has_no_owner:
        rows = rows.where(Enquiry.owner_id.is_(None))
    return rows.order_by(Enquiry.turn, Enquiry.waits_since, Enquiry.latest_first, Enquiry.id)


def notes_on(enquiry: Enquiry) -> Sequence[EnquiryNote]:
    """What the team told itself about it, the newest first. One query."""
    found = select(EnquiryNote).where(EnquiryNote.enquiry_id == enquiry.id).options(joinedload(EnquiryNote.author))
    return db.session.scalars(found.order_by(EnquiryNote.id.desc())).all()


def open_routes() -> Sequence[Route]:
    """Where something can be passed on to, by name. One query."""
    found = select(Route).where(Route.is_open).options(joinedload(Route.receiver))
    return db.session.scalars(found.order_by(Route.name)).all()


def routes() -> Sequence[Route]:
    """The open ones, then those that are closed. One query."""
    found = select(Route).options(joinedload(Route.receiver))
    return db.session.scalars(found.order_by(Route.is_open.desc(), Route.name)).all()


def route_of(who: Principal, public_id: str) -> Route | None:
    """A route, for engagement alone."""
    found = select(Route).where(Route.public_id == public_id).options(joinedload(Route.receiver))
    return db.session.scalar(found) if who.has_any("engagement") else None


def referrals_visible_to(who: Principal) -> Select[Referral]:
    """Engagement alone."""
    rows = select(Referral)
    return rows if who.has_any("engagement") else rows.where(Referral.id.is_(None))


def referral_of(who: Principal, public_id: str) -> Referral | None:
    """Something passed on, that `who` may see."""
    found = referrals_visible_to(who).where(Referral.public_id == public_id)
    return db.session.scalar(found.options(joinedload(Referral.receiver), joinedload(Referral.route)))


def referrals(who: Principal, size: int, number: int) -> tuple[Sequence[Referral], int]:
    """One page of what was passed on: what nobody has yet, the oldest first, then the rest. One query."""
    rows = referrals_visible_to(who).order_by(Referral.acknowledged_at.is_not(None), Referral.sent_at, Referral.id)
    parts = (Referral.route, Referral.receiver, Referral.asker, Referral.enquiry, Referral.organisation)
    return slice_of(rows, size, number, *(joinedload(part) for part in parts))


def referral_about(enquiry: Enquiry) -> Referral | None:
    """Where the enquiry was passed on to. One query."""
    found = select(Referral).where(Referral.enquiry_id == enquiry.id).order_by(Referral.id.desc()).limit(1)
    return db.session.scalar(found.options(joinedload(Referral.receiver), joinedload(Referral.route)))


def subscribers() -> Select[Subscription]:
    """Who confirmed that they want the newsletter, and has not left."""
    return select(Subscription).where(Subscription.confirmed_at.is_not(None), Subscription.ended_at.is_(None))


def behind(link: Link, model: type[Linked]) -> Linked:
    """What a link is about."""
    return db.session.get_one(model, link.about_id)


def subscription_with(key: int | None) -> Subscription | None:
    """The subscription of that key, ended or not."""
    return db.session.get(Subscription, key) if key else None


def all_subscribers() -> Sequence[Subscription]:
    """The same with their people, in the order that they confirmed. One query."""
    found = subscribers().options(joinedload(Subscription.person))
    return db.session.scalars(found.order_by(Subscription.confirmed_at, Subscription.id)).all()


def newsletter_counts() -> tuple[int, int]:
    """How many get it, and how many have asked and not confirmed. One query."""
    asked = select(func.count(Subscription.id)).where(
        Subscription.confirmed_at.is_(None), Subscription.ended_at.is_(None)
    )
    gets = subscribers().with_only_columns(func.count(Subscription.id))
    row = db.session.execute(select(gets.scalar_subquery(), asked.scalar_subquery())).one()
    return row[0] or 0, row[1] or 0
