"""Gather what is due into messages, lease some, send each outside any transaction, mark it.

A worker killed between sending and marking sends that one message again when its lease has run out, with the same
Message-ID. Nothing is marked before it is sent, so nothing is lost.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import or_, select, update
from sqlalchemy.orm import joinedload, selectinload

from placements.db import begin_to_write, db
from placements.mail.models import PROBLEM_LENGTH, Message, MessageState, Notification
from placements.mail.notices import Notice, notices
from placements.mail.reach import set_aside
from placements.mail.rendering import Rendered, render

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)  # longer than a batch takes
BATCH = 50
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3), timedelta(hours=12))


class Transport(Protocol):
    """Where mail goes: SMTP, or a demonstration's mailbox."""

    def send(self, message: Message, mail: Rendered) -> None:
        """Hand over one mail; raises where it was not taken: OSError, which smtplib's errors are, or what is amiss."""


@dataclass(frozen=True)
class Tally:
    """What one round of delivery did."""

    sent: int = 0
    failed: int = 0
    dropped: int = 0


def gather(now: datetime, machine: datetime) -> int:
    """Make a message for each person with something due at `now` (story time). One transaction; returns how many."""
    begin_to_write()
    waiting = db.session.execute(
        select(Notification.id, Notification.recipient_id)
        .where(Notification.message_id.is_(None), Notification.dropped_at.is_(None), Notification.due_at <= now)
        .order_by(Notification.due_at, Notification.id)
        .limit(BATCH * 10)
        .with_for_update(skip_locked=True)
    ).all()
    by_person: dict[int, list[int]] = {}
    for notification_id, person_id in waiting:
        by_person.setdefault(person_id, []).append(notification_id)
    for person_id, notification_ids in by_person.items():
        message = Message(recipient_id=person_id, created_at=now, next_try_at=machine)
        db.session.add(message)
        db.session.flush()
        db.session.execute(
            update(Notification).where(Notification.id.in_(notification_ids)).values(message_id=message.id)
        )
    db.session.commit()
    return len(by_person)


def lease(machine: datetime, lasts: timedelta = LEASE) -> Sequence[int]:
    """Claim a batch of queued messages until `machine + lasts`; no other worker takes them meanwhile."""
    begin_to_write()
    set_aside(machine)
    free = (
        select(Message.id)
        .where(Message.state == MessageState.QUEUED, Message.next_try_at <= machine)
        .where(or_(Message.leased_until.is_(None), Message.leased_until < machine))
        .order_by(Message.next_try_at, Message.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    claimed = db.session.scalars(free).all()
    db.session.execute(update(Message).where(Message.id.in_(claimed)).values(leased_until=machine + lasts))
    db.session.commit()
    return claimed


def deliver(transport: Transport, now: datetime, machine: datetime, lasts: timedelta = LEASE) -> Tally:
    """Gather, lease and send one batch. `now` is story time, `machine` the machine's."""
    gather(now, machine)
    outcomes = [_deliver_one(message_id, transport, now, machine) for message_id in lease(machine, lasts)]
    return Tally(*(outcomes.count(state) for state in (MessageState.SENT, MessageState.QUEUED, MessageState.DROPPED)))


def _deliver_one(message_id: int, transport: Transport, now: datetime, machine: datetime) -> MessageState:
    """Send one message. Whatever goes wrong with it is its own problem, and keeps none of the others back."""
    mail = problem = None
    untrue: list[int] = []
    try:
        message = db.session.get_one(
            Message, message_id, options=[joinedload(Message.recipient), selectinload(Message.notifications)]
        )
        still_true, untrue = _still_true(message, now)
        mail = render(still_true, message.recipient) if still_true else None
        db.session.expunge_all()
        db.session.rollback()  # nothing is held while the network is waited for
        if mail is not None:
            transport.send(message, mail)
    except Exception as error:
        db.session.rollback()
        problem = f"{type(error).__name__}: {error}"[:PROBLEM_LENGTH]
        log.warning("message %s was not sent: %s", message_id, problem, exc_info=not isinstance(error, OSError))
    return _mark(message_id, mail, problem, untrue=untrue, now=now, machine=machine)


def _still_true(message: Message, now: datetime) -> tuple[list[tuple[Notice, Mapping[str, Any]]], list[int]]:
    """What of the message is still to be said, each thing once however often it was told; and the keys of the rest."""
    told: dict[tuple[str, int], list[int]] = {}
    for each in message.notifications:
        told.setdefault((each.notice, each.about_id), []).append(each.id)
    said, untrue = [], []
    for (name, about_id), keys in told.items():
        context = notices()[name].context(about_id, message.recipient, now)
        if context is None:
            untrue += keys
        else:
            said.append((notices()[name], context))
    return said, untrue


def _mark(
    message_id: int, mail: Rendered | None, problem: str | None, *, untrue: list[int], now: datetime, machine: datetime
) -> MessageState:
    begin_to_write()
    message = db.session.get_one(Message, message_id)
    message.leased_until = None
    message.problem = problem
    if mail is not None:
        message.subject = mail.subject
    if problem is None:
        message.state, message.sent_at = (MessageState.SENT, now) if mail else (MessageState.DROPPED, None)
        if untrue:
            db.session.execute(update(Notification).where(Notification.id.in_(untrue)).values(dropped_at=now))
    elif message.tries < len(BACK_OFF):
        message.next_try_at = machine + BACK_OFF[message.tries]
        message.tries += 1
    else:
        message.state = MessageState.FAILED
    state = message.state
    db.session.commit()
    return state
