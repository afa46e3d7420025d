"""Saying that something should be said, in the transaction that causes it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, literal, null, select

from placements.db import db, insert_new, insert_new_from
from placements.mail.models import Notification, OwnNotice
from placements.mail.notices import Notice, TimedReminder, reminders
from placements.mail.pacing import read_steps


def tell(notice: Notice, about_id: int, recipient_ids: Iterable[int], due_at: datetime) -> None:
    """Queue the notice for each recipient, once for each (notice, about, recipient, due date)."""
    insert_new(
        Notification,
        [
            {
                "notice": notice.name,
                "about_id": about_id,
                "recipient_id": recipient,
                "pace": notice.pace,
                "due_at": due_at,
            }
            for recipient in sorted(set(recipient_ids))
        ],
    )


def remind(now: datetime) -> None:
    """Queue every reminder that is due at `now` and not yet queued: one INSERT … SELECT for each kind of reminder.

    And one more for each way in which runs time a kind otherwise than usual.
    """
    own = _own_steps()
    for reminder in reminders():
        if isinstance(reminder, TimedReminder):
            _queue_timed(reminder, own.get(reminder.notice.name, {}), now)
        else:
            due = reminder.due(now).subquery()
            _queue(reminder.notice, select(*due.c, null()).where(due.c[2] <= now))


def _queue_timed(reminder: TimedReminder, own: Mapping[tuple[int, ...], list[int]], now: datetime) -> None:
    elsewhere = [run_id for runs in own.values() for run_id in runs]
    for steps, runs in ((reminder.steps, None), *own.items()):
        due = reminder.due(now, steps).subquery()
        about_id, recipient_id, due_at, run_id, deadline_at = due.c
        which = run_id.not_in(elsewhere) if runs is None else run_id.in_(runs)
        _queue(reminder.notice, select(about_id, recipient_id, due_at, deadline_at).where(due_at <= now, which))


def _queue(notice: Notice, due: Select[Any]) -> None:
    """`due`: about_id, recipient_id, due_at, deadline_at."""
    rows = due.add_columns(literal(notice.name), literal(notice.pace.value))
    insert_new_from(Notification, ("about_id", "recipient_id", "due_at", "deadline_at", "notice", "pace"), rows)


def _own_steps() -> dict[str, dict[tuple[int, ...], list[int]]]:
    """By notice, the steps that runs have of their own, each with the runs' keys. One query."""
    found: dict[str, dict[tuple[int, ...], list[int]]] = {}
    rows = select(OwnNotice.notice, OwnNotice.steps, OwnNotice.run_id).where(OwnNotice.steps != "")
    for name, steps, run_id in db.session.execute(rows):
        found.setdefault(name, {}).setdefault(read_steps(steps or ""), []).append(run_id)
    return found
