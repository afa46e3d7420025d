"""Marking, releasing, the board, exports, and what an external examiner reads."""

from typing import Any

from flask import flash, redirect, url_for

from placements.assessment import marking as verbs
from placements.assessment import queries, queue, releasing, results
from placements.assessment.forms import ConfirmForm, ExportForm, MarkForm, QueueFilters, ReleaseForm, RunFilters
from placements.assessment.marking import Judgement
from placements.assessment.models import Mark, MarkExport, Submission
from placements.assessment.student_views import assessment
from placements.cohorts.models import ModuleRun
from placements.cohorts.queries import run_of, runs_seen_by
from placements.feedback.queries import counts_in, on_placements
from placements.history.queries import timeline
from placements.reading.queries import final_grade, taken_criteria
from placements.web.area import page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.sheets import csv_download
from placements.web.site import now, site, who

__all__ = ["assessment"]

EXPORTED = (
    *("Student number", "Module code", "Academic year", "Period", "Occurrence"),
    *("Component", "Attempt", "Mark", "Result", "Stage"),
)


@assessment.get("/marking", can="assessment.marking", nav="Marking")
def marking() -> Any:
    """One's own students' work, the unmarked and soonest due first; and the runs whose marks one looks after."""
    filters = QueueFilters()
    runs = runs_seen_by(who())
    rows, count = queue.queue(who(), now(), PAGE_SIZE, page_number(), **filters.values())
    return page(
        filters=filters,
        rows=rows,
        paging=paging(len(rows), count),
        led=[run for run in runs if who().has("leader", run.id)],
        examined=[run for run in runs if who().has("external", run.id)],
        is_tutor=who().has_any("group_tutor", "placement_tutor", "tutor"),
    )


@assessment.form("/marking/<public_id>", can="assessment.mark", of=queue.mark_of)
def mark(mark: Mark) -> Any:
    """The evidence beside the rubric: save a draft, or submit the mark."""
    taken = taken_criteria(mark.component, mark.placements)
    form = MarkForm.of(mark, taken)
    if form.accepted():
        act = verbs.submit_mark if form.is_final.data else verbs.save_draft
        act(mark, Judgement(form.scores(), form.feedback.data or ""), seen=form.seen, actor=who(), now=now())
        flash("The mark is submitted." if form.is_final.data else "The draft is saved.", "success")
        endpoint, thing = ("submission", mark.submission) if form.is_final.data else ("mark", mark)
        return redirect(url_for(f"assessment.{endpoint}", public_id=thing.public_id))
    book = queue.logbook_behind(mark)
    final = final_grade(mark.enrolment_id) if taken else None
    theirs = mark if form.seen != mark.version else None
    form.version.data = str(mark.version)
    return page(
        form=form,
        given=mark,
        theirs=theirs,
        worth=queries.worth(mark),
        taken=taken,
        final={line.criterion_id: line for line in final.scores} if final else {},
        due_at=queries.marking_due_at(mark.component, mark.submission),
        agreement=queue.agreement_of(mark),
        book=book,
        hours=book.totals if book else queue.hours_behind(mark),
        feedback=on_placements([each.id for each in mark.placements]),
        happened=timeline(mark.submission, who(), now(), site().abilities),
    )


@assessment.post("/marking/<public_id>/reopen", can="assessment.reopen", of=queue.mark_of)
def reopen(mark: Mark) -> Any:
    """Change a mark that is not released yet."""
    verbs.reopen(mark, actor=who(), now=now())
    flash("The mark is a draft again. Submit it when you have changed it.", "success")
    return redirect(url_for("assessment.mark", public_id=mark.public_id))


@assessment.get("/runs/<public_id>/marks", can="assessment.run_marks", of=run_of)
def run_marks(run: ModuleRun) -> Any:
    """Every student's mark in every component, and how the marks are spread."""
    components = results.marked_components(run)
    filters = RunFilters(run, components)
    rows, count = results.page_of(run, PAGE_SIZE, page_number(), **filters.values())
    return page(
        run=run,
        components=components,
        filters=filters,
        rows=rows,
        paging=paging(len(rows), count),
        spreads=results.spread(run),
        standings=results.STANDINGS,
        feedback=counts_in(run),
    )


@assessment.form("/runs/<public_id>/marks/release", can="assessment.release", of=run_of)
def release(run: ModuleRun) -> Any:
    """Choose submitted marks, look at what will happen, release them."""
    spreads, form = results.spread(run), ReleaseForm()
    components = [each.component for each in sorted(spreads, key=lambda each: not each.standings["submitted"])]
    filters = RunFilters(run, components)
    component = next((each for each in components if each.public_id == filters.component.data), components[0])
    offered = results.releasable(run, component, filters.values()["group"])
    form.offer(offered)
    chosen = [each for each in offered if each.public_id in (form.marks.data or ())]
    looked_at = form.accepted()
    if looked_at and form.seen.data:
        count = releasing.release(run, chosen, seen=form.seen.data, actor=who(), now=now())
        flash(f"Released: {count}. Each student is written to now.", "success")
        return redirect(url_for("assessment.run_marks", public_id=run.public_id))
    return page(
        run=run,
        form=form,
        filters=filters,
        component=component,
        offered=offered,
        chosen=chosen if form.is_submitted() else offered,
        seen=releasing.fingerprint_of(chosen) if looked_at else None,
        spreads=spreads,
    )


@assessment.form("/runs/<public_id>/marks/confirm", can="assessment.confirm", of=run_of)
def confirm(run: ModuleRun) -> Any:
    """Record the board: every provisional mark of the run is confirmed."""
    found = results.provisional(run)
    form = ConfirmForm(data={"board_on": run.board_on})
    if form.accepted():
        count = releasing.confirm(run, found, form.board_on.data, seen=form.seen.data, actor=who(), now=now())
        flash(f"Confirmed: {count}. They can be exported now.", "success")
        return redirect(url_for("assessment.exports", public_id=run.public_id))
    form.seen.data = releasing.fingerprint_of(found)
    return page(run=run, form=form, found=found, spreads=results.spread(run))


@assessment.form("/runs/<public_id>/marks/exports", can="assessment.exports", of=run_of)
def exports(run: ModuleRun) -> Any:
    """What was sent to the student record system, and sending more."""
    form = ExportForm()
    if form.accepted():
        made = releasing.export(run, form.stage.data, actor=who(), now=now())
        flash(f"The export is ready: {len(made.rows)} rows. Download it below.", "success")
        return redirect(url_for("assessment.exports", public_id=run.public_id))
    return page(run=run, form=form, made=results.exports_of(run))


@assessment.get("/mark-exports/<public_id>", can="assessment.download_export", of=results.export_of)
def download_export(made: MarkExport) -> Any:
    """An export as a CSV file, the same whenever it is downloaded."""
    return csv_download(f"Marks {made.run.title} {made.stage.value}", EXPORTED, made.rows)


@assessment.get("/runs/<public_id>/scripts", can="assessment.scripts", of=run_of)
def scripts(run: ModuleRun) -> Any:
    """Every script and mark of a run by student number, for its external examiner."""
    rows, count = results.scripts(run, PAGE_SIZE, page_number())
    return page(run=run, rows=rows, paging=paging(len(rows), count), standings=results.STANDINGS)


@assessment.get("/scripts/<public_id>", can="assessment.script", of=results.script_of)
def script(submission: Submission) -> Any:
    """One script with its rubric and feedback, by student number."""
    mark = submission.mark
    return page(
        submission=submission,
        given=mark,
        agreement=mark and queue.agreement_of(mark),
        name_of=queries.neutral_name,
        feedback=on_placements([each.id for each in mark.placements]) if mark else (),
        evidence=results.evidence_behind(submission),
    )
