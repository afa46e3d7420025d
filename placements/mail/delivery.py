"""Lease some messages, read a few of them ahead, send each outside any transaction, mark it before the next is sent.

Nothing is marked before it is sent, so nothing is lost. A message may be sent twice, with the same Message-ID, by a
worker that is killed between its being taken and its being marked, or stopped there until its lease was over; and where
the connection ends before the server's answer is read. A worker that goes on after its lease sends nothing more under
it.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any, Protocol, cast

from sqlalchemy import ColumnElement, Table, and_, bindparam, or_, select, update
from sqlalchemy.orm import joinedload, selectinload

from placements.core.clock import machine_now
from placements.db import begin_to_write, db
from placements.mail.asking import still_said
from placements.mail.choosing import ways_out
from placements.mail.gathering import WAITING, gather
from placements.mail.models import PROBLEM_LENGTH, Message, MessageState, Notification
from placements.mail.reach import refuse, set_aside
from placements.mail.rendering import Rendered, render
from placements.mail.returns import Verdict, read_refusal

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)  # longer than a batch takes
BATCH = 50
AHEAD = 25  # how many are read and put together in one transaction, before the first of them is sent
FRESH = timedelta(seconds=5)  # how long what was read counts as true; after that it is asked again
ENOUGH = 1 / 3  # of a lease: with less of it left nothing is handed over any more
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


@dataclass(frozen=True)
class Leased:
    """Messages that are ours until `until` (machine time), oldest first. No other lease of theirs ends then."""

    ids: Sequence[int]
    until: datetime


@dataclass(frozen=True)
class Prepared:
    """A message as it is to be sent; without `mail` nothing of it is still to be said, or it has a problem."""

    message: Message
    mail: Rendered | None
    untrue: Sequence[int]
    problem: str | None


class Passing:
    """How much time has passed since it was made: as the clock says, or more where the clock was set back."""

    def __init__(self) -> None:
        self.began, self.ticks = machine_now(), time.monotonic()

    def __call__(self) -> timedelta:
        return max(machine_now() - self.began, timedelta(seconds=time.monotonic() - self.ticks))


def lease(machine: datetime, lasts: timedelta = LEASE) -> Leased:
    """Claim a batch of queued messages until `machine + lasts`; no other worker takes them meanwhile."""
    begin_to_write()
    set_aside(machine)
    claimed = db.session.scalars(FREE, {"machine": machine}).all()
    if claimed:
        db.session.execute(LEASES, {"keys": claimed, "until": machine + lasts})
    db.session.commit()
    return Leased(claimed, machine + lasts)


def _waits(machine: Any) -> ColumnElement[bool]:
    return and_(Message.state == MessageState.QUEUED, Message.next_try_at <= machine)


# These statements are put together once: to do so anew each time takes longer than the database does.
MESSAGE = cast(Table, Message.__table__)
MACHINE: Any = bindparam("machine")
FREE = (  # what is to be sent at `machine` and nobody holds: a batch of it, oldest first
    select(Message.id)
    .where(_waits(MACHINE), or_(Message.leased_until.is_(None), Message.leased_until < MACHINE))
    .order_by(Message.next_try_at, Message.id)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
)
LEASES = (
    update(MESSAGE).where(MESSAGE.c.id.in_(bindparam("keys", expanding=True))).values(leased_until=bindparam("until"))
)
IS_BUSY = select(
    or_(
        select(Notification.id).where(WAITING, Notification.due_at <= bindparam("now")).exists(),
        select(Message.id).where(_waits(MACHINE)).exists(),
    )
)


def _is_idle(now: datetime, machine: datetime) -> bool:
    """Whether nothing is due and nothing waits to be sent: one look into two indexes, and no turn to write is taken."""
    is_busy = db.session.scalar(IS_BUSY, {"now": now, "machine": machine})
    db.session.rollback()
    return not is_busy


def deliver(
    transport: Transport,
    now: datetime,
    machine: datetime,
    lasts: timedelta = LEASE,
    passed: Callable[[], timedelta] | None = None,
) -> Tally:
    """Gather, lease and send one batch. `now` is story time, `machine` the machine's; `passed` says how long ago.

    Between reading and sending what is true is asked again where it has grown old.
    """
    if _is_idle(now, machine):
        return Tally()
    passed = passed or Passing()
    gather(now, machine)
    leased = lease(machine, lasts)
    outcomes: list[MessageState] = []
    waiting = iter(leased.ids)
    while some := list(islice(waiting, AHEAD)):
        read_at = passed()
        for prepared in _prepared(some, leased, now + _whole(read_at)):
            if passed() > lasts * (1 - ENOUGH):  # we were held up: others have these, or soon will
                log.warning("mail: %s leased messages are left to others", len(leased.ids) - len(outcomes))
                return _tally(outcomes)
            moment = _whole(passed())
            again = [prepared] if passed() - read_at < FRESH else _prepared([prepared.message.id], leased, now + moment)
            outcomes += [_send(each, leased, transport, now + moment, machine + moment) for each in again]
    return _tally(outcomes)


def _whole(passed: timedelta) -> timedelta:
    return timedelta(seconds=int(passed.total_seconds()))


def _tally(outcomes: Sequence[MessageState]) -> Tally:
    return Tally(*(outcomes.count(state) for state in (MessageState.SENT, MessageState.QUEUED, MessageState.DROPPED)))


def _prepared(keys: Sequence[int], leased: Leased, now: datetime) -> list[Prepared]:
    """Those of them that are still ours, as they are to be sent at `now`. One transaction, which only reads.

    Whatever is amiss with one is its own problem, and keeps none of the others back.
    """
    problem = None
    try:
        return _read(keys, leased, lambda message: _prepare(message, now))
    except Exception as error:
        db.session.rollback()
        problem = error
    if len(keys) > 1:
        return [each for key in keys for each in _prepared([key], leased, now)]
    return _read(keys, leased, lambda message: Prepared(message, None, [], _problem(message, problem)))


def _read(keys: Sequence[int], leased: Leased, prepare: Callable[[Message], Prepared]) -> list[Prepared]:
    rows = (
        select(Message)
        .where(Message.id.in_(keys), Message.state == MessageState.QUEUED, Message.leased_until == leased.until)
        .options(joinedload(Message.recipient), selectinload(Message.notifications), selectinload(Message.muted))
        .order_by(Message.next_try_at, Message.id)
    )
    prepared = [prepare(message) for message in db.session.scalars(rows).all()]
    db.session.expunge_all()
    db.session.rollback()  # nothing is held while the network is waited for
    return prepared


def _prepare(message: Message, now: datetime) -> Prepared:
    said, untrue = still_said(message, now)
    return Prepared(message, render(said, message.recipient, ways_out(message, said)) if said else None, untrue, None)


def _send(prepared: Prepared, leased: Leased, transport: Transport, now: datetime, machine: datetime) -> MessageState:
    problem = prepared.problem
    try:
        if prepared.mail is not None:
            transport.send(prepared.message, prepared.mail)
    except Exception as error:
        db.session.rollback()
        problem = _problem(prepared.message, error)
        verdict = _verdict_of(error)
        if verdict is not None:
            begin_to_write()
            is_refused = refuse(prepared.message.id, leased.until, verdict, now, machine)
            db.session.commit()
            if is_refused:
                return MessageState.FAILED
    return _mark(prepared, leased, problem, now, machine)


def _verdict_of(error: Exception) -> Verdict | None:
    """What a server said of the recipient's address for good; None where it said nothing like it."""
    refused = error.recipients if isinstance(error, SMTPRecipientsRefused) else {}
    return next((read_refusal(to, *answer) for to, answer in refused.items()), None)


def _problem(message: Message, error: Exception) -> str:
    problem = f"{type(error).__name__}: {_words_of(error)}"[:PROBLEM_LENGTH]
    log.warning("message %s was not sent: %s", message.id, problem, exc_info=not isinstance(error, OSError))
    return problem


def _words_of(error: Exception) -> str:
    """What a server answered, as it said it; of any other error its own words."""
    answers = [(error.smtp_code, error.smtp_error)] if isinstance(error, SMTPResponseException) else []
    if isinstance(error, SMTPRecipientsRefused):
        answers = list(error.recipients.values())
    said = [
        f"{code} {answer.decode(errors='replace') if isinstance(answer, bytes) else answer}" for code, answer in answers
    ]
    return "; ".join(said) or str(error)


MARK_SENT = (
    update(MESSAGE)
    .where(MESSAGE.c.id == bindparam("key"), MESSAGE.c.state == MessageState.QUEUED)
    .values(
        state=MessageState.SENT, sent_at=bindparam("at"), subject=bindparam("said"), leased_until=None, problem=None
    )
)


def _mark(prepared: Prepared, leased: Leased, problem: str | None, now: datetime, machine: datetime) -> MessageState:
    """What was taken is sent, whoever holds it by now; anything else is said of it only while it is ours."""
    message, mail = prepared.message, prepared.mail
    begin_to_write()
    if mail is not None and problem is None:
        state = MessageState.SENT
        said = {"key": message.id, "at": now, "said": mail.subject}
        marked: Any = db.session.execute(MARK_SENT, said)
    else:
        values = _otherwise(message, problem, machine)
        state = values["state"]
        ours = update(MESSAGE).where(MESSAGE.c.id == message.id, MESSAGE.c.state == MessageState.QUEUED)
        marked = db.session.execute(ours.where(MESSAGE.c.leased_until == leased.until).values(values))
    if problem is None and prepared.untrue:
        untrue = update(Notification).where(Notification.id.in_(prepared.untrue)).values(dropped_at=now)
        db.session.execute(untrue)
    db.session.commit()
    if not marked.rowcount:
        log.warning("message %s: another worker has it by now", message.id)
    return state


def _otherwise(message: Message, problem: str | None, machine: datetime) -> dict[str, Any]:
    """What becomes of a message that was not sent: dropped, tried again later, or given up in sight."""
    values = {"leased_until": None, "problem": problem}
    if problem is None:
        return {**values, "state": MessageState.DROPPED}
    if message.tries < len(BACK_OFF):
        later = machine + BACK_OFF[message.tries]
        return {**values, "state": MessageState.QUEUED, "next_try_at": later, "tries": message.tries + 1}
    return {**values, "state": MessageState.FAILED}
