"""What the worker does with messages to many: begin, tell a slice at a time, see what became of each, finish.

Each step is a transaction of its own that holds the message first: whoever holds or stops it comes between two of them.
Somebody told while it goes whose mail comes up while it is held is not written to, since the notice is not true then.
Once it goes on they are told again, unless they have left the audience. Whoever is told again was sent nothing before.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Select, literal, or_, select

from placements.bulletins import notices
from placements.bulletins.audience import members, members_of, sender_may
from placements.bulletins.models import Bulletin, BulletinRecipient
from placements.bulletins.queries import TOLD, muted_by
from placements.bulletins.rules import SLICE, Outcome
from placements.bulletins.workflow import BULLETIN, BulletinState
from placements.core.policy import NOBODY
from placements.db import begin_to_write, db, hold_row, insert_new_from
from placements.history.actions import record
from placements.mail.actions import tell
from placements.mail.models import Message, MessageState, Notification
from placements.people.models import Person

B, R = BulletinState, BulletinRecipient


def send_due(now: datetime, size: int = SLICE) -> int:
    """Take every message as far as it goes at `now` (story time). Commits; returns how many people were told."""
    told = 0
    for key in _keys(select(Bulletin.id).where(Bulletin.state == B.SCHEDULED, Bulletin.send_at <= now)):
        _do(key, _begin, now)
    for key in _keys(select(R.bulletin_id).where(R.outcome.is_(None)).distinct()):
        _do(key, _stop_without_sender, now)
        while _do(key, partial(_settle, size=size), now):
            pass
        while some := _do(key, partial(_tell, size=size), now):
            told += some
    for key in _keys(select(Bulletin.id).where(Bulletin.state == B.SENDING)):
        _do(key, _finish, now)
    return told


def _keys(found: Select[int]) -> Sequence[int]:
    keys = db.session.scalars(found).all()
    db.session.rollback()
    return sorted(keys)


def _do(key: int, step: Callable[[Bulletin, datetime], int], now: datetime) -> int:
    begin_to_write()
    bulletin = db.session.get_one(Bulletin, key)
    hold_row(bulletin)
    done = step(bulletin, now)
    db.session.commit()
    return done


def _begin(bulletin: Bulletin, now: datetime) -> int:
    """Keep who is in the audience now."""
    if bulletin.state is not B.SCHEDULED or bulletin.send_at is None or bulletin.send_at > now:
        return 0
    if _stop_without_sender(bulletin, now):
        return 0
    BULLETIN.move(bulletin, "begin")
    if bulletin.begun_at is None:
        bulletin.begun_at = now
        record("began to send a message", bulletin, actor=NOBODY, now=now)
        people = db.select(literal(bulletin.id), Person.id).where(Person.id.in_(members(bulletin)))
        insert_new_from(R, ("bulletin_id", "person_id"), people.order_by(Person.id))
    return 0


def _stop_without_sender(bulletin: Bulletin, now: datetime) -> int:
    """Stop it where whoever wrote it may not write to such people any more. Returns 1 where that is so."""
    if bulletin.state not in (B.SCHEDULED, B.SENDING) or sender_may(bulletin):
        return 0
    BULLETIN.move(bulletin, "stop")
    bulletin.ended_at = now
    reason = "whoever wrote it may not write to these people any more"
    record("stopped a message", bulletin, actor=NOBODY, now=now, reason=reason)
    return 1


def _tell(bulletin: Bulletin, now: datetime, size: int) -> int:
    """Queue a slice of those who are still to be told. Returns how many."""
    if bulletin.state is not B.SENDING:
        return 0
    waiting = select(R).where(R.bulletin_id == bulletin.id, R.outcome.is_(None), R.told_at.is_(None))
    some = db.session.scalars(waiting.order_by(R.id).limit(size)).all()
    tell(notices.notice_of(bulletin), bulletin.id, [each.person_id for each in some], now)
    for each in some:
        each.told_at = now
    return len(some)


def _settle(bulletin: Bulletin, now: datetime, size: int) -> int:
    """Keep what became of a slice of those who were told, or never are. Returns of how many."""
    unsettled = select(R).where(R.bulletin_id == bulletin.id, R.outcome.is_(None)).order_by(R.id).limit(size)
    by_mail = unsettled.join(Notification, TOLD)
    is_said = Notification.dropped_at.is_(None), Message.state == MessageState.SENT
    sent = db.session.scalars(by_mail.join(Message, Message.id == Notification.message_id).where(*is_said)).all()
    for each in sent:
        _end(each, Outcome.SENT, now)
        about = f"“{bulletin.subject}”, from {bulletin.sender.name}"
        record("sent a message", each, actor=NOBODY, now=now, person_id=each.person_id, reason=about)
    unsaid = db.session.scalars(by_mail.where(Notification.dropped_at.is_not(None))).all()
    if bulletin.state is B.STOPPED:
        never = db.session.scalars(unsettled.where(R.told_at.is_(None))).all()
        for each in (*unsaid, *never):
            _end(each, Outcome.STOPPED, now)
        return len(sent) + len(unsaid) + len(never)
    if bulletin.state is not B.SENDING:
        return len(sent)
    people = [each.person_id for each in unsaid]
    here, muted = members_of(bulletin, people), muted_by(bulletin, people)
    for each in unsaid:
        if each.person_id not in here:
            _end(each, Outcome.LEFT, now)
        elif each.person_id in muted:
            _end(each, Outcome.MUTED, now)
        elif _may_have_been_held(bulletin, each):
            each.told_at = None  # nothing was sent to them: they are told again
        else:
            _end(each, Outcome.LEFT, now)
    return len(sent) + len(unsaid)


def _may_have_been_held(bulletin: Bulletin, recipient: BulletinRecipient) -> bool:
    """What was told before it last went on; whoever is told again is told later, and so no third time."""
    resumed, told = bulletin.resumed_at, recipient.told_at
    return resumed is not None and told is not None and told < resumed


def _end(recipient: BulletinRecipient, outcome: Outcome, now: datetime) -> None:
    recipient.outcome, recipient.settled_at = outcome, now


def _finish(bulletin: Bulletin, now: datetime) -> int:
    """End it once nobody waits: what could not be delivered does not keep it open."""
    if bulletin.state is not B.SENDING:
        return 0
    mail = select(R.id).outerjoin(Notification, TOLD).outerjoin(Message, Message.id == Notification.message_id)
    waits = mail.where(R.bulletin_id == bulletin.id, R.outcome.is_(None))
    waits = waits.where(or_(Message.state.is_(None), Message.state != MessageState.FAILED))
    if db.session.scalar(waits.limit(1)) is None:
        BULLETIN.move(bulletin, "finish")
        bulletin.ended_at = now
        record("sent a message to all", bulletin, actor=NOBODY, now=now)
    return 0
