"""A logbook as it stood when the work was handed in whose evidence it is, and what has changed in it since."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from placements.cohorts.models import Enrolment
from placements.core.policy import Principal
from placements.db import db
from placements.logbook.hours import ledgers_of
from placements.logbook.ledger import Line, Totals
from placements.logbook.models import Entry, EntryEvidence, LedgerEvent
from placements.logbook.queries import UNSENT, read_by
from placements.logbook.rules import Visit
from placements.placing.models import Placement
from placements.reading.models import LogbookSnapshot

Content = dict[str, Any]


@dataclass(frozen=True)
class FrozenVisit:
    """One visit of a snapshot. `said`: what became of it, as (kind, when, who, how, word), the oldest first."""

    entry: int
    state: str
    visit: Visit
    minutes: int
    mode: str
    activity: str
    reflection: str
    objective: str
    counted: int
    not_counted: int
    why_not: str | None
    said: tuple[tuple[str, datetime, str, str, str], ...]
    files: tuple[str, ...]
    has_changed: bool

    @property
    def on(self) -> date:
        """The day of the visit."""
        return self.visit.on

    @property
    def break_minutes(self) -> int:
        """How long of it was a break."""
        return self.visit.break_minutes


@dataclass(frozen=True)
class Frozen:
    """A snapshot, read: the totals and visits of that moment, and how many visits have come since."""

    snapshot: LogbookSnapshot
    totals: Totals
    visits: tuple[FrozenVisit, ...]
    come_since: int

    @property
    def changed(self) -> int:
        """How many visits are not as they were, or came later."""
        return self.come_since + sum(each.has_changed for each in self.visits)


def content_of(enrolment_id: int) -> Content | None:
    """What the logbook of a student says now, as plain values; None without a placement. Six queries.

    The ledger is replayed first: a visit that is sent meanwhile is in neither the totals nor the list.
    """
    placements = list(db.session.scalars(select(Placement.id).where(Placement.enrolment_id == enrolment_id)))
    if not placements:
        return None
    ledger = ledgers_of(placements)[placements[0]]
    lines = {line.entry: line for line in ledger.lines}
    entries = (
        select(Entry)
        .where(Entry.placement_id.in_(placements), Entry.id.in_(lines), Entry.state.not_in(UNSENT))
        .order_by(Entry.on, Entry.starts, Entry.id)
        .options(
            joinedload(Entry.objective),
            selectinload(Entry.events).joinedload(LedgerEvent.by),
            selectinload(Entry.evidence).joinedload(EntryEvidence.file),
        )
    )
    found = db.session.scalars(entries.execution_options(populate_existing=True)).all()
    return {"totals": vars(ledger.totals), "visits": [_plain(entry, lines[entry.id]) for entry in found]}


def _plain(entry: Entry, line: Line) -> Content:
    said = [[each.kind, each.at.isoformat(), each.by.name, each.how, each.word or ""] for each in entry.events]
    return {
        "entry": entry.id,
        "version": entry.version,
        "state": str(entry.state),
        "on": entry.on.isoformat(),
        "starts": entry.starts.isoformat(),
        "ends": entry.ends.isoformat(),
        "break_minutes": entry.break_minutes,
        "minutes": entry.minutes,
        "mode": str(entry.mode),
        "activity": entry.activity,
        "reflection": entry.reflection,
        "objective": entry.objective.text if entry.objective else "",
        "counted": line.counted,
        "not_counted": line.not_counted,
        "why_not": line.why_not and str(line.why_not),
        "said": [[str(part) for part in each] for each in said],
        "files": [each.file.name for each in entry.current_evidence],
    }


def snapshot_at(enrolment_id: int, at: datetime | None) -> LogbookSnapshot | None:
    """The logbook as it was handed in at that instant; None where nothing was. One query."""
    taken = select(LogbookSnapshot).where(LogbookSnapshot.enrolment_id == enrolment_id, LogbookSnapshot.taken_at == at)
    return db.session.scalar(taken)


def latest_snapshot(enrolment_id: int) -> LogbookSnapshot | None:
    """The logbook as it was last handed in. One query."""
    taken = select(LogbookSnapshot).where(LogbookSnapshot.enrolment_id == enrolment_id)
    return db.session.scalar(taken.order_by(LogbookSnapshot.taken_at.desc()).limit(1))


def read(snapshot: LogbookSnapshot) -> Frozen:
    """The snapshot beside what the logbook says now. Six queries."""
    now = (content_of(snapshot.enrolment_id) or {"visits": []})["visits"]
    as_it_is = {each["entry"]: each for each in now}
    was = snapshot.content["visits"]
    visits = tuple(_read(each, has_changed=as_it_is.get(each["entry"]) != each) for each in was)
    come_since = len(as_it_is.keys() - {each.entry for each in visits})
    return Frozen(snapshot, Totals(**snapshot.content["totals"]), visits, come_since)


def _read(said: Mapping[str, Any], *, has_changed: bool) -> FrozenVisit:
    starts, ends = time.fromisoformat(said["starts"]), time.fromisoformat(said["ends"])
    visit = Visit(date.fromisoformat(said["on"]), starts, ends, said["break_minutes"], ends <= starts)
    as_they_are = ("entry", "state", "minutes", "mode", "activity", "reflection", "objective", "counted", "not_counted")
    return FrozenVisit(
        **{name: said[name] for name in as_they_are},
        visit=visit,
        why_not=said["why_not"],
        said=tuple((kind, datetime.fromisoformat(at), *rest) for kind, at, *rest in said["said"]),
        files=tuple(said["files"]),
        has_changed=has_changed,
    )


def snapshot_seen(who: Principal, public_id: str) -> LogbookSnapshot | None:
    """A snapshot of one's own logbook, of one that one reads as tutor or leader, or marks by. Two queries."""
    read_ones = select(Placement.enrolment_id).join(Placement.enrolment).where(read_by(who))
    own = LogbookSnapshot.enrolment_id.in_(who.held_on("student", "reads_logbook"))
    taken = select(LogbookSnapshot).where(
        LogbookSnapshot.public_id == public_id, or_(own, LogbookSnapshot.enrolment_id.in_(read_ones))
    )
    whose = joinedload(LogbookSnapshot.enrolment)
    placements = selectinload(LogbookSnapshot.placements)
    return db.session.scalar(
        taken.options(
            whose.joinedload(Enrolment.person),
            whose.joinedload(Enrolment.run),
            placements.joinedload(Placement.challenge),
            placements.joinedload(Placement.enrolment),
        )
    )
