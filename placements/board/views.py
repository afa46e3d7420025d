"""The board, and exports."""

from typing import Any

from flask import flash, redirect, url_for

from placements.board import actions, queries
from placements.board.forms import ConfirmForm, ExportForm
from placements.board.models import MarkExport
from placements.board.release_views import board
from placements.board.releasing import fingerprint_of
from placements.cohorts.models import ModuleRun
from placements.cohorts.queries import run_of
from placements.web.area import page
from placements.web.sheets import csv_download
from placements.web.site import now, who

__all__ = ["board"]

EXPORTED = (
    *("Student number", "Module code", "Academic year", "Period", "Occurrence"),
    *("Component", "Attempt", "Mark", "Result", "Stage"),
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
    form.seen.data = fingerprint_of(found)
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
