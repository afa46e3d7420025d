"""A run's marks: releasing them, the board, and exports."""

from typing import Any

from flask import flash, redirect, url_for

from placements.assessment.queries import STANDINGS
from placements.board import actions, queries
from placements.board.forms import ConfirmForm, ExportForm, ReleaseForm, RunFilters
from placements.board.models import MarkExport
from placements.cohorts.models import ModuleRun
from placements.cohorts.queries import run_of
from placements.feedback.queries import counts_in
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.sheets import csv_download
from placements.web.site import now, who

board = Area("board", __name__)

EXPORTED = (
    *("Student number", "Module code", "Academic year", "Period", "Occurrence"),
    *("Component", "Attempt", "Mark", "Result", "Stage"),
)


@board.get("/runs/<public_id>/marks", can="board.run_marks", of=run_of)
def run_marks(run: ModuleRun) -> Any:
    """Every student's mark in every component, and how the marks are spread."""
    components = queries.marked_components(run)
    filters = RunFilters(run, components)
    rows, count = queries.page_of(run, PAGE_SIZE, page_number(), **filters.values())
    return page(
        run=run,
        components=components,
        filters=filters,
        rows=rows,
        paging=paging(len(rows), count),
        spreads=queries.spread(run),
        standings=STANDINGS,
        feedback=counts_in(run),
    )


@board.form("/runs/<public_id>/marks/release", can="board.release", of=run_of)
def release(run: ModuleRun) -> Any:
    """Choose submitted marks, look at what will happen, release them."""
    spreads, form = queries.spread(run), ReleaseForm()
    components = [each.component for each in sorted(spreads, key=lambda each: not each.standings["submitted"])]
    filters = RunFilters(run, components)
    component = next((each for each in components if each.public_id == filters.component.data), components[0])
    offered = queries.releasable(run, component, filters.values()["group"])
    form.offer(offered)
    chosen = [each for each in offered if each.public_id in (form.marks.data or ())]
    looked_at = form.accepted()
    if looked_at and form.seen.data:
        count = actions.release(run, chosen, seen=form.seen.data, actor=who(), now=now())
        flash(f"Released: {count}. Each student is written to now.", "success")
        return redirect(url_for("board.run_marks", public_id=run.public_id))
    return page(
        run=run,
        form=form,
        filters=filters,
        component=component,
        offered=offered,
        chosen=chosen if form.is_submitted() else offered,
        seen=actions.fingerprint_of(chosen) if looked_at else None,
        spreads=spreads,
    )


@board.form("/runs/<public_id>/marks/confirm", can="board.confirm", of=run_of)
def confirm(run: ModuleRun) -> Any:
    """Record the board: every provisional mark of the run is confirmed."""
    found = queries.provisional(run)
    form = ConfirmForm(data={"board_on": run.board_on})
    if form.accepted():
        count = actions.confirm(run, found, form.board_on.data, seen=form.seen.data, actor=who(), now=now())
        flash(f"Confirmed: {count}. They can be exported now.", "success")
        return redirect(url_for("board.exports", public_id=run.public_id))
    form.seen.data = actions.fingerprint_of(found)
    return page(run=run, form=form, found=found, spreads=queries.spread(run))


@board.form("/runs/<public_id>/marks/exports", can="board.exports", of=run_of)
def exports(run: ModuleRun) -> Any:
    """What was sent to the student record system, and sending more."""
    form = ExportForm()
    if form.accepted():
        made = actions.export(run, form.stage.data, actor=who(), now=now())
        flash(f"The export is ready: {len(made.rows)} rows. Download it below.", "success")
        return redirect(url_for("board.exports", public_id=run.public_id))
    return page(run=run, form=form, made=queries.exports_of(run))


@board.get("/mark-exports/<public_id>", can="board.download_export", of=queries.export_of)
def download_export(made: MarkExport) -> Any:
    """An export as a CSV file, the same whenever it is downloaded."""
    return csv_download(f"Marks {made.run.title} {made.stage.value}", EXPORTED, made.rows)
