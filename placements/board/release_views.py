"""A run's marks: where they stand, releasing them, and keeping one of them back."""

from typing import Any

from flask import flash, redirect, url_for

from placements.assessment.models import Mark
from placements.assessment.queries import STANDINGS, worth
from placements.board import queries, readiness, releasing, withholding
from placements.board.forms import NOW, EndForm, ReleaseForm, RunFilters, WithholdForm
from placements.board.models import StagedRelease, Withholding
from placements.cohorts.models import ModuleRun
from placements.cohorts.queries import run_of
from placements.core.clock import say_when
from placements.feedback.queries import counts_in
from placements.history.actions import note_reads
from placements.history.queries import timeline
from placements.web.area import Area, page
from placements.web.filters import count as counted
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

board = Area("board", __name__)


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
        withheld=queries.withheld_in(run),
        ready=readiness.ready_in([run.id]).get(run.id, readiness.Ready()).count,
        staged=queries.staged_in(run),
        meetings=queries.meetings_of(run),
        asked=queries.corrections_asked(run),
        feedback=counts_in(run),
    )


@board.form("/runs/<public_id>/marks/release", can="board.release", of=run_of)
def release(run: ModuleRun) -> Any:
    """Choose submitted marks, look at what will happen, release them now or at a moment to come."""
    spreads, form = queries.spread(run), ReleaseForm()
    components = [each.component for each in sorted(spreads, key=lambda each: not each.standings["submitted"])]
    filters = RunFilters(run, components)
    component = next((each for each in components if each.public_id == filters.component.data), components[0])
    standings = readiness.standings(run, component, filters.values()["group"])
    offered = [each.mark for each in standings if each.mark is not None and each.why is None]
    form.offer(offered)
    chosen = [each for each in offered if each.public_id in (form.marks.data or ())]
    looked_at = form.accepted()
    if looked_at and form.seen.data:
        if form.release_at:
            asked = {"seen": form.seen.data, "actor": who(), "now": now()}
            releasing.stage(component, chosen, form.release_at, **asked)
            said = f"{counted(len(chosen), 'mark is', 'marks are')} released on {say_when(form.release_at)}"
            flash(f"Staged: {said}. You can cancel it until then.", "success")
        else:
            count = releasing.release(run, chosen, seen=form.seen.data, actor=who(), now=now())
            flash(f"Released: {count}. Each student is written to now.", "success")
        return redirect(url_for("board.run_marks", public_id=run.public_id))
    is_checked = looked_at or (bool(form.seen.data) and form.errors.keys() <= {"how", "on", "at"} and bool(form.errors))
    form.how.data = form.how.data or NOW
    return page(
        run=run,
        form=form,
        filters=filters,
        component=component,
        offered=offered,
        chosen=chosen if form.is_submitted() else offered,
        left_out=[each for each in standings if each.why is not None],
        seen=releasing.fingerprint_of(chosen) if is_checked else None,
    )


@board.post("/staged-releases/<public_id>/cancel", can="board.cancel", of=queries.staged_of)
def cancel(staged: StagedRelease) -> Any:
    """Release nothing at that moment."""
    releasing.cancel(staged, actor=who(), now=now())
    flash("Cancelled. Nothing is released then.", "success")
    return redirect(url_for("board.run_marks", public_id=staged.run.public_id))


@board.get("/run-marks/<public_id>", can="board.mark", of=queries.mark_led)
def mark(mark: Mark) -> Any:
    """One mark with what can be done about it. That somebody reads why it is withheld is written down first."""
    read = [(Withholding.__tablename__, key, "reason") for key in queries.withholding_keys(mark)]
    note_reads(*read, actor=who(), now=now())
    mark = queries.mark_led(who(), mark.public_id) or mark
    may = {
        verb: site().abilities[f"board.{verb}"](who(), mark, now())
        for verb in ("withhold", "end_withholding", "correct")
    }
    return page(
        mark=mark,
        worth=worth(mark),
        withheld=queries.withholdings_of(mark) if read else (),
        corrections=queries.corrections_of(mark),
        may=may,
        happened=timeline(mark.submission, who(), now(), site().abilities),
        standings=STANDINGS,
    )


@board.form("/run-marks/<public_id>/withhold", can="board.withhold", of=queries.mark_led)
def withhold(mark: Mark) -> Any:
    """Keep a mark back, with a reason that only leaders of the run read."""
    form = WithholdForm()
    if form.accepted():
        withholding.withhold(mark, form.reason.data, actor=who(), now=now())
        flash("The mark is withheld. Nobody is written to.", "success")
        return redirect(url_for("board.mark", public_id=mark.public_id))
    return page(form=form, mark=mark)


@board.form("/run-marks/<public_id>/end-withholding", can="board.end_withholding", of=queries.mark_led)
def end_withholding(mark: Mark) -> Any:
    """Let it take its course again."""
    form = EndForm()
    if form.accepted():
        withholding.end_withholding(mark, form.reason.data, actor=who(), now=now())
        flash("The mark is no longer withheld. Release it when it is ready.", "success")
        return redirect(url_for("board.mark", public_id=mark.public_id))
    return page(form=form, mark=mark)
