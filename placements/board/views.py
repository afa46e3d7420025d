"""The board, corrections after it, and exports."""

from typing import Any

from flask import flash, redirect, url_for

from placements.assessment.models import Mark
from placements.board import actions, correcting, exporting, queries
from placements.board.actions import Met
from placements.board.forms import ALL, CHANGES, ConfirmForm, CorrectForm, ExportForm, RefuseForm
from placements.board.models import Correction, MarkExport
from placements.board.releasing import fingerprint_of
from placements.board.report_views import board
from placements.cohorts.models import ModuleRun
from placements.cohorts.queries import run_of
from placements.web.area import page
from placements.web.sheets import csv_download
from placements.web.site import now, site, who

__all__ = ["board"]


@board.form("/runs/<public_id>/marks/confirm", can="board.confirm", of=run_of)
def confirm(run: ModuleRun) -> Any:
    """Record the board: every provisional mark of the run is confirmed."""
    found = queries.provisional(run)
    form = ConfirmForm(data={"board_on": run.board_on})
    if form.accepted():
        met = Met(form.board_on.data, form.chair.data, form.note.data or "")
        meeting = actions.confirm(run, found, met, seen=form.seen.data, actor=who(), now=now())
        flash(f"Confirmed: {len(meeting.decisions)}. They can be exported now.", "success")
        return redirect(url_for("board.exports", public_id=run.public_id))
    form.seen.data = fingerprint_of(found)
    return page(run=run, form=form, found=found, spreads=queries.spread(run), meetings=queries.meetings_of(run))


@board.form("/run-marks/<public_id>/correct", can="board.correct", of=queries.mark_led)
def correct(mark: Mark) -> Any:
    """Ask for another mark than the board has confirmed."""
    form = CorrectForm()
    if form.accepted():
        asked = correcting.ask(mark, form.to_mark.data, form.reason.data, actor=who(), now=now())
        flash("Asked for. The mark changes once another leader of the run agrees.", "success")
        return redirect(url_for("board.correction", public_id=asked.public_id))
    seconds = queries.who_may_agree(mark.enrolment.run_id, who().person_id)
    return page(form=form, mark=mark, seconds=seconds)


@board.get("/corrections/<public_id>", can="board.correction", of=queries.correction_of)
def correction(correction: Correction) -> Any:
    """What is asked for and why, and agreeing to it."""
    verbs = ("agree", "refuse", "withdraw")
    may = {verb: site().abilities[f"board.{verb}"](who(), correction, now()) for verb in verbs}
    seconds = queries.who_may_agree(correction.run_id, correction.asked_by_id)
    return page(correction=correction, may=may, seconds=seconds)


@board.post("/corrections/<public_id>/agree", can="board.agree", of=queries.correction_of)
def agree(correction: Correction) -> Any:
    """Change the mark."""
    correcting.agree(correction, actor=who(), now=now())
    flash("The mark is corrected, and its student is written to. The next export says it.", "success")
    return redirect(url_for("board.correction", public_id=correction.public_id))


@board.form("/corrections/<public_id>/refuse", can="board.refuse", of=queries.correction_of)
def refuse(correction: Correction) -> Any:
    """Leave the mark as it is."""
    form = RefuseForm()
    if form.accepted():
        correcting.refuse(correction, form.answer.data, actor=who(), now=now())
        flash("Refused. The mark stays as it is.", "success")
        return redirect(url_for("board.correction", public_id=correction.public_id))
    return page(form=form, correction=correction)


@board.post("/corrections/<public_id>/withdraw", can="board.withdraw", of=queries.correction_of)
def withdraw(correction: Correction) -> Any:
    """Ask for it no longer."""
    correcting.withdraw(correction, actor=who(), now=now())
    flash("Withdrawn. The mark stays as it is.", "success")
    return redirect(url_for("board.correction", public_id=correction.public_id))


@board.form("/runs/<public_id>/marks/exports", can="board.exports", of=run_of)
def exports(run: ModuleRun) -> Any:
    """What was sent to the student record system, what has changed since, and sending more."""
    form = ExportForm()
    if form.accepted():
        only_changes = form.what.data == CHANGES
        made = actions.export(run, form.stage.data, only_changes=only_changes, actor=who(), now=now())
        flash(f"The export is ready: {len(exporting.sent(made))} rows. Download it below.", "success")
        return redirect(url_for("board.exports", public_id=run.public_id))
    form.what.data = form.what.data or ALL
    so_far = [(each, len(exporting.sent(each))) for each in exporting.exports_of(run)]
    return page(run=run, form=form, made=so_far, changes=exporting.changes(run))


@board.get("/mark-exports/<public_id>/what", can="board.made", of=exporting.export_of)
def made(made: MarkExport) -> Any:
    """What an export said that the one before it did not."""
    before = exporting.before(made)
    difference = exporting.difference(before.rows, made.rows) if before else None
    return page(made=made, before=before, difference=difference, sent=exporting.sent(made))


@board.get("/mark-exports/<public_id>", can="board.download_export", of=exporting.export_of)
def download_export(made: MarkExport) -> Any:
    """An export as a CSV file, the same whenever it is downloaded."""
    name = f"Marks {made.run.title} {made.stage.value}{' changes' if made.since_id else ''}"
    return csv_download(name, exporting.COLUMNS, exporting.sent(made))
