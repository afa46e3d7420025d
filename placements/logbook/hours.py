"""Hours as the ledger has them: sets of placements at once, in two queries however many."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, literal, select

from placements.cohorts.models import Enrolment, ModuleRun
from placements.core.clock import in_london
from placements.db import db
from placements.logbook.ledger import Ledger, Line, Posting, Standing, Terms, Totals, replay
from placements.logbook.models import Entry, LedgerEvent, LedgerKind
from placements.logbook.workflow import SETTLED
from placements.placing.models import Pause, Placement

DAY = timedelta(days=1)

STANDING = {
    LedgerKind.SUBMITTED: Standing.WAITING,
    LedgerKind.REOPENED: Standing.WAITING,
    LedgerKind.CONFIRMED: Standing.CONFIRMED,
    LedgerKind.QUERIED: Standing.QUERIED,
    LedgerKind.VERIFIED: Standing.VERIFIED,
    LedgerKind.NOT_COUNTED: Standing.NOT_COUNTED,
    LedgerKind.REMOVED: Standing.REMOVED,
}


def ledgers_of(placement_ids: Collection[int], until: datetime | None = None) -> dict[int, Ledger]:
    """The replayed ledger of each placement's enrolment, all its placements together, as it stood at `until` or stands.

    Two queries. The terms are today's: dates, pauses and ceilings are not replayed.
    """
    enrolments = select(Placement.enrolment_id).where(Placement.id.in_(placement_ids))
    placements = db.session.execute(_placements(enrolments)).all()
    postings: defaultdict[int, list[Posting]] = defaultdict(list)
    for row in db.session.execute(_last_events(enrolments, until)):
        postings[row.enrolment_id].append(
            Posting(row.entry_id, row.placement_id, STANDING[row.kind], row.starts_at, row.ends_at, row.minutes)
        )
    terms = _terms_by_placement(placements)
    replayed = {
        key: replay(postings[key], terms, row.minutes_target, row.minutes_ceiling)
        for key, row in {row.enrolment_id: row for row in placements}.items()
    }
    asked = set(placement_ids)
    return {row.id: replayed[row.enrolment_id] for row in placements if row.id in asked}


def hours_of(placement_ids: Collection[int]) -> dict[int, Totals]:
    """The minutes confirmed, waiting, queried, not counted and to go of each placement's enrolment. Two queries."""
    return {placement_id: ledger.totals for placement_id, ledger in ledgers_of(placement_ids).items()}


def confirmed_minutes() -> ScalarSelect[int]:
    """The minutes confirmed on all placements of an enrolment, as a column beside it; the ledger may count fewer."""
    worked = select(func.coalesce(func.sum(Entry.minutes), 0)).join(Entry.placement)
    of_it = worked.where(Placement.enrolment_id == Enrolment.id, Entry.state.in_(SETTLED))
    return of_it.correlate(Enrolment).scalar_subquery()


def line_of(entry: Entry) -> Line | None:
    """What the ledger makes of an entry as it now stands; None for a draft. Two queries."""
    ledger = ledgers_of([entry.placement_id])[entry.placement_id]
    return next((line for line in ledger.lines if line.entry == entry.id), None)


def terms_of(placement_id: int) -> Terms:
    """When visits on the placement count. One query."""
    rows = db.session.execute(_placements(select(literal(placement_id)), by=Placement.id))
    return _terms_by_placement(rows)[placement_id]


def _placements(keys: Select[int], by: Any = Placement.enrolment_id) -> Select[*tuple[Any, ...]]:
    """A row for each placement, and for each of its pauses."""
    own = (Placement.id, Placement.enrolment_id, Placement.agreed_at)
    ends = (Placement.ends_on, Placement.ended_on, Placement.ended_at)
    return (
        select(*own, *ends, Pause.from_at, Pause.until_at, ModuleRun.minutes_target, ModuleRun.minutes_ceiling)
        .join(Placement.enrolment)
        .join(Enrolment.run)
        .outerjoin(Placement.pauses)
        .where(by.in_(keys))
    )


def _terms_by_placement(rows: Iterable[Any]) -> dict[int, Terms]:
    found: dict[int, Terms] = {}
    for row in rows:
        pauses = found[row.id].pauses if row.id in found else ()
        if row.from_at:
            pauses += ((row.from_at, row.until_at),)
        planned_end, ended = _midnight_after(row.ends_on), row.ended_on and _midnight_after(row.ended_on)
        ending_known_at = min(planned_end, row.ended_at) if row.ended_at else None
        found[row.id] = Terms(row.agreed_at, ended or planned_end, ending_known_at, pauses)
    return found


def _midnight_after(day: date) -> datetime:
    return in_london(day + DAY, time())


def _last_events(enrolments: Select[int], until: datetime | None) -> Select[*tuple[Any, ...]]:
    said = (LedgerEvent.kind, LedgerEvent.starts_at, LedgerEvent.ends_at, LedgerEvent.minutes)
    return (
        select(LedgerEvent.entry_id, Entry.placement_id, Placement.enrolment_id, *said)
        .join(LedgerEvent.entry)
        .join(Entry.placement)
        .where(Placement.enrolment_id.in_(enrolments), LedgerEvent.id == _last_event_id(until))
    )


def _last_event_id(until: datetime | None) -> ScalarSelect[int]:
    later = LedgerEvent.__table__.alias()
    found = select(func.max(later.c.id)).where(later.c.entry_id == Entry.id)
    return (found if until is None else found.where(later.c.at <= until)).scalar_subquery()
