"""Whom a tutor may want to nudge, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Select, func, select

from placements.cohorts.models import Enrolment
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.logbook.hours import hours_of
from placements.logbook.ledger import project
from placements.logbook.models import Entry
from placements.logbook.queries import placements_seen, read_by
from placements.logbook.rules import SILENT_DAYS
from placements.logbook.silence import silent_since
from placements.logbook.workflow import EntryState
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.workflow import PlacementState
from placements.reading.rules import Why

WEEK = timedelta(days=7)
MOST = 100  # on one page


@dataclass(frozen=True)
class Candidate:
    """Somebody who can be nudged about a placement."""

    placement: Placement
    person: Person


def candidates(who: Principal, why: Why, now: datetime) -> list[Candidate]:
    """Whom there is to nudge for that reason, at most a page of them, by name."""
    found = placements_seen().join(Enrolment.person).where(read_by(who), Placement.state == PlacementState.ACTIVE)
    rows = db.session.scalars(
        _narrowed(found, who, why, now).order_by(Person.family_name, Placement.id).limit(MOST)
    ).all()
    if why is Why.BEHIND:
        rows = _behind(rows, now)
    if why is Why.UNANSWERED:
        return [Candidate(each, each.supervisor) for each in rows if each.supervisor_id != each.enrolment.person_id]
    return [Candidate(each, each.enrolment.person) for each in rows]


def _narrowed(found: Select[Placement], who: Principal, why: Why, now: datetime) -> Select[Placement]:
    entries = select(func.count(Entry.id)).where(Entry.placement_id == Placement.id)
    if why is Why.SILENT:
        return found.where(Placement.id.in_(silent_since(now, SILENT_DAYS[0], read_by(who))))
    if why is Why.QUERIED:
        return found.where(entries.where(Entry.state == EntryState.QUERIED).scalar_subquery() > 0)
    if why is Why.UNANSWERED:
        waits = entries.where(Entry.state == EntryState.SUBMITTED, Entry.submitted_at <= now - WEEK)
        return found.where(waits.scalar_subquery() > 0)
    return found


def _behind(placements: Sequence[Placement], now: datetime) -> list[Placement]:
    totals = hours_of([each.id for each in placements])
    worked = {key: hours.confirmed + hours.waiting for key, hours in totals.items()}
    return [each for each in placements if not _is_on_course(each, worked[each.id], now)]


def _is_on_course(placement: Placement, worked: int, now: datetime) -> bool:
    run = placement.enrolment.run
    return project(worked, run.minutes_target, placement.starts_on, placement.ends_on, today(now)).is_on_course


def fingerprint(chosen: Iterable[Candidate], text: str) -> str:
    """What a preview showed: who gets which words."""
    people = ",".join(sorted(f"{each.placement.public_id}:{each.person.id}" for each in chosen))
    return sha256(f"{people}|{text}".encode()).hexdigest()
