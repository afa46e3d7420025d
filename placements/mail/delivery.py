"""Lease some messages, send each outside any transaction, mark it.

A worker killed between sending and marking sends that one message again when its lease has run out, with the same
Message-ID. Nothing is marked before it is sent, so nothing is lost.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import or_, select, update
from sqlalchemy.orm import joinedload, selectinload

from placements.db import begin_to_write, db
from placements.mail.asking import still_said
from placements.mail.choosing import ways_out
from placements.mail.gathering import gather
from placements.mail.models import PROBLEM_LENGTH, Message, MessageState, Notification
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
        said, untrue = still_said(message, now)
        mail = render(said, message.recipient, ways_out(message, said)) if said else None
        db.session.expunge_all()
        db.session.rollback()  # nothing is held while the network is waited for
        if mail is not None:
            transport.send(message, mail)
    except Exception as error:
        db.session.rollback()
        problem = f"{type(error).__name__}: {error}"[:PROBLEM_LENGTH]
        log.warning("message %s was not sent: %s", message_id, problem, exc_info=not isinstance(error, OSError))
    return _mark(message_id, mail, problem, untrue=untrue, now=now, machine=machine)


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
