"""What is due becomes messages: the urgent at once, the rest as one mail a person a day."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast

from flask import Flask, current_app
from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, or_, select, update
from sqlalchemy.exc import IntegrityError

from placements.core.clock import today
from placements.db import UTCDateTime, begin_to_write, db
from placements.mail.models import MailChoice, Message, Notification
from placements.mail.notices import Pace
from placements.mail.pacing import HOURS, USUAL_HOUR, due_digests, is_night, next_digest

AT_ONE_TIME = 200  # people
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

WAITING = and_(Notification.message_id.is_(None), Notification.dropped_at.is_(None))
HOUR = func.coalesce(MailChoice.hour, USUAL_HOUR)


@dataclass(frozen=True)
class Calendar:
    """The days on which no day's mail goes out: to anybody, and who is away on one (their organisation is closed)."""

    closed: Callable[[], Collection[date]]
    away: Callable[[date], Select[int]]


def init_gathering(app: Flask, calendar: Calendar) -> None:
    """Keep what areas know about days with the application."""
    app.extensions["placements.mail_calendar"] = calendar


def _calendar() -> Calendar:
    return cast(Calendar, current_app.extensions["placements.mail_calendar"])


def gather(now: datetime, machine: datetime) -> int:
    """Make messages of what is due at `now` (story time), oldest first. One transaction; returns for how many people.

    At most one with a day's mail for each person and day: the database refuses a second.
    """
    begin_to_write()
    days, at_once = _days_mail(now), _at_once(now)
    waits = select(Notification.recipient_id).where(WAITING, Notification.due_at <= now, or_(days, at_once))
    waits = waits.outerjoin(MailChoice, MailChoice.person_id == Notification.recipient_id)
    oldest = waits.group_by(Notification.recipient_id).order_by(
        func.min(Notification.due_at), Notification.recipient_id
    )
    people = db.session.scalars(oldest.limit(AT_ONE_TIME)).all()
    rows = _held(people, now, days, at_once)
    for person_id in dict.fromkeys(row.recipient_id for row in rows):
        own = [row for row in rows if row.recipient_id == person_id]
        is_days = any(row.is_days for row in own)
        _put_into_one(person_id, [row.id for row in own], today(now) if is_days else None, now, machine)
    db.session.commit()
    return len(people)


def _held(people: Sequence[int], now: datetime, *which: ColumnElement[bool]) -> Sequence[Any]:
    """What of theirs goes now, held: another worker that gathers takes others."""
    if not people:
        return []
    rows = select(Notification.id, Notification.recipient_id, which[0].label("is_days"))
    rows = rows.outerjoin(MailChoice, MailChoice.person_id == Notification.recipient_id)
    rows = rows.where(WAITING, Notification.due_at <= now, Notification.recipient_id.in_(people), or_(*which))
    rows = rows.order_by(Notification.due_at, Notification.id)
    return db.session.execute(rows.with_for_update(skip_locked=True, of=Notification)).all()


def _put_into_one(person_id: int, keys: list[int], day: date | None, now: datetime, machine: datetime) -> None:
    """Where another worker has just made the person's mail of the day, it is left alone: it may be on its way."""
    message = Message(recipient_id=person_id, created_at=now, next_try_at=machine, digest_on=day)
    try:
        with db.session.begin_nested():
            db.session.add(message)
    except IntegrityError:
        return
    db.session.execute(update(Notification).where(Notification.id.in_(keys)).values(message_id=message.id))


def _at_once(now: datetime) -> ColumnElement[bool]:
    """What cannot wait: said at any time, said by day, and the day's mail that would come too late for its deadline."""
    if is_night(now):
        return Notification.pace == Pace.NOW
    closed = _calendar().closed()
    following = {hour: _instant(next_digest(now, hour, closed)) for hour in HOURS}
    too_late = Notification.deadline_at <= case(following, value=HOUR)
    is_today = and_(_days_mail(now), Notification.pace == Pace.DAILY)
    return or_(Notification.pace.in_((Pace.NOW, Pace.SOON)), and_(too_late, ~is_today))


def _days_mail(now: datetime) -> ColumnElement[bool]:
    """What is in a day's mail that may go out by now, to people who had none today."""
    calendar = _calendar()
    due = {hour: _instant(until) for hour, until in due_digests(now, calendar.closed())}
    if not due:
        return false()
    had = select(Message.id).where(Message.recipient_id == Notification.recipient_id, Message.digest_on == today(now))
    return and_(
        Notification.pace == Pace.DAILY,
        Notification.due_at <= case(due, value=HOUR, else_=_instant(NEVER)),
        ~had.exists(),
        Notification.recipient_id.not_in(calendar.away(today(now))),
    )


def _instant(moment: datetime) -> Any:
    return literal(moment, UTCDateTime())
