"""Verbs on the newsletter: asked for, confirmed from the address itself, left."""

from datetime import datetime

from sqlalchemy import select

from placements.core.clock import day_began
from placements.core.policy import Principal
from placements.db import db, hold_row, insert_new, new_public_id
from placements.enquiries import notices
from placements.enquiries.models import Subscription
from placements.enquiries.rules import CONFIRM_NEWSLETTER, LINK_LASTS
from placements.history.actions import record
from placements.links.actions import spend, working_link
from placements.links.models import Link
from placements.mail.actions import tell
from placements.people.models import Person


def ask_for_newsletter(person: Person, *, actor: Principal, now: datetime) -> None:
    """Mail the person a link to confirm that they want it. Nothing is sent to who has it already."""
    own = select(Subscription).where(Subscription.person_id == person.id)
    insert_new(Subscription, [{"person_id": person.id, "asked_at": now, "public_id": new_public_id()}])
    kept = db.session.scalars(own).one()
    hold_row(kept)
    if kept.is_active:
        return
    kept.asked_at, kept.confirmed_at, kept.ended_at = now, None, None
    record("newsletter asked for", kept, actor=actor, now=now, person_id=person.id)
    send_newsletter_link(kept, now=now)


def send_newsletter_link(subscription: Subscription, *, now: datetime) -> None:
    """Mail the newest link to confirm it, made now if need be; at most once a day, whoever asks.

    Nothing to who has it or has left it.
    """
    if subscription.confirmed_at is not None or subscription.ended_at is not None:
        return
    working_link(CONFIRM_NEWSLETTER, subscription.id, subscription.person_id, now=now, lasts=LINK_LASTS)
    tell(notices.NEWSLETTER, subscription.id, [subscription.person_id], day_began(now))


def confirm_newsletter(subscription: Subscription, link: Link, *, now: datetime) -> None:
    """Begin the subscription. Pressed again it is done already. Refused where the link does not work any more."""
    hold_row(subscription)
    if subscription.is_active:
        return
    actor = spend(link, now)
    subscription.confirmed_at, subscription.ended_at = now, None
    record("newsletter confirmed", subscription, actor=actor, now=now, person_id=subscription.person_id)


def leave_newsletter(subscription: Subscription, *, now: datetime) -> None:
    """End the subscription, whether or not it was confirmed. Again changes nothing."""
    hold_row(subscription)
    if subscription.ended_at is None:
        subscription.ended_at = now
        who = Principal(subscription.person_id)
        record("newsletter left", subscription, actor=who, now=now, person_id=subscription.person_id)
