"""Pages of feedback for those who sign in: who was asked for it, one piece of it, and every verb."""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.agreements.queries import objectives_of
from placements.feedback import actions, forms, queries
from placements.feedback.link_views import KEPT, feedback, form_for
from placements.feedback.models import Feedback
from placements.feedback.rules import Occasion
from placements.placing.models import Placement
from placements.web.area import page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

__all__ = ["feedback"]

VERBS = ("write", "comment", "ask_again", "give_up", "waive")


def _may(verb: str, thing: Any) -> bool:
    return site().abilities[f"feedback.{verb}"](who(), thing, now())


def _to(given: Feedback) -> Any:
    return redirect(url_for("feedback.show", public_id=given.public_id))


@feedback.get("/feedback", can="feedback.requests")
def requests() -> Any:
    """What supervisors of one's students, or oneself, were asked for: what waits stands first."""
    filters = forms.RequestFilters()
    rows, count = queries.requests(who(), **filters.values(), size=PAGE_SIZE, number=page_number())
    return page(filters=filters, rows=rows, paging=paging(len(rows), count), reader=who().person_id)


@feedback.get("/feedback/<public_id>", can="feedback.show", of=queries.feedback_of)
def show(given: Feedback) -> Any:
    """What was said, every version of it, and what comes next."""
    return page(
        feedback=given,
        placement=given.placement,
        can={verb: _may(verb, given) for verb in VERBS},
        reads_reasons=_may("read_reasons", given),
        follows=site().abilities["placing.people"](who(), given.placement, now()),
    )


@feedback.form("/feedback/<public_id>/write", can="feedback.write", of=queries.feedback_of)
def write(given: Feedback) -> Any:
    """A rating for each objective and two short texts."""
    form = form_for(given)
    if form.accepted():
        actions.save(given, form.words, actor=who(), now=now())
        if form.is_later:
            flash(KEPT, "success")
            return redirect(request.path)
        return redirect(url_for("feedback.share", public_id=given.public_id))
    return page(form=form, feedback=given, placement=given.placement)


@feedback.form("/feedback/<public_id>/check", can="feedback.share", of=queries.feedback_of)
def share(given: Feedback) -> Any:
    """Exactly what the student will read, and the button that gives it."""
    draft = queries.draft_of(given)
    if draft is None and request.method == "GET":
        return redirect(url_for("feedback.write", public_id=given.public_id))
    form = forms.ShareForm()
    if form.accepted():
        actions.share(given, seen=form.seen.data or "", actor=who(), now=now())
        flash(f"Thank you. {given.placement.enrolment.person.given_name} can read it now.", "success")
        return _to(given)
    if draft is not None:
        form.seen.data = actions.seen_of(draft)
    objectives = {each.id: each.text for each in objectives_of(given.placement_id)}
    return page(form=form, draft=draft, feedback=given, placement=given.placement, objectives=objectives)


@feedback.form("/feedback/<public_id>/comment", can="feedback.comment", of=queries.feedback_of)
def comment(given: Feedback) -> Any:
    """Say as the student that one has read it, and what one thinks."""
    form = forms.CommentForm(data={"version": str(len(given.versions)), "comment": given.comment})
    if form.accepted():
        actions.comment(given, form.comment.data or "", seen=form.seen_version, actor=who(), now=now())
        flash("Saved.", "success")
        return _to(given)
    form.version.data = str(len(given.versions))
    return page(form=form, feedback=given, placement=given.placement)


@feedback.form("/placements/<public_id>/feedback/ask", can="feedback.ask", of=queries.placement_followed)
def ask(placement: Placement) -> Any:
    """Ask the supervisor now, before it is asked by itself."""
    known = {each.occasion for each in queries.on_placements([placement.id])}
    form = forms.AskForm()
    form.offer([each for each in Occasion if each not in known])
    if not form.occasion.choices:
        flash(f"{placement.supervisor.name} has been asked for both already. See below how far they are.", "info")
        return redirect(url_for("home.placement", public_id=placement.public_id))
    if form.accepted():
        made = actions.ask(placement, form.occasion.data, actor=who(), now=now())
        flash(f"{placement.supervisor.name} is asked by email.", "success")
        return _to(made)
    return page(form=form, placement=placement)


@feedback.post("/feedback/<public_id>/ask-again", can="feedback.ask_again", of=queries.feedback_of)
def ask_again(given: Feedback) -> Any:
    """Ask the supervisor once more."""
    actions.ask(given.placement, given.occasion, actor=who(), now=now())
    flash(f"{given.placement.supervisor.name} is asked by email.", "success")
    return _to(given)


@feedback.form("/feedback/<public_id>/not-obtainable", can="feedback.give_up", of=queries.feedback_of)
def give_up(given: Feedback) -> Any:
    """Say that there is none to be had."""
    form = forms.ReasonForm()
    if form.accepted():
        actions.give_up(given, form.reason.data, actor=who(), now=now())
        flash("Written down. Nobody is asked any more.", "success")
        return _to(given)
    return page(form=form, feedback=given, placement=given.placement)


@feedback.form("/feedback/<public_id>/waive", can="feedback.waive", of=queries.feedback_of)
def waive(given: Feedback) -> Any:
    """Let the student do without it."""
    form = forms.ReasonForm()
    if form.accepted():
        actions.waive(given, form.reason.data, actor=who(), now=now())
        flash("Waived. The student can see that nothing is missing.", "success")
        return _to(given)
    return page(form=form, feedback=given, placement=given.placement)
