"""What the worker queues because its time has come."""

from datetime import datetime

from sqlalchemy import select

from placements.db import db
from placements.mail.actions import remind
from placements.mail.models import Notification


def reminded(notice: str, now: datetime) -> list[tuple[int, int, datetime]]:
    """About what, whom and when due the notice has been queued by then, in order."""
    db.session.flush()
    remind(now)
    rows = select(Notification.about_id, Notification.recipient_id, Notification.due_at)
    return sorted((about, who, at) for about, who, at in db.session.execute(rows.where(Notification.notice == notice)))
