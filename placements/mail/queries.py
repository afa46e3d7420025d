"""What was written about a thing or to somebody, and whether it arrived; never what it said. Choices; who is missed."""

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select

from placements.db import db
from placements.mail.models import (
    Message,
    MessageState,
    Notification,
    Stoppage,
)
from placements.people.models import Person


class Fate(enum.StrEnum):
    """How far a mail came, as people say it."""

    WAITING = "waiting to be sent"
    SENT = "sent"
    FAILED = "could not be delivered"


@dataclass(frozen=True)
class Told:
    """One notice to one person: when it was sent, or will be, and how far it came."""

    notice: str
    to: str
    at: datetime
    fate: Fate


def sent_about(*things: tuple[Collection[str], int]) -> list[Told]:
    """What was said of each (names of notices, key of what they are about), the newest first. One query.

    Leaves out what was no longer true when its time came, and so never said.
    """
    wanted = [and_(Notification.notice.in_(names), Notification.about_id == key) for names, key in things]
    found = (
        select(Notification.notice, Person, Notification.due_at, Message)
        .join(Person, Person.id == Notification.recipient_id)
        .outerjoin(Message, Message.id == Notification.message_id)
        .where(or_(*wanted), Notification.dropped_at.is_(None))
        .order_by(Notification.id.desc())
    )
    return [
        Told(notice, person.name, message.sent_at if message and message.sent_at else due_at, _fate(message))
        for notice, person, due_at, message in db.session.execute(found)
    ]


def _fate(message: Message | None) -> Fate:
    if message is None or message.state is MessageState.QUEUED:
        return Fate.WAITING
    return Fate.SENT if message.state is MessageState.SENT else Fate.FAILED


def last_stoppages(number: int) -> Sequence[Stoppage]:
    """When the clock stood still, the newest first."""
    return db.session.scalars(select(Stoppage).order_by(Stoppage.id.desc()).limit(number)).all()
