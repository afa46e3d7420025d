"""Pages of concerns: telling one, following what one told, and looking after those that one may read."""

from typing import Any

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from placements.concerns import actions, forms, queries
from placements.concerns.forms import KINDS, SEVERITIES
from placements.concerns.link_views import concerns, first_words
from placements.concerns.models import Concern
from placements.core.clock import today
from placements.history.actions import note_reads
from placements.history.queries import timeline
from placements.placing.models import Placement
from placements.web.area import page
from placements.web.forms import ConfirmForm
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

VERBS = ("own", "note", "pass_on", "resolve", "refer", "stop", "let_go_on")


@concerns.form("/placements/<public_id>/concern", can="concerns.report", of=queries.placement_to_report)
def report(placement: Placement) -> Any:
    """Tell what worries one about a placement, or what happened."""
    form, choices = forms.ReportForm(), queries.whom_about(placement, who().person_id, now())
    form.offer([placement], choices, today(now()))
    if form.accepted():
        told = actions.report(placement, form.report(choices), form.form_key.data, actor=who(), now=now())
        flash("We have it. A named person takes it on.", "success")
        return redirect(url_for("concerns.reported", public_id=told.public_id))
    return page(form=form, placement=placement, **first_words())


@concerns.get("/concerns/mine", can="concerns.mine")
def mine() -> Any:
    """What one told, and whether somebody owns it."""
    rows, count = queries.told_by(who(), PAGE_SIZE, page_number())
    return page(rows=rows, paging=paging(len(rows), count), kinds=KINDS)


@concerns.get("/concerns/mine/<public_id>", can="concerns.reported", of=queries.reported_by)
def reported(concern: Concern) -> Any:
    """One of them, in one's own words."""
    return page(concern=concern, kinds=KINDS, severities=SEVERITIES, shows_owner=queries.shows_owner(concern))


@concerns.get("/concerns", can="concerns.queue", nav="Concerns")
def queue() -> Any:
    """Those that one may read: what waits for an owner first, by its clock."""
    return page(**_list(are_closed=False))


@concerns.get("/concerns/closed", can="concerns.closed")
def closed() -> Any:
    """Those that have an outcome, the latest first."""
    return page(**_list(are_closed=True))


def _list(*, are_closed: bool) -> dict[str, Any]:
    rows, count = queries.waiting(who(), are_closed=are_closed, size=PAGE_SIZE, number=page_number())
    return {"rows": rows, "paging": paging(len(rows), count), "kinds": KINDS}


@concerns.get("/concerns/<public_id>", can="concerns.concern", of=queries.concern_visible_to)
def concern(concern: Concern) -> Any:
    """What was told, its clock, what was done. That a restricted one is read is written down first."""
    if concern.is_restricted:
        note_reads((Concern.__tablename__, concern.id, "words"), actor=who(), now=now())
    concern = queries.with_words(concern.id)
    return page(
        concern=concern,
        kinds=KINDS,
        severities=SEVERITIES,
        can={verb: site().abilities[f"concerns.{verb}"](who(), concern, now()) for verb in VERBS},
        may_pause=site().abilities["placing.pause"](who(), concern.placement, now()),
        happened=timeline(concern, who(), now(), site().abilities),
    )


@concerns.form("/concerns/<public_id>/own", can="concerns.own", of=queries.concern_visible_to)
def own(concern: Concern) -> Any:
    """Take it on."""
    form = ConfirmForm()
    if form.accepted():
        actions.own(concern, actor=who(), now=now())
        flash("It is yours. Whoever told it knows that somebody owns it.", "success")
        return _to(concern)
    return page(form=form, concern=concern)


@concerns.form("/concerns/<public_id>/note", can="concerns.note", of=queries.concern_visible_to)
def note(concern: Concern) -> Any:
    """Keep what was done."""
    form = forms.NoteForm()
    if form.accepted():
        actions.note(concern, form.text.data, form.form_key.data, actor=who(), now=now())
        flash("The note is kept.", "success")
        return _to(concern)
    return page(form=form, concern=concern)


@concerns.form("/concerns/<public_id>/pass-on", can="concerns.pass_on", of=queries.concern_visible_to)
def pass_on(concern: Concern) -> Any:
    """Give it to somebody else, with the reason."""
    form, people = forms.PassOnForm(), queries.could_take_over(concern, now())
    form.offer(people)
    if people and form.accepted():
        to = next(person for person in people if person.public_id == form.to.data)
        actions.pass_on(concern, to.id, form.reason.data, form.form_key.data, actor=who(), now=now())
        flash(f"{to.name} owns it now.", "success")
        return redirect(url_for("concerns.queue"))  # it may not be theirs to read any more
    return page(form=form, concern=concern, people=people)


@concerns.form("/concerns/<public_id>/resolve", can="concerns.resolve", of=queries.concern_visible_to)
def resolve(concern: Concern) -> Any:
    """Close it with what came of it."""
    form = forms.ResolveForm()
    if form.accepted():
        actions.resolve(concern, form.outcome.data, actor=who(), now=now())
        flash("It is closed.", "success")
        return _to(concern)
    return page(form=form, concern=concern, shows_owner=queries.shows_owner(concern))


@concerns.form("/concerns/<public_id>/refer", can="concerns.refer", of=queries.concern_visible_to)
def refer(concern: Concern) -> Any:
    """Close it with whoever outside looks after it now."""
    form = forms.ReferForm()
    if form.accepted():
        actions.refer(concern, form.to.data, form.outcome.data, actor=who(), now=now())
        flash("It is closed.", "success")
        return _to(concern)
    return page(form=form, concern=concern, shows_owner=queries.shows_owner(concern))


@concerns.form("/concerns/<public_id>/stop", can="concerns.stop", of=queries.concern_visible_to)
def stop(concern: Concern) -> Any:
    """Pause its placement at once, under the neutral word."""
    form = ConfirmForm()
    if form.accepted():
        actions.stop(concern, actor=who(), now=now())
        flash("The placement is paused.", "success")
        return _to(concern)
    return page(form=form, concern=concern)


@concerns.form("/concerns/<public_id>/let-go-on", can="concerns.let_go_on", of=queries.concern_visible_to)
def let_go_on(concern: Concern) -> Any:
    """Let a placement go on that safeguarding paused."""
    form = ConfirmForm()
    if form.accepted():
        actions.let_go_on(concern, actor=who(), now=now())
        flash("The placement goes on.", "success")
        return _to(concern)
    return page(form=form, concern=concern)


def _to(concern: Concern) -> Response:
    return redirect(url_for("concerns.concern", public_id=concern.public_id))
