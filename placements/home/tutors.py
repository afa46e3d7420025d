"""A tutor's home: their students, from the Agreement to the mark, and those who still need a place."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, case, func, or_, select

from placements.agreements.models import Party
from placements.assessment.queue import to_be_marked
from placements.assessment.rules import feedback_due_at
from placements.cohorts.models import Enrolment, ModuleRun
from placements.cohorts.workflow import LEFT, RunState
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.home.signing import to_sign
from placements.home.steps import Figure, Look, Step, end_of, many
from placements.logbook.hours import confirmed_minutes
from placements.logbook.models import Entry
from placements.logbook.rules import LINK_LASTS, SILENT_DAYS
from placements.logbook.silence import silent_since
from placements.logbook.workflow import EntryState
from placements.offers.models import Clearing
from placements.partners.policy import has_no_side
from placements.placing.models import Placement
from placements.placing.queries import tutored_by
from placements.placing.rules import told_at
from placements.placing.workflow import GOING_ON, NOT_BEGUN, PlacementState

ASKED_WITHIN = timedelta(days=SILENT_DAYS[1] + 2)  # of the last visit: two days to ask a silent student; ours
OUTSTANDING = timedelta(days=14)  # after which the supervisor has been asked twice


def tutor_look(who: Principal, now: datetime) -> Look:
    """What one's students wait for. Five queries; four for a tutor of placements alone; more where one seems silent."""
    row = db.session.execute(_of_placements(who, now)).one()
    silent = silent_since(now, SILENT_DAYS[1], tutored_by(who), Placement.ends_on >= today(now))
    figures = [Figure(row.going_on, "on a placement or about to start", "reading.logbooks")]
    if who.has_any("group_tutor"):
        figures.insert(0, Figure(_students(who), "students in your groups", "reading.logbooks"))
    return Look(
        "Your students",
        "The students of your timeslot groups and placements: Agreements, logbooks and marking.",
        [*_signing(who), *_with_placements(row, silent), *_marking(who, now)],
        figures,
    )


def _when(condition: ColumnElement[bool], value: Any) -> Any:
    return case((condition, value), else_=None)


def _of_placements(who: Principal, now: datetime) -> Select[*tuple[Any, ...]]:
    """One row: of the placements that go on, how many wait for what, and since or until when at the earliest."""
    day = today(now)
    held_up = Placement.state.in_(NOT_BEGUN) & (Placement.starts_on <= day)
    is_active = Placement.state == PlacementState.ACTIVE
    over = is_active & or_(Placement.ends_on < day, confirmed_minutes() >= ModuleRun.minutes_target)
    oldest = _oldest_waiting()
    outstanding = oldest <= now - OUTSTANDING
    return (
        select(
            func.count(Placement.id).label("going_on"),
            func.count(_when(held_up, 1)).label("held_up"),
            func.min(_when(held_up, Placement.starts_on)).label("held_up_from"),
            func.count(_when(outstanding, 1)).label("outstanding"),
            func.min(_when(outstanding, oldest)).label("outstanding_since"),
            func.count(_when(over, 1)).label("over"),
            func.min(_when(over, Placement.ends_on)).label("over_on"),
        )
        .join(Placement.enrolment)
        .join(Enrolment.run)
        .where(tutored_by(who), Placement.state.in_(GOING_ON))
    )


def _oldest_waiting() -> ScalarSelect[datetime | None]:
    waiting = select(func.min(Entry.submitted_at)).where(Entry.placement_id == Placement.id)
    return waiting.where(Entry.state == EntryState.SUBMITTED).scalar_subquery()


def _signing(who: Principal) -> Iterator[Step]:
    mine = to_sign(Party.TUTOR, Placement.id.in_(who.held_on("placement_tutor")))
    unsigned = [each for each in mine if has_no_side(who, each.challenge.organisation_id)]
    if unsigned:
        what = many(len(unsigned), "Challenge Agreement waits", "Challenge Agreements wait")
        by = told_at(unsigned[0].starts_on)
        yield Step(f"{what} for your signature", "Read and sign", "agreements.queue", by=by)


def _with_placements(row: Row[*tuple[Any, ...]], silent: Mapping[int, date]) -> Iterator[Step]:
    if row.held_up:
        what = many(row.held_up, "placement should have begun", "placements should have begun")
        yield Step(f"{what} and cannot yet", "See what is missing", "agreements.queue", by=told_at(row.held_up_from))
    if silent:
        what = many(len(silent), "logbook is silent: ask the student", "logbooks are silent: ask the students")
        by = end_of(min(silent.values()) + ASKED_WITHIN)
        yield Step(f"{what} how it goes", "See them", "reading.logbooks", {"show": "silent"}, by=by)
    if row.outstanding:
        what = many(row.outstanding, "student’s hours wait", "students’ hours wait")
        by = row.outstanding_since + LINK_LASTS
        yield Step(f"{what} for a supervisor: ask, or verify them", "See the logbooks", "reading.logbooks", by=by)
    if row.over:
        what = many(row.over, "placement has its hours or its last day", "placements have their hours or last day")
        yield Step(f"{what}: complete it or decide", "See the logbooks", "reading.logbooks", by=end_of(row.over_on))


def _marking(who: Principal, now: datetime) -> Iterator[Step]:
    """The same work that the reminder mail counts."""
    waiting = to_be_marked(now).subquery()
    asked = select(func.sum(waiting.c.count), func.min(waiting.c.first)).where(waiting.c.marker_id == who.person_id)
    to_mark, first_due = db.session.execute(asked).one()
    if to_mark:
        what = many(to_mark, "piece of work to mark", "pieces of work to mark")
        yield Step(what, "Mark", "assessment.marking", by=feedback_due_at(first_due))


def _students(who: Principal) -> int:
    found = select(func.count(Enrolment.id)).join(Enrolment.run).where(ModuleRun.state == RunState.OPEN)
    mine = found.where(Enrolment.group_id.in_(who.held_on("group_tutor")), Enrolment.state.not_in(LEFT))
    return db.session.scalar(mine) or 0


def clearing_look(who: Principal, now: datetime) -> Look:
    """Students who need a place and are this person's to see to. One query."""
    count, first = db.session.execute(
        select(func.count(), func.min(Clearing.by_on)).where(
            Clearing.owner_id == who.person_id, Clearing.closed_at.is_(None)
        )
    ).one()
    steps = []
    if count:
        what = f"{many(count, 'student needs', 'students need')} a place from you"
        steps.append(Step(what, "Find places", "clearing.students", by=end_of(first)))
    figures = [Figure(count, "who need a place from you", "clearing.students")]
    return Look("Students without a place", "Those on the clearing list who are yours to see to.", steps, figures)
