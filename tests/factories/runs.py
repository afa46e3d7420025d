"""A running of the module, its groups, its roles, its students."""

from datetime import UTC, date, datetime
from typing import Any

from placements.cohorts.models import (
    Checkpoint,
    Component,
    ComponentKind,
    Criterion,
    Enrolment,
    ModuleRun,
    RoleOnRun,
    RosterImport,
    RunRole,
    Theme,
    TimeslotGroup,
)
from placements.cohorts.rules import MarkedBy
from placements.cohorts.workflow import EnrolmentState, RunState
from placements.db import db
from placements.people.models import Person
from tests.factories.base import DAY, NOW, YEAR, add, number
from tests.factories.people import person


def run(**said: Any) -> ModuleRun:
    said = {
        "code": "WL6W50",
        "level": 6,
        "academic_year": YEAR,
        "period": f"P{next(number)}",
        "state": RunState.OPEN,
        "teaching_starts_on": date(2026, 9, 28),
        "ranking_opens_at": NOW - 8 * DAY,
        "ranking_closes_at": NOW + 10 * DAY,
        "placements_start_on": date(2026, 11, 16),
        "placements_end_on": date(2027, 4, 30),
        "created_at": NOW - 90 * DAY,
        **said,
    }
    return add(ModuleRun(**said))


def group(of: ModuleRun | None = None, tutor: Person | None = None, **said: Any) -> TimeslotGroup:
    said = {"occurrence": f"G{next(number)}", "name": "Wednesday afternoon", **said}
    return add(TimeslotGroup(run=of or run(), tutor=tutor, **said))


def run_role(role: RunRole, who: Person, of: ModuleRun, theme: Theme | None = None) -> RoleOnRun:
    until_on = date(2027, 9, 30) if role is RunRole.EXTERNAL else None
    return add(RoleOnRun(role=role, person=who, run=of, theme=theme, until_on=until_on))


def component(kind: ComponentKind = ComponentKind.PORTFOLIO, of: ModuleRun | None = None, **said: Any) -> Component:
    said = {
        "title": "Final Project Portfolio",
        "weight": 75,
        "due_at": datetime(2027, 5, 12, 14, 0, tzinfo=UTC),
        "marked_by": MarkedBy.SUPERVISOR if kind is ComponentKind.FEEDBACK else MarkedBy.TUTOR,
        "moderation": {"kind": "none", "within": 2},
        **said,
    }
    made = add(Component(run=of or run(), kind=kind, **said))
    for position, (title, weight, is_about_logbook) in enumerate(
        [("Understanding of the challenge", 40, False), ("Logbook and reflection", 35, True), ("Writing", 25, False)], 1
    ):
        add(Criterion(component=made, position=position, title=title, weight=weight, is_about_logbook=is_about_logbook))
    db.session.refresh(made)
    return made


def checkpoint(of: ModuleRun, **said: Any) -> Checkpoint:
    return add(Checkpoint(run=of, **{"title": "Mid-point", **said}))


def enrolment(of: TimeslotGroup | None = None, who: Person | None = None, **said: Any) -> Enrolment:
    of = of or group()
    who = who or person(student_number=f"2600{next(number):04}")
    said = {
        "course_code": "BSCPSY",
        "course_title": "Psychology BSc",
        "mode": "Full time",
        "state": EnrolmentState.REGISTERED,
        "created_at": NOW - 30 * DAY,
        **said,
    }
    return add(Enrolment(run=of.run, group=of, person=who, **said))


def roster_import(uploaded_by: Person, **said: Any) -> RosterImport:
    said = {"file_name": "enrolments.csv", "sha256": "0" * 64, "rows": [], "errors": [], "uploaded_at": NOW, **said}
    return add(RosterImport(uploaded_by_id=uploaded_by.id, **said))
