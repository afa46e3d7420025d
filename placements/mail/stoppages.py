"""When the clock stood still: noted by whoever goes on, so that people hear that mail came late."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from placements.db import db
from placements.mail.models import Message, Notification, Stoppage

log = logging.getLogger(__name__)

LONG = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


def note(ticked_before: datetime | None, machine: datetime) -> None:
    """Write down that the clock stood still since it ticked last, where that was long ago; the caller commits."""
    if ticked_before is not None and machine - ticked_before > LONG:
        log.warning("the clock stood still from %s to %s: what fell due meanwhile is late", ticked_before, machine)
        db.session.add(Stoppage(began_at=ticked_before, ended_at=machine))


def count_late() -> None:
    """Of each stoppage that nobody has counted yet, how much fell due in it and was not sent before its end.

    To be asked once what fell due by itself is queued; what other workers send meanwhile counts all the same.
    """
    for stoppage in db.session.scalars(select(Stoppage).where(Stoppage.late.is_(None)).with_for_update()):
        is_late = or_(Message.sent_at.is_(None), Message.sent_at > stoppage.ended_at - MINUTE)
        fell_due = (Notification.due_at > stoppage.began_at) & (Notification.due_at <= stoppage.ended_at)
        rows = select(func.count(Notification.id)).outerjoin(Message, Message.id == Notification.message_id)
        stoppage.late = db.session.scalar(rows.where(fell_due, is_late))
        log.warning("late by the clock that stood still until %s: %s", stoppage.ended_at, stoppage.late)


def untold() -> Sequence[Stoppage]:
    """The stoppages that nobody was told of, held, oldest first; whoever tells sets `told_at`."""
    counted = select(Stoppage).where(Stoppage.late.is_not(None), Stoppage.told_at.is_(None))
    return db.session.scalars(counted.order_by(Stoppage.id).with_for_update()).all()
