"""Logbooks as student, tutor and module leader may see them, and what waits for a supervisor."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from placements.challenges.models import WorkMode
from placements.cohorts.models import Enrolment
from placements.core.policy import Principal
from placements.db import db
from placements.logbook.ledger import Ledger, Line
from placements.logbook.models import (
    Entry,
    EntryComment,
    EntryDraft,
    EntryEvidence,
    EntryVersion,
    LedgerEvent,
)
from placements.logbook.rules import Visit
from placements.logbook.workflow import WAITING, EntryState
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import tutored_by, whole
from placements.placing.workflow import GOING_ON

UNSENT = (EntryState.DRAFT, EntryState.DISCARDED)
WEEK = timedelta(days=7)
MODES = {WorkMode.ON_SITE: "At the organisation", WorkMode.REMOTE: "From elsewhere", WorkMode.HYBRID: "Some of each"}


@dataclass(frozen=True)
class Logged:
    """An entry and what the ledger makes of it; a draft has no line."""

    entry: Entry
    line: Line | None


@dataclass(frozen=True)
class Week:
    """The visits of one week, by its Monday."""

    monday: date
    visits: Sequence[Logged]


def read_by(who: Principal) -> ColumnElement[bool]:
    """Which placements' logbooks `who` may read: of their own students as tutor, and of the runs they lead."""
    return or_(tutored_by(who), Enrolment.run_id.in_(who.held_on("leader")))


def _kept_by(who: Principal) -> ColumnElement[bool]:
    return Placement.enrolment_id.in_(who.held_on("student"))


def placements_seen() -> Select[Placement]:
    """Every placement, joined with its enrolment, and with all that its pages show."""
    return select(Placement).join(Placement.enrolment).options(*whole())


def own_placements(who: Principal) -> Sequence[Placement]:
    """One's own placements as a student, the latest first."""
    return db.session.scalars(placements_seen().where(_kept_by(who)).order_by(Placement.starts_on.desc())).all()


def own_placement(who: Principal, public_id: str) -> Placement | None:
    """One's own placement as a student."""
    return db.session.scalar(placements_seen().where(Placement.public_id == public_id, _kept_by(who)))


def placement_read(who: Principal, public_id: str) -> Placement | None:
    """A placement whose logbook one may read as tutor or module leader."""
    return db.session.scalar(placements_seen().where(Placement.public_id == public_id, read_by(who)))


def entries_seen() -> Select[Entry]:
    """Every entry, joined with its placement and enrolment, and with all that its pages show."""
    return (
        select(Entry)
        .join(Entry.placement)
        .join(Placement.enrolment)
        .options(_placement(), joinedload(Entry.objective), *with_words(), with_evidence())
    )


def _placement() -> ORMOption:
    return joinedload(Entry.placement).options(*cast(Any, whole()))


def _entry(public_id: str) -> Select[Entry]:
    return entries_seen().where(Entry.public_id == public_id, Entry.state != EntryState.DISCARDED)


def with_words() -> tuple[ORMOption, ...]:
    """What was said of an entry: the ledger's words and the comments."""
    return (
        selectinload(Entry.events).joinedload(LedgerEvent.by),
        selectinload(Entry.comments).joinedload(EntryComment.author),
    )


def with_evidence() -> ORMOption:
    """The photos and files that show an entry."""
    return selectinload(Entry.evidence).joinedload(EntryEvidence.file)


def evidence_seen(who: Principal, public_id: str) -> EntryEvidence | None:
    """A photo or file of one's own entry; of one that was sent where one reads the logbook, examines, marks
    or moderates by it, or is to confirm it as supervisor. What was removed is nobody's.
    """
    examined = Placement.enrolment_id.in_(who.held_on("examines_logbook"))
    marked = Placement.enrolment_id.in_(who.held_on("reads_logbook"))
    sent = and_(Entry.state.not_in(UNSENT), or_(read_by(who), examined, marked))
    asked = and_(Entry.state.in_(WAITING), answered_by(who.person_id))
    return db.session.scalar(_evidence(public_id).where(or_(_kept_by(who), sent, asked)))


def evidence_to_confirm(who: Principal, public_id: str) -> EntryEvidence | None:
    """A photo or file of an entry that waits for `who` to confirm it."""
    asked = _evidence(public_id).where(Entry.state.in_(WAITING), answered_by(who.person_id))
    return db.session.scalar(asked)


def own_evidence(who: Principal, public_id: str) -> EntryEvidence | None:
    """A photo or file of one's own entry, until it is removed."""
    return db.session.scalar(_evidence(public_id).where(_kept_by(who)))


def _evidence(public_id: str) -> Select[EntryEvidence]:
    entry = contains_eager(EntryEvidence.entry)
    return (
        select(EntryEvidence)
        .join(EntryEvidence.entry)
        .join(Entry.placement)
        .join(Placement.enrolment)
        .where(EntryEvidence.public_id == public_id, EntryEvidence.removed_at.is_(None))
        .where(Entry.state != EntryState.DISCARDED)
        .options(entry.joinedload(Entry.placement).options(*cast(Any, whole())), joinedload(EntryEvidence.file))
    )


def own_entry(who: Principal, public_id: str) -> Entry | None:
    """One's own entry, until it is discarded."""
    return db.session.scalar(_entry(public_id).where(_kept_by(who)))


def entry_seen(who: Principal, public_id: str) -> Entry | None:
    """An entry that has been sent, of one's own logbook or of one that one reads."""
    return db.session.scalar(_entry(public_id).where(or_(_kept_by(who), read_by(who)), Entry.state.not_in(UNSENT)))


def logbook(placement: Placement, ledger: Ledger, *, drafts: bool = False) -> list[Logged]:
    """The placement's entries with their lines of the ledger, the newest visit first. Three queries.

    With `drafts` they are the student's own; without them they come with the files that show them, and a query more.
    """
    hidden = (EntryState.DISCARDED,) if drafts else UNSENT
    more = with_words() if drafts else (*with_words(), with_evidence())
    entries = (
        select(Entry)
        .where(Entry.placement_id == placement.id, Entry.state.not_in(hidden))
        .order_by(Entry.on.desc(), Entry.starts.desc(), Entry.id.desc())
    )
    lines = {line.entry: line for line in ledger.lines}
    return [Logged(entry, lines.get(entry.id)) for entry in db.session.scalars(entries.options(*more))]


def versions_of(entry: Entry) -> Sequence[EntryVersion]:
    """What the entry said since it was first sent, the oldest first; the last is what it says now. One query."""
    kept = select(EntryVersion).where(EntryVersion.entry_id == entry.id).order_by(EntryVersion.number)
    return db.session.scalars(kept.options(joinedload(EntryVersion.objective))).all()


def last_visit(placement_id: int) -> Entry | None:
    """The latest visit of a placement that its student logged. One query."""
    logged = select(Entry).where(Entry.placement_id == placement_id, Entry.state != EntryState.DISCARDED)
    return db.session.scalars(logged.order_by(Entry.on.desc(), Entry.starts.desc()).limit(1)).first()


def drafts_of(placement_id: int) -> Sequence[EntryDraft]:
    """What the student has typed of new visits and neither sent nor saved, the latest first. One query."""
    is_kept = exists().where(Entry.form_key == EntryDraft.form_key)
    typed = select(EntryDraft).where(EntryDraft.placement_id == placement_id, ~is_kept)
    return db.session.scalars(typed.order_by(EntryDraft.saved_at.desc())).all()


def own_draft(who: Principal, public_id: str) -> EntryDraft | None:
    """What one typed oneself of a new visit."""
    typed = select(EntryDraft).join(EntryDraft.placement).where(EntryDraft.public_id == public_id, _kept_by(who))
    return db.session.scalar(typed.options(contains_eager(EntryDraft.placement).joinedload(Placement.enrolment)))


def by_week(visits: Iterable[Logged]) -> Iterator[Week]:
    """Visits in their order, week by week."""
    for monday, found in groupby(visits, key=lambda each: each.entry.on - timedelta(days=each.entry.on.weekday())):
        yield Week(monday, list(found))


def other_visits(person_id: int, near: Visit, but: Entry | None) -> list[Visit]:
    """The student's other visits, drafts too, on whatever placement, within a few days of one."""
    found = (
        select(Entry)
        .join(Entry.placement)
        .join(Placement.enrolment)
        .where(Enrolment.person_id == person_id, Entry.state != EntryState.DISCARDED)
        .where(Entry.on.between(near.on - WEEK, near.on + WEEK), Entry.id != (but.id if but else None))
    )
    return [entry.visit for entry in db.session.scalars(found)]


def waiting_for(person_id: int | None, *states: EntryState) -> Sequence[Entry]:
    """The entries in those states that the person is to answer, by student, the oldest visit first. Two queries."""
    found = (
        select(Entry)
        .join(Entry.placement)
        .join(Placement.enrolment)
        .join(Enrolment.person)
        .where(Entry.state.in_(states), answered_by(person_id))
        .order_by(Enrolment.person_id, Entry.on, Entry.starts, Entry.id)
        .options(_placement(), selectinload(Entry.events).joinedload(LedgerEvent.by), with_evidence())
    )
    return db.session.scalars(found).all()


def placements_supervised(supervisor_id: int | None) -> Sequence[Placement]:
    """The placements that go on under the supervisor, by the student's name."""
    found = placements_seen().join(Enrolment.person).where(supervised_by(supervisor_id), Placement.state.in_(GOING_ON))
    return db.session.scalars(found.order_by(Person.family_name, Person.given_name, Placement.id)).all()


def supervised_by(supervisor_id: int | None) -> ColumnElement[bool]:
    """Which placements the person supervises: never their own as a student."""
    return and_(Placement.supervisor_id == supervisor_id, Enrolment.person_id != supervisor_id)


def answerer_id() -> ColumnElement[int]:
    """Who is to answer for an entry, as a column beside it and its placement: the supervisor, or who has it instead."""
    return func.coalesce(Entry.handed_to_id, Placement.supervisor_id)


def answered_by(person_id: int | None) -> ColumnElement[bool]:
    """Which entries the person is to answer for: never their own as a student."""
    return and_(answerer_id() == person_id, Enrolment.person_id != person_id)
