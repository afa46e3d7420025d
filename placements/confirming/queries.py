"""Which visits nobody has settled between student and supervisor, so that they are the tutor's to decide."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from placements.confirming.rules import DISPUTED, unanswered_before
from placements.logbook.models import Entry, LedgerEvent, LedgerKind
from placements.logbook.workflow import WAITING, EntryState


def is_the_tutors(now: datetime, closed: Collection[date]) -> ColumnElement[bool]:
    """Which entries are the tutor's to decide at `now`: unanswered by either side for too long, or disputed."""
    questions = _questions(func.count(LedgerEvent.id)).where(LedgerEvent.at <= now).scalar_subquery()
    is_disputed = and_(Entry.state == EntryState.QUERIED, questions >= DISPUTED)
    return and_(Entry.state.in_(WAITING), or_(asked_at() < unanswered_before(now, closed), is_disputed))


def asked_at() -> ColumnElement[datetime]:
    """When an answer about an entry was last asked for (it was sent, or queried), as a column beside it."""
    queried_at = _questions(func.max(LedgerEvent.at)).scalar_subquery()
    return case((Entry.state == EntryState.QUERIED, queried_at), else_=Entry.submitted_at)


def _questions(what: ColumnElement[Any]) -> Select[Any]:
    asked = select(what).where(LedgerEvent.entry_id == Entry.id, LedgerEvent.kind == LedgerKind.QUERIED)
    return asked.correlate(Entry)
