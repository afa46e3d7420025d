"""Dates of those who run the module: a leader's key dates and releases, what a moderator closes, an examiner reads."""

from collections.abc import Iterator

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload, selectinload

from placements.assessment.rules import feedback_due_at
from placements.board.models import StagedRelease
from placements.board.workflow import StagedState
from placements.calendar.entries import Entry, moves_of
from placements.cohorts.dates import known_dates
from placements.cohorts.models import Component, ComponentKind, ModuleRun
from placements.cohorts.queries import key_dates
from placements.cohorts.workflow import RunState
from placements.core.policy import Principal
from placements.db import db
from placements.examining.models import ExaminerReport
from placements.examining.workflow import ReportState
from placements.moderation.models import Moderation
from placements.moderation.workflow import ModerationState

CURRENT = (RunState.PLANNED, RunState.OPEN)


def as_staff(who: Principal) -> Iterator[Entry]:
    """Five queries at most."""
    if who.has_any("leader"):
        yield from _key_dates(who)
        yield from _releases(who)
    if who.has_any("moderator"):
        yield from _moderations(who)
    if who.has_any("external"):
        yield from _examined(who)


def _key_dates(who: Principal) -> Iterator[Entry]:
    found = select(ModuleRun).where(ModuleRun.id.in_(who.held_on("leader")), ModuleRun.state.in_(CURRENT))
    runs = db.session.scalars(found.options(selectinload(ModuleRun.components)).order_by(ModuleRun.id))
    for run in runs:
        portfolio = next((each for each in run.components if each.kind is ComponentKind.PORTFOLIO), None)
        values, moves = {"public_id": run.public_id}, moves_of(run, portfolio)
        for milestone, at in known_dates(key_dates(run)):
            uid = f"run-{run.public_id}-{milestone.field}"
            yield Entry(uid, milestone.label, run.title, at, moves, "cohorts.run", values, is_to_do=False)


def _releases(who: Principal) -> Iterator[Entry]:
    """When marks that are staged are released."""
    found = select(StagedRelease).where(
        StagedRelease.run_id.in_(who.held_on("leader")), StagedRelease.state == StagedState.STAGED
    )
    whole = joinedload(StagedRelease.run), joinedload(StagedRelease.component)
    for each in db.session.scalars(found.options(*whole).order_by(StagedRelease.id)):
        what, values = f"Marks are released: {each.component.title}", {"public_id": each.run.public_id}
        uid, moves, page = f"release-{each.public_id}", moves_of(each), "board.run_marks"
        yield Entry(uid, what, each.run.title, each.release_at, moves, page, values, is_to_do=False)


def _moderations(who: Principal) -> Iterator[Entry]:
    """By when samples are to be closed: nothing of a set is released before, and then students are to have it."""
    going_on = Moderation.state.in_((ModerationState.DRAWN, ModerationState.IN_PROGRESS))
    found = select(Moderation).where(Moderation.moderator_id == who.person_id, going_on)
    found = found.options(joinedload(Moderation.component).joinedload(Component.run)).order_by(Moderation.id)
    for each in db.session.scalars(found):
        component, run = each.component, each.component.run
        due_at = component.due_at if each.attempt == 1 else run.reassessment_due_at
        if due_at is not None:
            at, moves = feedback_due_at(due_at, component.feedback_weeks), moves_of(component, run)
            what, values = f"Close the moderation: {component.title}", {"public_id": each.public_id}
            yield Entry(f"moderation-{each.public_id}", what, run.title, at, moves, "moderation.show", values)


def _examined(who: Principal) -> Iterator[Entry]:
    """The day of the board, by which scripts are read; done once one's report is in."""
    reported = exists().where(
        ExaminerReport.run_id == ModuleRun.id,
        ExaminerReport.by_id == who.person_id,
        ExaminerReport.state != ReportState.DRAFTED,
    )
    found = select(ModuleRun, reported).where(ModuleRun.id.in_(who.held_on("external")), ModuleRun.state.in_(CURRENT))
    for run, is_done in db.session.execute(found.where(ModuleRun.board_on.is_not(None)).order_by(ModuleRun.id)):
        assert run.board_on is not None
        what, values = "The board: read scripts and report by then", {"public_id": run.public_id}
        uid, moves = f"board-{run.public_id}", moves_of(run)
        yield Entry(uid, what, run.title, run.board_on, moves, "examining.run", values, is_to_do=not is_done)
