"""What the worker looks at: the facts of all students of a run at once, and the warnings that follow from them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, ScalarSelect, Select, func, select

from placements.agreements.queries import weeks_of
from placements.attendance.queries import expected_of
from placements.attendance.rules import Expected, first_missed, silent_since
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment, ModuleRun
from placements.cohorts.queries import closed_days
from placements.cohorts.workflow import LEFT, WITHOUT_A_PLACE, RunState
from placements.core.clock import today
from placements.db import db
from placements.logbook.hours import hours_of
from placements.logbook.ledger import Totals, project
from placements.logbook.models import Entry, LedgerEvent, LedgerKind
from placements.logbook.silence import last_visit_on
from placements.logbook.workflow import EntryState
from placements.partners.models import Organisation, Site
from placements.placing.models import Placement
from placements.placing.workflow import GOING_ON, PlacementState
from placements.watch.rules import SILENT_DAYS, Pace, Placed, Sign, planned_by, signs_of, unplaced

APPROVAL, PLACE_CHECKS = "the organisation’s approval", "the check of the place"
AWHILE = timedelta(days=SILENT_DAYS[0])


@dataclass(frozen=True)
class Found:
    """A warning, and of whom."""

    enrolment_id: int
    placement_id: int | None
    sign: Sign


def look(now: datetime) -> list[Found]:
    """Every warning there is at `now` in the runs that are open. Two queries, and ten a run, however large."""
    closed = closed_days()
    runs = db.session.scalars(select(ModuleRun).where(ModuleRun.state == RunState.OPEN).order_by(ModuleRun.id)).all()
    return [found for run in runs for found in (*_unplaced(run, now, closed), *_of_placements(run, now, closed))]


def _unplaced(run: ModuleRun, now: datetime, closed: Collection[date]) -> Iterator[Found]:
    sign = unplaced(run.placed_by, today(now), closed)
    if sign is not None:
        without = select(Enrolment.id).where(Enrolment.run_id == run.id, Enrolment.state.in_(WITHOUT_A_PLACE))
        yield from (Found(key, None, sign) for key in db.session.scalars(without.order_by(Enrolment.id)))


def _of_placements(run: ModuleRun, now: datetime, closed: Collection[date]) -> Iterator[Found]:
    day, rows = today(now), db.session.execute(_placements(run.id)).all()
    active = [row for row in rows if row.state is PlacementState.ACTIVE]
    keys = [row.id for row in active]
    totals, weeks = hours_of(keys), weeks_of(keys)
    expected = expected_of([row.id for row in active if (row.last_on or row.starts_on) <= day - AWHILE])
    for row in rows:
        hours = totals.get(row.id)
        facts = Placed(
            ends_on=row.ends_on,
            **_attended(row, expected.get(row.id), day),
            pace=_pace(run, row, hours, weeks.get(row.id, {}), day) if hours else None,
            waiting_since=row.waiting_since and today(row.waiting_since),
            queried_since=row.queried_since and today(row.queried_since),
            papers=_papers(row),
        )
        yield from (Found(row.enrolment_id, row.id, sign) for sign in signs_of(facts, day, closed))


def _placements(run_id: int) -> Select[*tuple[Any, ...]]:
    """A row for each placement of the run that goes on."""
    its_own = (Placement.id, Placement.enrolment_id, Placement.state, Placement.starts_on, Placement.ends_on)
    return (
        select(
            *its_own,
            Organisation.approved_until,
            Site.cleared_until,
            Enrolment.is_visa_sponsored,
            last_visit_on().label("last_on"),
            _waiting_since().label("waiting_since"),
            _queried_since().label("queried_since"),
        )
        .join(Placement.enrolment)
        .join(Placement.challenge)
        .join(Challenge.organisation)
        .outerjoin(Placement.site)
        .where(Enrolment.run_id == run_id, Enrolment.state.not_in(LEFT), Placement.state.in_(GOING_ON))
        .order_by(Placement.id)
    )


def _waiting_since() -> ScalarSelect[datetime | None]:
    waiting = select(func.min(Entry.submitted_at)).where(Entry.placement_id == Placement.id)
    return waiting.where(Entry.state == EntryState.SUBMITTED).correlate(Placement).scalar_subquery()


def _queried_since() -> ScalarSelect[datetime]:
    asked = select(func.min(LedgerEvent.at)).join(LedgerEvent.entry).where(Entry.placement_id == Placement.id)
    open_ones = asked.where(Entry.state == EntryState.QUERIED, LedgerEvent.kind == LedgerKind.QUERIED)
    return open_ones.where(LedgerEvent.entry_version == Entry.version).correlate(Placement).scalar_subquery()


def _attended(row: Row[*tuple[Any, ...]], expected: Expected | None, day: date) -> dict[str, date | None]:
    if expected is None:
        return {}
    missed = first_missed(expected, row.last_on, day) if row.is_visa_sponsored else None
    return {"silent_since": silent_since(expected, row.last_on, day), "missed_on": missed}


def _papers(row: Row[*tuple[Any, ...]]) -> dict[str, date]:
    """What the placement rests on, as far as it has a last day; whatever else gates it with a date joins here."""
    papers = {APPROVAL: row.approved_until, PLACE_CHECKS: row.cleared_until}
    return {what: last for what, last in papers.items() if last is not None}


def _pace(run: ModuleRun, row: Row[*tuple[Any, ...]], hours: Totals, weeks: Mapping[date, int], day: date) -> Pace:
    """The hours beside the weeks of the Agreement, or, where it plans none, the target spread evenly.

    The pace is asked of the day by which an even spread had planned as much: so a break in the plan slows nobody.
    """
    worked, target = hours.confirmed + hours.waiting, run.minutes_target
    length = (row.ends_on - row.starts_on).days + 1
    as_if, weekly, planned = day, target * 7 // length, None
    if weeks and day <= row.ends_on:
        total, planned = sum(weeks.values()), planned_by(weeks, day)
        as_if = row.starts_on + timedelta(days=length * planned // total - 1)
        weekly = total // len(weeks)
    ahead = project(worked, target, row.starts_on, row.ends_on, as_if)
    return Pace(
        worked=worked,
        planned=ahead.planned_by_now if planned is None else planned,
        by_the_end=ahead.by_the_end,
        target=target,
        minimum=run.minutes_minimum,
        weekly=weekly,
        finishes_on=ahead.finishes_on,
    )
