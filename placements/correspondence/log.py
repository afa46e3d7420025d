"""What was said to somebody, one line for each thing, and how far it came."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from placements.core.policy import Principal
from placements.correspondence.kinds import private_names
from placements.correspondence.rules import Fate
from placements.correspondence.sight import Correspondent, Sight, recipient_of
from placements.db import db, slice_of
from placements.mail.models import Message, MessageState, Notification

MOST_EXPORTED = 10_000


@dataclass(frozen=True)
class Line:
    """One thing that was told to somebody."""

    notification: Notification

    @property
    def message(self) -> Message | None:
        """The mail that says it, once there is one."""
        return self.notification.message

    @property
    def fate(self) -> Fate:
        """How far it came."""
        message = self.message
        if self.notification.dropped_at is not None:
            return Fate.NOT_SENT
        if message is None:
            return Fate.WAITING
        if message.state is MessageState.QUEUED:
            return Fate.PUT_OFF if message.tries else Fate.WAITING
        return {
            MessageState.SENT: Fate.SENT,
            MessageState.FAILED: Fate.FAILED,
        }.get(message.state, Fate.NOT_SENT)


def _is(fate: Fate) -> ColumnElement[bool]:
    """The same of many."""
    is_said, state = Notification.dropped_at.is_(None), Message.state
    if fate is Fate.NOT_SENT:
        return or_(~is_said, state == MessageState.DROPPED)
    waits = {
        Fate.WAITING: or_(Message.id.is_(None), and_(state == MessageState.QUEUED, Message.tries == 0)),
        Fate.PUT_OFF: and_(state == MessageState.QUEUED, Message.tries > 0),
        Fate.SENT: state == MessageState.SENT,
        Fate.FAILED: state == MessageState.FAILED,
    }
    return and_(is_said, waits[fate])


@lru_cache(maxsize=256)  # slower to put together than to answer
def _listed(person_id: int, hidden: tuple[str, ...], kind: str | None, fate: Fate | None) -> Select[Notification]:
    rows = select(Notification).outerjoin(Notification.message).where(Notification.recipient_id == person_id)
    rows = rows.where(Notification.notice.not_in(hidden))
    if kind is not None:
        rows = rows.where(Notification.notice == kind)
    if fate is not None:
        rows = rows.where(_is(fate))
    return rows.order_by(Notification.due_at.desc(), Notification.id.desc())


def _seen_by(whose: Correspondent, kind: str | None, fate: Fate | None) -> Select[Notification]:
    hidden = () if whose.sight is Sight.OWN else private_names()
    return _listed(whose.person.id, hidden, kind if whose.sight is not Sight.DELIVERY else None, fate)


def lines(
    whose: Correspondent, kind: str | None, fate: Fate | None, size: int, number: int
) -> tuple[Sequence[Line], int]:
    """One page of what was told to them as far as it is seen, the newest first, and how many there are. One query."""
    rows, count = slice_of(_seen_by(whose, kind, fate), size, number, contains_eager(Notification.message))
    return [Line(row) for row in rows], count


def all_lines(whose: Correspondent, kind: str | None, fate: Fate | None) -> list[Line]:
    """All of it. One query."""
    rows = _seen_by(whose, kind, fate).options(contains_eager(Notification.message)).limit(MOST_EXPORTED)
    return [Line(row) for row in db.session.scalars(rows)]


def lines_of(whose: Correspondent, message: Message) -> list[Line]:
    """What of a message is seen, each thing once however often it was told."""
    hidden = () if whose.sight is Sight.OWN else private_names()
    seen = {(each.notice, each.about_id): each for each in message.notifications if each.notice not in hidden}
    return [Line(each) for each in seen.values()]


@dataclass(frozen=True)
class Opened:
    """A message, and what of it whoever asks may know of."""

    message: Message
    whose: Correspondent
    lines: Sequence[Line]


def opened(who: Principal, public_id: str) -> Opened | None:
    """The message at that address; None where nothing of it is theirs to know. Four queries."""
    found = select(Message).where(Message.public_id == public_id).options(selectinload(Message.notifications))
    message = db.session.scalar(found)
    whose = recipient_of(who, message) if message else None
    if message is None or whose is None:
        return None
    lines = lines_of(whose, message)
    return Opened(message, whose, lines) if lines else None
