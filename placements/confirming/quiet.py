"""Supervisors who answered none of two mails on Mondays: they are not mailed on, but telephoned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, select
from sqlalchemy.orm import joinedload

from placements.cohorts.models import Enrolment
from placements.confirming.models import SupervisorCall
from placements.confirming.rules import CONFIRM_WEEK, LEADER_TOLD_AFTER, QUIET_AFTER, Spoken
from placements.core.policy import Principal
from placements.db import db
from placements.links.models import Link
from placements.logbook.models import Entry, LedgerEvent, LedgerKind
from placements.logbook.queries import answerer_id, placements_seen, read_by
from placements.logbook.workflow import EntryState
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import whole

ANSWERED = (LedgerKind.CONFIRMED, LedgerKind.QUERIED)
ASKED_AGAIN = (Spoken.WILL_ANSWER, Spoken.NEW_LINK)


@dataclass(frozen=True)
class Quiet:
    """A supervisor who does not answer: since which mail, and the visits that wait for them, by student."""

    supervisor: Person
    since: datetime
    entries: Sequence[Entry]

    @property
    def minutes(self) -> int:
        """How much waits."""
        return sum(each.minutes for each in self.entries)

    @property
    def students(self) -> list[str]:
        """Whose visits wait, by name."""
        return [each.enrolment.person.name for each in self.placements]

    @property
    def placements(self) -> list[Placement]:
        """The placements whose visits wait."""
        return list({each.placement_id: each.placement for each in self.entries}.values())


def spoken_since(outcomes: Sequence[Spoken]) -> ColumnElement[bool]:
    """Whether somebody has talked to a link's holder since it was mailed, with one of these outcomes."""
    calls = select(SupervisorCall.id).where(SupervisorCall.supervisor_id == Link.holder_id)
    return calls.where(SupervisorCall.at >= Link.created_at, SupervisorCall.outcome.in_(outcomes)).exists()


def asked_in_vain(at: datetime, *what: Any) -> Select[*tuple[Any, ...]]:
    """Each visit that waits at `at`, beside each mail about it that its reader has answered nothing since."""
    answers = select(LedgerEvent.id).where(LedgerEvent.by_id == Link.holder_id, LedgerEvent.kind.in_(ANSWERED))
    about_it = and_(
        Link.purpose == CONFIRM_WEEK, Link.holder_id == answerer_id(), Link.created_at >= Entry.submitted_at
    )
    return (
        select(*what)
        .select_from(Entry)
        .join(Entry.placement)
        .join(Placement.enrolment)
        .join(Link, about_it)
        .where(Entry.state == EntryState.SUBMITTED, Link.created_at <= at - QUIET_AFTER)
        .where(Enrolment.person_id != Link.holder_id)
        .where(~answers.where(LedgerEvent.at >= Link.created_at).exists(), ~spoken_since(ASKED_AGAIN))
    )


def quiet_at(at: datetime) -> Select[*tuple[Any, ...]]:
    """The keys of the supervisors who are not mailed on at `at`."""
    return asked_in_vain(at, Link.holder_id)


def to_telephone(who: Principal, now: datetime, what: Any) -> ScalarSelect[Any]:
    """Something about the supervisors of `who`'s students who wait for a call, as one value."""
    return asked_in_vain(now, what).where(read_by(who)).correlate(None).scalar_subquery()


def quiet_about(placement_id: int, now: datetime) -> datetime | None:
    """Since which mail visits of that placement wait for somebody who answers none; None where nobody is quiet."""
    asked = asked_in_vain(now, func.min(Link.created_at)).where(Entry.placement_id == placement_id)
    return db.session.scalar(asked)


def quiet_supervisors(now: datetime, *which: ColumnElement[bool]) -> list[Quiet]:
    """The supervisors who do not answer about visits of `which`, who has waited longest first. Two queries.

    `which` are conditions on Placement and Enrolment.
    """
    asked = asked_in_vain(now, Link.holder_id, func.min(Link.created_at).label("since")).where(*which)
    since = asked.group_by(Link.holder_id).subquery()
    rows = db.session.execute(
        select(Entry, Person, since.c.since)
        .join(Entry.placement)
        .join(Placement.enrolment)
        .join(since, since.c.holder_id == answerer_id())
        .join(Person, Person.id == since.c.holder_id)
        .where(Entry.state == EntryState.SUBMITTED, *which)
        .order_by(since.c.since, Person.id, Entry.placement_id, Entry.on, Entry.starts, Entry.id)
        .options(joinedload(Entry.placement).options(*cast(Any, whole())))
    ).all()
    found: dict[int, Quiet] = {}
    entries: dict[int, list[Entry]] = {}
    for entry, supervisor, first in rows:
        own = entries.setdefault(supervisor.id, [])
        own.append(entry)
        found[supervisor.id] = Quiet(supervisor, first, own)
    return list(found.values())


def quiet_of(who: Principal, public_id: str, now: datetime) -> tuple[Person, Quiet | None] | None:
    """A supervisor of somebody whose logbook one reads, and what waits for a call to them, if anything does."""
    theirs = placements_seen().with_only_columns(answerer_id(), maintain_column_froms=True)
    theirs = theirs.outerjoin(Entry, Entry.placement_id == Placement.id).where(read_by(who))
    person = db.session.scalar(select(Person).where(Person.public_id == public_id, Person.id.in_(theirs)))
    if person is None:
        return None
    waiting = quiet_supervisors(now, read_by(who))
    return person, next((each for each in waiting if each.supervisor.id == person.id), None)


def overdue(now: datetime) -> Select[*tuple[Any, ...]]:
    """By run and supervisor, since when somebody should have telephoned for a week, and nobody has."""
    first = func.min(Link.created_at).label("since")
    found = asked_in_vain(now - LEADER_TOLD_AFTER, Enrolment.run_id, Link.holder_id, first)
    return found.where(~spoken_since(tuple(Spoken))).group_by(Enrolment.run_id, Link.holder_id)
