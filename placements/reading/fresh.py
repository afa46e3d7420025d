"""The visits of a tutor's students that are new: what is unread first, then the last seven days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.logbook.hours import ledgers_of
from placements.logbook.models import Entry
from placements.logbook.queries import UNSENT, WEEK, Logged, entries_seen
from placements.placing.models import Placement
from placements.placing.queries import tutored_by
from placements.placing.workflow import GOING_ON
from placements.reading.models import CommentPhrase, EntryRead


@dataclass(frozen=True)
class Fresh:
    """A visit of the week's reading."""

    logged: Logged
    is_read: bool

    @property
    def key(self) -> str:
        """The visit, and the version of it that is shown: what is marked as read."""
        return key_of(self.logged.entry)


def key_of(entry: Entry) -> str:
    """An entry in the version that it has now."""
    return f"{entry.public_id}.{entry.version}"


def week(who: Principal, now: datetime, *, size: int, number: int) -> tuple[list[Fresh], int, int]:
    """The `number`th page of the week's visits, how many there are, and how many of them are unread. Six queries."""
    is_read = _is_read_by(who)
    found = _of_the_week(who, now, is_read)
    asked = found.with_only_columns(Entry.id, is_read.label("is_read"), maintain_column_froms=True).subquery()
    unread_ones = func.sum(case((asked.c.is_read, 0), else_=1))
    total, unread = db.session.execute(select(func.count(), unread_ones).select_from(asked)).one()
    shown = found.order_by(is_read, Entry.submitted_at, Entry.id).limit(size).offset(size * (number - 1))
    rows = db.session.execute(shown.add_columns(is_read)).all()
    ledgers = ledgers_of([entry.placement_id for entry, _ in rows])
    lines = {line.entry: line for ledger in ledgers.values() for line in ledger.lines}
    return [Fresh(Logged(entry, lines.get(entry.id)), bool(was)) for entry, was in rows], total, unread or 0


def _is_read_by(who: Principal) -> ColumnElement[bool]:
    return (
        select(EntryRead.id)
        .where(EntryRead.reader_id == who.person_id)
        .where(EntryRead.entry_id == Entry.id, EntryRead.version == Entry.version)
        .exists()
    )


def _of_the_week(who: Principal, now: datetime, is_read: ColumnElement[bool]) -> Select[Entry]:
    """Sent in whatever state: of the last seven days; and of placements that go on, what is unread from before."""
    is_waiting = and_(~is_read, Placement.state.in_(GOING_ON))
    is_of_it = or_(Entry.on > today(now) - WEEK, is_waiting)
    return entries_seen().where(tutored_by(who), Entry.state.not_in(UNSENT), is_of_it)


def keyed(who: Principal, keys: Iterable[str]) -> Sequence[tuple[int, int]]:
    """The entries of one's own students that such keys name: their key in the database, and the version shown."""
    shown = dict(key.rpartition(".")[::2] for key in keys)
    versions = {name: int(text) for name, text in shown.items() if text.isascii() and text.isdigit() and len(text) < 10}
    found = (
        select(Entry.id, Entry.public_id, Entry.version)
        .join(Entry.placement)
        .join(Placement.enrolment)
        .where(Entry.public_id.in_(versions), Entry.state.not_in(UNSENT), tutored_by(who))
    )
    rows = db.session.execute(found).all()
    return [(row.id, row.version) for row in rows if versions[row.public_id] == row.version]


def phrases_of(who: Principal) -> Sequence[CommentPhrase]:
    """One's own phrases, in the order of the alphabet."""
    own = select(CommentPhrase).where(CommentPhrase.owner_id == who.person_id)
    return db.session.scalars(own.order_by(func.lower(CommentPhrase.text), CommentPhrase.id)).all()


def phrase_of(who: Principal, public_id: str) -> CommentPhrase | None:
    """One of one's own phrases."""
    own = select(CommentPhrase).where(CommentPhrase.owner_id == who.person_id)
    return db.session.scalar(own.where(CommentPhrase.public_id == public_id))
