"""Saying that something should be said, in the transaction that causes it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import literal

from placements.db import db, insert_new, insert_new_from
from placements.mail.models import Notification
from placements.mail.notices import Notice, reminders


def tell(notice: Notice, about_id: int, recipient_ids: Iterable[int], due_at: datetime) -> None:
    """Queue the notice for each recipient, once for each (notice, about, recipient, due date)."""
    insert_new(
        Notification,
        [
            {"notice": notice.name, "about_id": about_id, "recipient_id": recipient, "due_at": due_at}
            for recipient in sorted(set(recipient_ids))
        ],
    )


def remind(now: datetime) -> None:
    """Queue every reminder that is due at `now` and not yet queued: one INSERT … SELECT for each kind of reminder."""
    for reminder in reminders():
        due = reminder.due(now).subquery()
        about_id, recipient_id, due_at = due.c
        rows = db.select(literal(reminder.notice.name), about_id, recipient_id, due_at).where(due_at <= now)
        insert_new_from(Notification, ("notice", "about_id", "recipient_id", "due_at"), rows)
