"""Asked at the moment of sending: what of a message is still to be said, and in whose words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import select

from placements.db import db
from placements.mail.models import Message, Notification, OwnNotice
from placements.mail.notices import Notice, notices

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """One thing to say: the notice, what its template is filled with, and the words of the run's own, if it has any."""

    notice: Notice
    values: Values
    own: OwnNotice | None = None


def still_said(message: Message, now: datetime) -> tuple[list[Said], list[int]]:
    """What of it is still to be said, each thing once however often it was told; and the keys of the rest.

    Nothing is, that is no longer true, that its reader muted, that its run does not say, or whose deadline was moved.
    """
    told: dict[tuple[str, int], list[Notification]] = {}
    for each in message.notifications:
        told.setdefault((each.notice, each.about_id), []).append(each)
    muted = {each.notice for each in message.muted}
    said, untrue = [], []
    for (name, about_id), rows in told.items():
        notice, keys = notices()[name], [each.id for each in rows]
        values = None if name in muted and notice.may_mute else notice.context(about_id, message.recipient, now)
        own = own_of(notice, values) if values is not None else None
        if values is None or (own is not None and own.is_off) or _was_moved(notice, values, rows):
            untrue += keys
        else:
            said.append(Said(notice, values, own))
    return said, untrue


def _was_moved(notice: Notice, values: Values, rows: Sequence[Notification]) -> bool:
    """Whether each of them was queued for another deadline than there is now, which has reminders of its own."""
    if not notice.deadline or any(each.deadline_at is None for each in rows):
        return False
    deadline = found_in(notice.deadline, values)
    return all(each.deadline_at != deadline for each in rows)


def own_of(notice: Notice, values: Values) -> OwnNotice | None:
    """What the run that it is about says otherwise than usual."""
    if not notice.run:
        return None
    run_id = found_in(notice.run, values)
    return db.session.scalar(select(OwnNotice).filter_by(run_id=run_id, notice=notice.name))


def found_in(where: str, values: Values) -> Any:
    """What stands there among a notice's values, as its template would say it (“due_at | when”)."""
    return _reader(current_app.jinja_env, where)(**values)


@cache
def _reader(environment: Any, where: str) -> Any:
    return environment.compile_expression(where, undefined_to_none=False)
