"""Whose mail is looked at: one's own, by signing in or by the address in a mail."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.mail.models import Message, MessageState
from placements.partners.models import Contact
from placements.people.models import Person


def message_with(message_id: int | None) -> Message | None:
    """The message with that key, its recipient and what is in it."""
    whole = (joinedload(Message.recipient), selectinload(Message.notifications))
    return None if message_id is None else db.session.get(Message, message_id, options=whole)


def person_with(person_id: int | None) -> Person | None:
    """The person with that key."""
    return None if person_id is None else db.session.get(Person, person_id)


def own_messages(who: Principal, size: int, number: int) -> tuple[Sequence[Message], int]:
    """What was or is to be sent to whoever asks, the newest first, and how many there are. Two queries."""
    rows = select(Message).where(Message.recipient_id == who.person_id, Message.state != MessageState.DROPPED)
    rows = rows.order_by(Message.created_at.desc(), Message.id.desc())
    return slice_of(rows, size, number, selectinload(Message.notifications))


def contact_looked_after(who: Principal, person_id: int) -> Contact | None:
    """What that person is at an organisation, to those who look after it; None for anybody else. One query at most."""
    if not who.has("engagement"):
        return None
    here = select(Contact).where(Contact.person_id == person_id, Contact.left_on.is_(None)).order_by(Contact.id)
    return db.session.scalars(here.options(joinedload(Contact.organisation)).limit(1)).first()
