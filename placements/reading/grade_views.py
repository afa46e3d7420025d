"""Grading a logbook beside its entries, and the checkpoints at which a run's logbooks are graded."""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.cohorts.models import ModuleRun
from placements.cohorts.queries import run_of
from placements.logbook.hours import ledgers_of
from placements.logbook.queries import logbook, placement_read
from placements.placing.models import Placement
from placements.reading import grading, queries
from placements.reading.desk_views import reading
from placements.reading.forms import checkpoints_form, grade_form
from placements.reading.fresh import phrases_of
from placements.reading.frozen import latest_snapshot
from placements.web.area import page
from placements.web.site import now, site, who

FINAL = "final"  # how pages of marking name the final checkpoint, which they do not know


@reading.form("/placements/<public_id>/log/grade", can="reading.grade", of=placement_read)
def grade(placement: Placement) -> Any:
    """Grade a logbook at a checkpoint, its entries beside the criteria that are about it."""
    has_final = site().abilities["reading.read_final"](who(), placement, now())
    checkpoints = [
        each for each in queries.checkpoints_of(placement.enrolment.run_id) if has_final or not each.is_final
    ]
    grades = {each.checkpoint_id: each for each in queries.grades_of(placement, has_final=has_final)}
    wanted = request.args.get("checkpoint")
    asked = [each for each in checkpoints if each.public_id == wanted or (each.is_final and wanted == FINAL)]
    open_ones = [each for each in checkpoints if each.id not in grades]
    at = next(iter([*asked, *open_ones, *checkpoints[-1:]]), None)
    criteria = queries.criteria_at(at) if at else []
    saved = grades.get(at.id) if at else None
    phrases = {each.public_id: each.text for each in phrases_of(who())}
    form = grade_form(criteria, saved, phrases, has_comment=at is not None and not at.is_final)
    if at and criteria and form.accepted():
        version = form.seen_version
        grading.grade(placement, at, form.scores, form.remark, version=version, actor=who(), now=now())
        student = placement.enrolment.person.name
        told = f"{student} sees nothing of it before the portfolio’s mark is released."
        flash(f"Saved. {told if at.is_final else f'{student} can see it now, and has been told.'}", "success")
        return redirect(url_for("reading.read", public_id=placement.public_id))
    theirs = saved if form.has_been_overtaken(saved) else None
    return page(
        form=form,
        placement=placement,
        criteria=criteria,
        at=at,
        checkpoints=checkpoints,
        theirs=theirs,
        settled=saved if saved and saved.settled_at else None,
        phrases=phrases,
        book=latest_snapshot(placement.enrolment_id) if at and at.is_final else None,
        **_beside(placement),
    )


def _beside(placement: Placement) -> dict[str, Any]:
    """The entries that stand beside the rubric."""
    ledger = ledgers_of([placement.id])[placement.id]
    return {
        "visits": logbook(placement, ledger),
        "totals": ledger.totals,
        "shows_reflections": site().abilities["logbook.read_reflections"](who(), placement, now()),
    }


@reading.form("/runs/<public_id>/checkpoints", can="reading.checkpoints", of=run_of)
def checkpoints(run: ModuleRun) -> Any:
    """When the run's logbooks are graded: titles and dates, one more, one less."""
    found = queries.checkpoints_of(run.id)
    form = checkpoints_form(found)
    if form.accepted():
        grading.set_checkpoints(run, form.wanted, form.added, actor=who(), now=now())
        flash("The checkpoints are saved.", "success")
        return redirect(url_for("reading.checkpoints", public_id=run.public_id))
    return page(form=form, run=run, checkpoints=found)
