"""What was written about a thing or to somebody, and whether it arrived; never what it said. Choices; who is missed."""

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, literal, or_, select, union

from placements.db import db
from placements.mail.models import (
    MailChoice,
    Message,
    MessageState,
    Mute,
    Notification,
    Stoppage,
)
from placements.mail.notices import Notice, Pace, notices, reminders
from placements.mail.pacing import USUAL_HOUR
from placements.mail.wording import Words, words_of
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


@dataclass(frozen=True)
class Kind:
    """A kind of notice that somebody gets, or chose not to."""

    notice: Notice
    words: Words
    is_muted: bool

    @property
    def why_not(self) -> str:
        """Why it cannot be muted, as the end of a sentence; empty where it can."""
        if self.notice.may_mute:
            return ""
        if self.notice.pace is Pace.NOW:
            return "it cannot wait"
        if any(each.notice is self.notice for each in reminders()):
            return "it is about something that you are to do by a day"
        return "it tells you of something that you need to know"


def kinds_of(person_id: int, also: Collection[str] = ()) -> list[Kind]:
    """What that person was ever told or muted, and `also` that, by what it is called. One query."""
    told = select(Notification.notice).where(Notification.recipient_id == person_id)
    muted = select(Mute.notice, literal(1)).where(Mute.person_id == person_id)
    found = set(db.session.execute(union(told.add_columns(literal(0)), muted)).all())
    known = notices()
    kinds = [
        Kind(known[name], words_of(known[name]), (name, 1) in found)
        for name in {name for name, _ in found} | {*also}
        if name in known
    ]
    return sorted(kinds, key=lambda kind: (kind.words.title, kind.notice.name))


def hour_of(person_id: int) -> int:
    """When the day's mail of that person goes out, on London's clocks. One query."""
    return db.session.scalar(select(MailChoice.hour).where(MailChoice.person_id == person_id)) or USUAL_HOUR


def last_stoppages(number: int) -> Sequence[Stoppage]:
    """When the clock stood still, the newest first."""
    return db.session.scalars(select(Stoppage).order_by(Stoppage.id.desc()).limit(number)).all()


def private_names() -> tuple[str, ...]:
    """The notices of which nobody but their reader sees that they were sent, in order."""
    return tuple(sorted(name for name, notice in notices().items() if notice.private))
