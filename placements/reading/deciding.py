"""The visits that nobody settled, for the tutor to decide: in the order in which their answer was asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, func, select

from placements.cohorts.models import Enrolment, RoleOnRun
from placements.cohorts.queries import closed_days
from placements.confirming.queries import asked_at, is_the_tutors
from placements.confirming.rules import DISPUTED, came_to_tutor_on, decided_by
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.logbook.models import Entry, LedgerKind
from placements.logbook.queries import WEEK, entries_seen, read_by
from placements.logbook.workflow import EntryState
from placements.placing.models import Placement
from placements.placing.queries import acting_tutor


@dataclass(frozen=True)
class Undecided:
    """A visit to decide about: since when an answer is missing, how often it was queried, by when to decide."""

    entry: Entry
    asked_on: date
    questions: int
    decide_by: date

    @property
    def is_disputed(self) -> bool:
        """Whether the supervisor has asked about it again after an answer."""
        return self.entry.state is EntryState.QUERIED and self.questions >= DISPUTED


def to_decide(who: Principal, now: datetime, *, size: int, number: int) -> tuple[Sequence[Undecided], int]:
    """The `number`th page of what waits for those who read the logbooks, and how many there are. Seven queries."""
    closed = closed_days()
    found = entries_seen().where(read_by(who), is_the_tutors(now, closed))
    keys = found.with_only_columns(Entry.id, maintain_column_froms=True).order_by(None)
    total = db.session.scalar(select(func.count()).select_from(keys.subquery())) or 0
    in_order = found.add_columns(asked_at()).order_by(asked_at(), Entry.id)
    rows = db.session.execute(in_order.limit(size).offset(size * (number - 1))).all()
    return [_undecided(entry, today(asked), closed) for entry, asked in rows], total


def _undecided(entry: Entry, asked_on: date, closed: frozenset[date]) -> Undecided:
    questions = sum(event.kind is LedgerKind.QUERIED for event in entry.events)
    is_queried = entry.state is EntryState.QUERIED
    came_on = came_to_tutor_on(asked_on, questions if is_queried else 0, closed)
    return Undecided(entry, asked_on, questions, decided_by(came_on, closed))


def waiting_for(person_id: int, now: datetime) -> int:
    """How many visits a person is told of as theirs to decide. Two queries."""
    waiting = _told(today(now), is_the_tutors(now, closed_days())).subquery()
    return db.session.scalar(select(func.count()).where(waiting.c.person_id == person_id)) or 0


def newly_told(at: datetime) -> Select[int]:
    """Whoever is told at `at` that visits became theirs to decide in the week before. One query for the days."""
    closed = closed_days()
    return _told(today(at), is_the_tutors(at, closed), ~is_the_tutors(at - WEEK, closed)).distinct()


def _told(on: date, *which: ColumnElement[bool]) -> Select[int]:
    """A row for each such visit and each who is told of it: tutor, or who covers; leaders where there is none."""
    leads = and_(RoleOnRun.leads(Enrolment.run_id), Placement.tutor_id.is_(None))
    person = func.coalesce(acting_tutor(on), RoleOnRun.person_id).label("person_id")
    found = (
        select(person).select_from(Entry).join(Entry.placement).join(Placement.enrolment).outerjoin(RoleOnRun, leads)
    )
    return found.where(person.is_not(None), *which)  # type: ignore[return-value]
