"""A marker's queue, and the page on which a mark is given."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from placements.assessment.evidence import agreement_of, hours_behind, logbook_behind
from placements.assessment.models import Mark
from placements.assessment.policy import is_its_tutor, leads
from placements.assessment.queries import marking_due_at, without_name, worth
from placements.assessment.waiting import place_of
from placements.bank.queries import offered_for
from placements.cohorts.models import Criterion
from placements.cohorts.queries import runs_seen_by
from placements.core.clock import london
from placements.feedback.queries import on_placements
from placements.history.queries import timeline
from placements.marking import actions, queries
from placements.marking.actions import Judgement
from placements.marking.forms import MarkForm, QueueFilters
from placements.reading.queries import final_grade, taken_criteria
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

marking = Area("marking", __name__)


@marking.get("/marking", can="marking.queue", nav="Marking")
def queue() -> Any:
    """What is one's to mark, the unmarked and soonest due first; and the runs whose marks one looks after."""
    filters = QueueFilters()
    runs = runs_seen_by(who())
    rows, count = queries.queue(who(), now(), PAGE_SIZE, page_number(), **filters.values())
    return page(
        filters=filters,
        rows=rows,
        paging=paging(len(rows), count),
        led=[run for run in runs if who().has("leader", run.id)],
        examined=[run for run in runs if who().has("external", run.id)],
        piles=queries.piles_of(who(), now()),
        first=queries.first_of(who(), now()),
        is_tutor=who().has_any("group_tutor", "placement_tutor", "tutor", "marker"),
    )


@marking.form("/marking/<public_id>", can="marking.mark", of=queries.mark_of)
def mark(mark: Mark) -> Any:
    """The evidence beside the rubric: save a draft, or submit the mark. A page that saves by itself asks for JSON."""
    taken = taken_criteria(mark.component, mark.placements)
    comments = offered_for(who(), mark.component)
    form = MarkForm.of(mark, taken, {each.public_id: each.text for each in comments})
    if form.accepted():
        return _judge(mark, form)
    if request.accept_mimetypes.best == "application/json":
        return {"said": _why_not(form)}, 409 if form.seen != mark.version else 422
    return page(**_shown(mark, form, taken), comments=comments)


def _judge(mark: Mark, form: MarkForm) -> Any:
    act = actions.submit_mark if form.is_final.data else actions.save_draft
    is_added = form.add_from_bank()
    said = Judgement(form.scores(), form.feedback.data or "")
    act(mark, said, seen=form.seen, actor=who(), now=now())
    kept = form.kept()
    if kept:
        actions.keep_words(mark, *kept, actor=who())
    if request.accept_mimetypes.best == "application/json":
        comes_to = render_template("marking/_comes_to.html", worth=worth(mark))
        return {"saved_at": f"{london(now()):%H:%M}", "version": mark.version, "comes_to": comes_to.strip()}
    if form.is_final.data:
        flash("The mark is submitted.", "success")
        return redirect(url_for("assessment.submission", public_id=mark.submission.public_id))
    flash("Kept in your comments. The draft is saved." if kept else "The draft is saved.", "success")
    where = f"criterion-{request.form['add' if is_added else 'keep']}" if is_added or kept else None
    return redirect(url_for("marking.mark", public_id=mark.public_id, _anchor=where))


def _why_not(form: MarkForm) -> str:
    return form.error_lines()[0][0] if form.errors else "Open this page again."


def _shown(mark: Mark, form: MarkForm, taken: Sequence[Criterion]) -> dict[str, Any]:
    book = logbook_behind(mark)
    final = final_grade(mark.enrolment_id) if taken else None
    theirs = mark if form.seen != mark.version else None
    form.version.data = str(mark.version)
    happened = timeline(mark.submission, who(), now(), site().abilities)
    return {
        "form": form,
        "given": mark,
        "theirs": theirs,
        "place": place_of(who(), mark, now()),
        "worth": worth(mark),
        "taken": taken,
        "final": {line.criterion_id: line for line in final.scores} if final else {},
        "due_at": marking_due_at(mark.component, mark.submission),
        "agreement": agreement_of(mark),
        "book": book,
        "hours": book.totals if book else hours_behind(mark),
        "is_tutor": is_its_tutor(who(), mark, now()) or leads(who(), mark, now()),
        "feedback": [] if mark.is_nameless else on_placements([each.id for each in mark.placements]),
        "happened": without_name(happened, mark) if mark.is_nameless else happened,
    }


@marking.post("/marking/<public_id>/reopen", can="marking.reopen", of=queries.mark_of)
def reopen(mark: Mark) -> Any:
    """Change a mark that is not released yet."""
    actions.reopen(mark, actor=who(), now=now())
    flash("The mark is a draft again. Submit it when you have changed it.", "success")
    return redirect(url_for("marking.mark", public_id=mark.public_id))
