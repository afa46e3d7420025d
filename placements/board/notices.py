"""What the board writes: a mark is ready or corrected, a release was stopped, a second person is needed. No marks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from placements.assessment.models import Mark
from placements.assessment.queries import RELEASED
from placements.assessment.waiting import to_be_marked
from placements.board.models import Correction, StagedRelease
from placements.board.workflow import CorrectionState, StagedState
from placements.cohorts.models import Component, ModuleRun, RoleOnRun, RunRole
from placements.core.clock import today
from placements.db import db
from placements.mail.notices import Notice, Pace, Timed, TimedReminder
from placements.mail.stepping import NO_DEADLINE, latest_morning, moment_by
from placements.people.models import Person


def _mark_ready(mark_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    mark = db.session.get_one(Mark, mark_id)
    return {"component": mark.component} if mark.state in RELEASED else None


def _release_stopped(staged_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    staged = db.session.get_one(StagedRelease, staged_id)
    return {"staged": staged} if staged.state is StagedState.STOPPED else None


def _correction_asked(correction_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    correction = db.session.get_one(Correction, correction_id)
    return {"correction": correction} if correction.state is CorrectionState.ASKED else None


def _correction_refused(correction_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    correction = db.session.get_one(Correction, correction_id)
    return {"correction": correction} if correction.state is CorrectionState.REFUSED else None


def _mark_corrected(mark_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    mark = db.session.get_one(Mark, mark_id)
    return {"mark": mark} if mark.corrected_at else None


def _marks_missing(run_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """By component how much waits for a mark, while the board is still to come."""
    run = db.session.get_one(ModuleRun, run_id)
    if run.board_on is None or run.board_on < today(now):
        return None
    waiting = to_be_marked(now).subquery()
    each = select(Component.title, func.sum(waiting.c.count)).join(waiting, waiting.c.component_id == Component.id)
    each = each.where(Component.run_id == run_id).group_by(Component.id, Component.title).order_by(Component.id)
    rows = [(title, int(pieces)) for title, pieces in db.session.execute(each)]
    return {"run": run, "rows": rows, "count": sum(pieces for _, pieces in rows)} if rows else None


RUN = "correction.mark.enrolment.run_id"
FILLS = {"run": "correction.mark.enrolment.run.title"}

MARK_READY = Notice("board.mark_ready", _mark_ready, run="component.run_id", fills={"component": "component.title"})
RELEASE_STOPPED = Notice(
    "board.release_stopped", _release_stopped, run="staged.run_id", fills={"component": "staged.component.title"}
)
CORRECTION_ASKED = Notice(
    "board.correction_asked", _correction_asked, pace=Pace.DAILY, run=RUN, fills=FILLS, private=True
)
CORRECTION_REFUSED = Notice(
    "board.correction_refused", _correction_refused, pace=Pace.DAILY, run=RUN, fills=FILLS, private=True
)
MARK_CORRECTED = Notice(
    "board.mark_corrected", _mark_corrected, run="mark.enrolment.run_id", fills={"component": "mark.component.title"}
)
MARKS_MISSING = Notice(
    "board.marks_missing",
    _marks_missing,
    pace=Pace.DAILY,
    run="run.id",
    fills={"run": "run.title", "board": "run.board_on | date"},
)

NOTICES = (MARK_READY, RELEASE_STOPPED, CORRECTION_ASKED, CORRECTION_REFUSED, MARK_CORRECTED, MARKS_MISSING)


def marks_missing(now: datetime, steps: tuple[int, ...]) -> Timed:
    """The module leaders of runs whose board is near while work waits for a mark: at 9am."""
    waiting = to_be_marked(now).subquery()
    runs = select(Component.run_id).join(waiting, waiting.c.component_id == Component.id)
    open_runs = db.session.scalars(select(ModuleRun).where(ModuleRun.board_on >= today(now), ModuleRun.id.in_(runs)))
    moments = {each.id: latest_morning(each.board_on, steps, now) for each in open_runs if each.board_on}
    due_at, is_due = moment_by(RoleOnRun.run_id, moments)
    found = select(RoleOnRun.run_id, RoleOnRun.person_id, due_at, RoleOnRun.run_id.label("of_run"), NO_DEADLINE)
    return found.where(RoleOnRun.role == RunRole.LEADER, is_due)


REMINDERS = (TimedReminder(MARKS_MISSING, marks_missing, steps=(-7, -2), hangs_on="the day of the board"),)
