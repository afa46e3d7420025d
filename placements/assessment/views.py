"""Marking, releasing, the board, exports, and what an external examiner reads."""

from typing import Any

from flask import flash, redirect, url_for

from placements.assessment import marking as verbs
from placements.assessment import queries, queue
from placements.assessment.forms import MarkForm, QueueFilters
from placements.assessment.marking import Judgement
from placements.assessment.models import Mark
from placements.assessment.student_views import assessment
from placements.cohorts.queries import runs_seen_by
from placements.feedback.queries import on_placements
from placements.history.queries import timeline
from placements.reading.queries import final_grade, taken_criteria
from placements.web.area import page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

__all__ = ["assessment"]


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
