"""Passing somebody on to a named receiver in the university, who says by link that they have it; and where one can."""

from datetime import datetime

from placements.core.clock import day_began
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.enquiries import notices
from placements.enquiries.models import Enquiry, Referral, Route
from placements.enquiries.rules import ACKNOWLEDGE, REFERRAL_LINK_LASTS
from placements.history.actions import record
from placements.links.actions import add_link, spend, working_link
from placements.links.models import Link
from placements.mail.actions import tell
from placements.partners.models import Organisation
from placements.partners.rules import split_name
from placements.people.actions import find_or_add_person
from placements.people.models import Person


def add_route(name: str, receiver: tuple[str, str] | None, *, is_open: bool, actor: Principal, now: datetime) -> Route:
    """Add somewhere that enquiries can go, with the name and address of whoever receives for it."""
    route = Route(name=name, receiver=_met(receiver, now), is_open=is_open)
    db.session.add(route)
    record("added", route, actor=actor, now=now)
    return route


def edit_route(
    route: Route, name: str, receiver: tuple[str, str] | None, *, is_open: bool, actor: Principal, now: datetime
) -> None:
    """Change it. What was passed there before stays with whom it was passed to."""
    new = {"name": name, "receiver": _met(receiver, now), "is_open": is_open}
    changed = [field for field, value in new.items() if getattr(route, field) != value]
    for field in changed:
        setattr(route, field, new[field])
    if changed:
        record("edited", route, actor=actor, now=now, fields=changed)


def _met(receiver: tuple[str, str] | None, now: datetime) -> Person | None:
    """Whoever has that address, by the name that we know them by; a new person has the name given."""
    if receiver is None:
        return None
    name, email = receiver
    return find_or_add_person(*split_name(name), email, now)


def receiver_of(route: Route, instead: tuple[str, str] | None, now: datetime) -> Person:
    """Who receives this once: the person given instead, or the route's own. Refused where there is neither."""
    receiver = _met(instead, now) or route.receiver
    if receiver is None:
        raise Refused(f"Nobody receives for {route.name} yet. Enter a name and an email address.", "email")
    return receiver


def refer(
    route: Route,
    receiver: Person,
    *,
    subject: str,
    words: str,
    asker: Person,
    note: str,
    enquiry: Enquiry | None = None,
    organisation: Organisation | None = None,
    actor: Principal,
    now: datetime,
) -> Referral:
    """Pass `asker` and their words on to the receiver, by mail with a link to say “I have it”; tell the asker to whom.

    `subject` is what it is about as both call it. The receiver is reminded until they say so, then `actor` is told.
    Refused where the receiver is the asker. Records nothing on `enquiry` or `organisation`: the caller's verb does.
    """
    if receiver.id == asker.id:
        raise Refused(f"{receiver.name} is who asks. Choose somebody else to receive it.", "email")
    referral = Referral(
        route=route,
        receiver=receiver,
        asker=asker,
        subject=subject,
        words=words,
        note=note,
        enquiry_id=enquiry.id if enquiry else None,
        organisation_id=organisation.id if organisation else None,
        sent_by_id=actor.person_id,
        sent_at=now,
    )
    db.session.add(referral)
    record("passed on", referral, actor=actor, now=now, person_id=receiver.id, reason=route.name)
    _send(referral, now)
    return referral


def pass_on(referral: Referral, receiver: tuple[str, str], *, actor: Principal, now: datetime) -> None:
    """Give it to another receiver instead, and tell the asker; the first one's link opens it no more.

    To whom it is with already changes nothing. Refused where somebody has said that they have it, or to the asker.
    """
    name, email = receiver
    met = find_or_add_person(*split_name(name), email, now)
    hold_row(referral)
    if referral.receiver_id == met.id:
        return
    if referral.acknowledged_at is not None:
        raise Refused(f"{referral.receiver.name} has said that they have it.")
    if referral.asker_id == met.id:
        raise Refused(f"{met.name} is who asks. Choose somebody else to receive it.", "email")
    assert actor.person_id is not None
    referral.receiver, referral.sent_by_id, referral.sent_at = met, actor.person_id, now
    record("passed on again", referral, actor=actor, now=now, person_id=met.id)
    _send(referral, now)


def _send(referral: Referral, now: datetime) -> None:
    receiver_id = referral.receiver.id
    add_link(ACKNOWLEDGE, referral.id, receiver_id, now=now, lasts=REFERRAL_LINK_LASTS)
    tell(notices.PASSED_ON, referral.id, [receiver_id], now)
    tell(notices.ROUTED, referral.id, [referral.asker_id], now)


def acknowledge(referral: Referral, link: Link, *, now: datetime) -> None:
    """The receiver has it. Said again it is done already; refused to who receives it no more, or by a spent link."""
    hold_row(referral)
    if referral.receiver_id != link.holder_id:
        raise Refused("Somebody else receives this now, so you need do nothing.")
    if referral.acknowledged_at is None:
        actor = spend(link, now)
        referral.acknowledged_at = now
        record("acknowledged", referral, actor=actor, now=now, person_id=referral.asker_id)


def send_referral_again(referral: Referral, link: Link, *, now: datetime) -> None:
    """Mail the receiver whose link ran out one that works, at most once a day. Nothing to who receives it no more."""
    if referral.receiver_id != link.holder_id or referral.acknowledged_at is not None:
        return
    working_link(ACKNOWLEDGE, referral.id, link.holder_id, now=now, lasts=REFERRAL_LINK_LASTS)
    tell(notices.PASSED_ON, referral.id, [link.holder_id], day_began(now))
