"""Pages of moderation: a run's as its leader sees it; a moderator's sample, and what becomes of the set."""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.assessment.evidence import agreement_of, hours_behind, logbook_behind
from placements.cohorts.models import Component, ModuleRun
from placements.cohorts.queries import run_of
from placements.cohorts.rules import ComponentKind
from placements.feedback.queries import on_placements
from placements.history.queries import timeline
from placements.moderation import actions, forms, queries
from placements.moderation.models import ModeratedMark, Moderation
from placements.specification.queries import component_of
from placements.web.area import Area, page
from placements.web.filters import count
from placements.web.site import now, site, who

moderation = Area("moderation", __name__)

VERBS = ("note", "ask", "close", "discard", "adjust", "settle", "send_back")


def _may(verb: str, thing: Any) -> bool:
    return site().abilities[f"moderation.{verb}"](who(), thing, now())


def _to(of: Moderation) -> Any:
    return redirect(url_for("moderation.show", public_id=of.public_id))


@moderation.get("/moderation", can="moderation.desk", nav="Moderation")
def desk() -> Any:
    """What one moderates."""
    return page(draws=queries.desk(who()))


@moderation.get("/runs/<public_id>/moderation", can="moderation.overview", of=run_of)
def overview(run: ModuleRun) -> Any:
    """How far moderation is with each component, and what comes next."""
    marked = [each for each in run.components if each.kind is not ComponentKind.FEEDBACK]
    return page(run=run, parts=queries.parts_of(run, marked))


@moderation.form("/components/<public_id>/moderation", can="moderation.draw", of=component_of)
def draw(component: Component) -> Any:
    """The rule, what would be drawn by it now, and who moderates."""
    asked = 2 if request.args.get("attempt") == "2" else None
    marks = queries.to_draw_from(component, asked)
    attempt = marks[0].attempt if marks else asked or 1
    people = queries.moderators(component.run_id)
    seed, _ = queries.seed_of(component, attempt)
    new = queries.first_timers(component.run_id, [each.marker_id for each in marks if each.marker_id])
    sample = queries.sample_of(component, marks, new, seed)
    able = queries.able(people, [each for each in marks if each.public_id in sample])
    form = forms.DrawForm()
    form.offer(able)
    if form.accepted():
        ids = {each.public_id: each.id for each in people}
        made = actions.draw(component, ids[form.moderator.data], attempt=attempt, actor=who(), now=now())
        flash(f"Drawn: {count(len(made.sample), 'script')}. The moderator is written to now.", "success")
        return _to(made)
    return page(
        form=form,
        component=component,
        attempt=attempt,
        marks=marks,
        sample=sample,
        people=people,
        able=able,
        rule=queries.rule_of(component),
        seed=seed,
    )


@moderation.get("/moderation/<public_id>", can="moderation.show", of=queries.moderation_of)
def show(drawn: Moderation) -> Any:
    """The rule, the sample with the moderator's record, and what becomes of the set."""
    return page(
        drawn=drawn,
        can={verb: _may(verb, drawn) for verb in VERBS},
        leads=who().has("leader", drawn.run_id),
        left=[each for each in drawn.sample if each.agrees is None],
        happened=timeline(drawn, who(), now(), site().abilities),
    )


@moderation.form("/moderated-scripts/<public_id>", can="moderation.note", of=queries.script_of)
def note(script: ModeratedMark) -> Any:
    """One script beside its mark, and what its moderator thinks of it."""
    said = {} if script.agrees is None else {"agrees": "yes" if script.agrees else "no", "comment": script.comment}
    form = forms.NoteForm(data=said)
    if form.accepted():
        actions.note(script, form.agrees.data == "yes", form.comment.data or "", actor=who(), now=now())
        flash("Your record of this script is kept.", "success")
        return _to(script.moderation)
    work = script.mark
    book = logbook_behind(work)
    return page(
        form=form,
        script=script,
        work=work,
        agreement=agreement_of(work),
        book=book,
        hours=book.totals if book else hours_behind(work),
        feedback=() if work.is_nameless else on_placements([each.id for each in work.placements]),
        name_of=work.nameless_name if work.is_nameless else None,
    )


@moderation.form("/moderation/<public_id>/more", can="moderation.ask", of=queries.moderation_of)
def ask(drawn: Moderation) -> Any:
    """Take more scripts of the set into the sample."""
    others = {each.public_id: each for each in drawn.scripts if each.why is None}
    form = forms.AskForm()
    form.offer([*others.values()])
    if form.accepted():
        actions.ask(drawn, [others[each] for each in form.scripts.data], actor=who(), now=now())
        flash(f"{count(len(form.scripts.data), 'script')} taken into the sample.", "success")
        return _to(drawn)
    return page(form=form, drawn=drawn, others=others)


@moderation.form("/moderation/<public_id>/close", can="moderation.close", of=queries.moderation_of)
def close(drawn: Moderation) -> Any:
    """Say what is to become of the set."""
    form = forms.CloseForm()
    if form.accepted():
        actions.close(drawn, form.outcome.data, form.comment.data, actor=who(), now=now())
        flash("Moderation is closed. The module leader is written to now.", "success")
        return _to(drawn)
    return page(form=form, drawn=drawn)


@moderation.form("/moderation/<public_id>/discard", can="moderation.discard", of=queries.moderation_of)
def discard(drawn: Moderation) -> Any:
    """Call a draw off."""
    form = forms.ReasonForm()
    if form.accepted():
        actions.discard(drawn, form.reason.data, actor=who(), now=now())
        flash("The draw is called off. Markers can change their marks again.", "success")
        return _to(drawn)
    return page(form=form, drawn=drawn)


@moderation.form("/moderation/<public_id>/adjust", can="moderation.adjust", of=queries.moderation_of)
def adjust(drawn: Moderation) -> Any:
    """Choose points for a whole set, look at what they do, add them."""
    form = forms.AdjustForm()
    people = queries.markers_of(drawn)
    form.offer(people)
    looked_at = form.accepted()
    chosen = next((each for each in people if each.public_id == form.marker.data), None)
    marker_id = chosen.id if chosen else None
    if looked_at and form.seen.data:
        said = {"seen": form.seen.data, "actor": who(), "now": now()}
        done = actions.adjust(drawn, form.change, marker_id, form.reason.data, **said)
        flash(f"{count(done, 'mark')} adjusted.", "success")
        return _to(drawn)
    found = queries.changes(drawn, form.change, marker_id) if looked_at else []
    form.seen.data = actions.fingerprint_of(drawn) if looked_at else ""
    return page(
        form=form,
        drawn=drawn,
        chosen=chosen,
        is_check=looked_at,
        changes=found,
        before=queries.spread_of(each.before for each in found),
        after=queries.spread_of(each.after for each in found),
    )


@moderation.post("/moderation/<public_id>/settle", can="moderation.settle", of=queries.moderation_of)
def settle(drawn: Moderation) -> Any:
    """All adjustments are made: the marks may be released."""
    actions.settle(drawn, actor=who(), now=now())
    flash("Moderation is done. The marks can be released.", "success")
    return _to(drawn)


@moderation.form("/moderation/<public_id>/send-back", can="moderation.send_back", of=queries.moderation_of)
def send_back(drawn: Moderation) -> Any:
    """Give the set back to its markers."""
    form = forms.ReasonForm()
    if form.accepted():
        done = actions.send_back(drawn, form.reason.data, actor=who(), now=now())
        flash(f"{count(done, 'mark')} given back. Draw again once they are in.", "success")
        return _to(drawn)
    return page(form=form, drawn=drawn)
