"""Reads about messages and how the mail stands: counts, times and reasons, never what a mail says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import contains_eager

from placements.core.clock import day_began
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.leases import Lease
from placements.mail.models import MailboxDay, MailReturn, Message, MessageState, Notification, ReturnKind, Stoppage
from placements.mail.queries import last_stoppages
from placements.mail.reached import CAN_WAIT, is_returned
from placements.mailing.rules import FIRST_WORDS, Reason
from placements.people.models import Person

CLOCK = "clock"  # the worker's lease of whoever leads
STOPPAGES = 3  # that the page tells of
WEEK = timedelta(days=6)  # before today
SHOWN = (MessageState.FAILED, MessageState.QUEUED)


def message_of(who: Principal, public_id: str) -> Message | None:
    """A message, by whoever looks after the mail."""
    found = select(Message).where(Message.public_id == public_id)
    return db.session.scalar(found) if who.has("administrator") else None


def is_because(reason: Reason) -> ColumnElement[bool]:
    """Of failed messages: for that kind of reason."""
    known = {each: or_(*(Message.problem.startswith(f"{word}:") for word in words)) for each, words in KNOWN}
    return known[reason] if reason in known else ~func.coalesce(or_(*known.values()), False)


KNOWN = tuple(FIRST_WORDS.items())


@lru_cache(maxsize=32)  # slower to put together than to answer
def _listed(state: MessageState, reason: Reason | None) -> Select[Message]:
    rows = select(Message).join(Message.recipient).where(Message.state == state)
    if reason is not None:
        rows = rows.where(is_because(reason))
    newest_first = (Message.next_try_at.desc(), Message.id.desc())
    oldest_first = (Message.next_try_at, Message.id)
    return rows.order_by(*(newest_first if state is MessageState.FAILED else oldest_first))


def messages(state: MessageState, reason: Reason | None, size: int, number: int) -> tuple[Sequence[Message], int]:
    """One page of those that wait (the next first) or failed (the last first), and how many there are. One query."""
    return slice_of(_listed(state, reason), size, number, contains_eager(Message.recipient))


def failed_by_reason() -> dict[Reason, int]:
    """How many failed, by kind of reason; those of which there are none are left out. One query."""
    which = case(*((is_because(reason), reason.value) for reason, _ in KNOWN), else_=Reason.NOT_MADE.value)
    rows = select(which.label("reason"), func.count()).where(Message.state == MessageState.FAILED).group_by("reason")
    found = {Reason(reason): count for reason, count in db.session.execute(rows)}
    return {reason: found[reason] for reason in Reason if reason in found}


@dataclass(frozen=True)
class Health:
    """How the mail stands at a moment. `waiting`: messages, and what is said at once and is not in one yet."""

    waiting: int
    oldest_due: datetime | None
    for_the_days_mail: int
    put_off: int
    failed: int
    failed_today: int
    failed_week: int
    sent_today: int
    sent_week: int
    dropped_week: int
    unreached: int
    came_back_today: int
    came_back_week: int
    day: MailboxDay | None
    clock: Lease | None  # as it was last held; none where no worker ever ran
    is_held: bool  # somebody leads just now
    stoppages: Sequence[Stoppage]


def health(now: datetime, machine: datetime) -> Health:
    """How it stands. Four queries."""
    counts = db.session.execute(_counts(now, machine)).one()._mapping
    day = db.session.scalar(select(MailboxDay).order_by(MailboxDay.on.desc()).limit(1))
    clock = db.session.get(Lease, CLOCK)
    oldest = [each for each in (counts["oldest_told"], counts["oldest_made"]) if each is not None]
    return Health(
        waiting=counts["queued"] + counts["told"],
        oldest_due=min(oldest, default=None),
        day=day,
        clock=clock,
        is_held=clock is not None and clock.until > machine,
        stoppages=last_stoppages(STOPPAGES),
        **{name: counts[name] for name in Health.__dataclass_fields__ if name in counts},
    )


def _counts(now: datetime, machine: datetime) -> Select[tuple[object, ...]]:
    today, week = day_began(now), day_began(now - WEEK)
    machine_today, machine_week = day_began(machine), day_began(machine - WEEK)
    queued, failed, sent, dropped = (
        Message.state == state
        for state in (MessageState.QUEUED, MessageState.FAILED, MessageState.SENT, MessageState.DROPPED)
    )
    untold = and_(Notification.message_id.is_(None), Notification.dropped_at.is_(None), Notification.due_at <= now)
    count, back = select(func.count(Message.id)), select(func.count(MailReturn.id))
    told = select(func.count(Notification.id)).where(untold)
    asked = {
        "queued": count.where(queued),
        "told": told.where(~CAN_WAIT),
        "for_the_days_mail": told.where(CAN_WAIT),
        "oldest_told": select(func.min(Notification.due_at)).where(untold, ~CAN_WAIT),
        "oldest_made": select(func.min(Message.created_at)).where(queued),
        "put_off": count.where(queued, Message.tries > 0),
        "failed": count.where(failed),
        "failed_today": count.where(failed, Message.next_try_at >= machine_today),
        "failed_week": count.where(failed, Message.next_try_at >= machine_week),
        "sent_today": count.where(sent, Message.sent_at >= today),
        "sent_week": count.where(sent, Message.sent_at >= week),
        "dropped_week": count.where(dropped, Message.created_at >= week),
        "unreached": select(func.count(Person.id)).where(is_returned(Person.email_key)),
        "came_back_today": back.where(MailReturn.at >= today),
        "came_back_week": back.where(MailReturn.at >= week),
    }
    return select(*(each.scalar_subquery().label(name) for name, each in asked.items()))


def totals() -> tuple[dict[MessageState, int], dict[ReturnKind, int]]:
    """How many messages there are in each state, and returns of each kind. Two queries."""
    states = select(Message.state, func.count(Message.id)).group_by(Message.state)
    kinds = select(MailReturn.kind, func.count(MailReturn.id)).group_by(MailReturn.kind)
    by_state = {state: count for state, count in db.session.execute(states)}  # noqa: C416 - rows are no pairs to mypy
    by_kind = {kind: count for kind, count in db.session.execute(kinds)}  # noqa: C416
    return {each: by_state.get(each, 0) for each in MessageState}, {each: by_kind.get(each, 0) for each in ReturnKind}
