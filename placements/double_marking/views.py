"""Pages of second marking: one's own, the two marks beside each other, and a run's as its leader sees it."""

from typing import Any

from flask import flash, redirect, url_for

from placements.assessment.evidence import agreement_of, hours_behind, logbook_behind
from placements.assessment.models import Mark
from placements.assessment.queries import marking_due_at
from placements.cohorts.models import Component, ModuleRun
from placements.cohorts.queries import run_of
from placements.double_marking import actions, forms, queries, rules
from placements.double_marking.models import SecondMark, Settlement
from placements.double_marking.rules import Judgement
from placements.double_marking.workflow import Role
from placements.feedback.queries import on_placements
from placements.specification.queries import component_of
from placements.web.area import Area, page
from placements.web.filters import count
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

double_marking = Area("double_marking", __name__)


def _may(verb: str, thing: Any) -> bool:
    return site().abilities[f"double_marking.{verb}"](who(), thing, now())


def _to_compare(mark: Mark) -> Any:
    return redirect(url_for("double_marking.compare", public_id=mark.public_id))


@double_marking.get("/second-marking", can="double_marking.desk", nav="Second marking")
def desk() -> Any:
    """The marks that one is asked for as second or third marker, and those to agree on."""
    rows, total = queries.desk(who(), PAGE_SIZE, page_number())
    return page(rows=rows, paging=paging(len(rows), total), to_agree=queries.to_talk_about(who()))


@double_marking.form("/second-marking/<public_id>", can="double_marking.mark", of=queries.second_of)
def mark(second: SecondMark) -> Any:
    """The evidence beside the rubric: save a draft, or submit the mark. Nothing of the first is read."""
    form = forms.SecondMarkForm.of(second)
    if form.accepted():
        act = actions.submit if form.is_final.data else actions.save_draft
        judgement = Judgement(form.scores(), form.feedback.data or "")
        act(second, judgement, seen=form.seen, actor=who(), now=now())
        flash("Your mark is submitted." if form.is_final.data else "The draft is saved.", "success")
        if not form.is_final.data:
            return redirect(url_for("double_marking.mark", public_id=second.public_id))
        return _to_compare(second.mark) if _may("compare", second.mark) else redirect(url_for("double_marking.desk"))
    work = second.mark
    book = logbook_behind(work)
    theirs = second if form.seen != second.version else None
    form.version.data = str(second.version)
    both = [each for each in queries.others_of(work) if each.role is Role.SECOND] if second.role is Role.THIRD else []
    first = queries.compared(who(), work.public_id) if both else None
    return page(
        form=form,
        second=second,
        theirs=theirs,
        first=first,
        first_mark=queries.scored(first) if first else None,
        other=both[0] if both else None,
        due_at=marking_due_at(work.component, work.submission),
        agreement=agreement_of(work),
        book=book,
        hours=book.totals if book else hours_behind(work),
        feedback=() if work.is_nameless else on_placements([each.id for each in work.placements]),
        name_of=work.nameless_name if work.is_nameless else None,
    )


@double_marking.post("/second-marking/<public_id>/reopen", can="double_marking.reopen", of=queries.second_of)
def reopen(second: SecondMark) -> Any:
    """Change a second mark while the first is not in."""
    actions.reopen(second, actor=who(), now=now())
    flash("Your mark is a draft again. Submit it when you have changed it.", "success")
    return redirect(url_for("double_marking.mark", public_id=second.public_id))


@double_marking.get("/marks/<public_id>/both", can="double_marking.compare", of=queries.compared)
def compare(mark: Mark) -> Any:
    """Both marks beside each other, what was proposed, and what comes next."""
    second, *third = queries.others_of(mark)
    proposed = queries.settlements_of(mark)
    return page(
        given=mark,
        first=queries.scored(mark),
        second=second,
        third=third[0] if third else None,
        proposed=proposed,
        leads=who().has("leader", mark.enrolment.run_id),
        verbs={verb: _may(verb, mark) for verb in ("propose", "ask_third")},
        may_answer={each.id: _may("agree", each) for each in proposed},
    )


@double_marking.form("/marks/<public_id>/both/propose", can="double_marking.propose", of=queries.compared)
def propose(mark: Mark) -> Any:
    """Propose the mark for both."""
    form = forms.ProposeForm()
    second = queries.others_of(mark)[0]
    if form.accepted():
        actions.propose(mark, form.given.data, form.reason.data, actor=who(), now=now())
        flash("Proposed. The other marker is written to now.", "success")
        return _to_compare(mark)
    return page(form=form, given=mark, first=queries.scored(mark), second=second)


@double_marking.post("/proposed-marks/<public_id>/agree", can="double_marking.agree", of=queries.settlement_of)
def agree(settlement: Settlement) -> Any:
    """Agree to what the other proposed."""
    actions.agree(settlement, actor=who(), now=now())
    flash(f"Agreed: {settlement.given}. It is the mark of both now.", "success")
    return _to_compare(settlement.mark)


@double_marking.form("/proposed-marks/<public_id>/decline", can="double_marking.decline", of=queries.settlement_of)
def decline(settlement: Settlement) -> Any:
    """Say why not."""
    form = forms.DeclineForm()
    if form.accepted():
        actions.decline(settlement, form.answer.data, actor=who(), now=now())
        flash("Said. Either of you can propose another mark; the module leader can ask a third marker.", "success")
        return _to_compare(settlement.mark)
    return page(form=form, settlement=settlement, given=settlement.mark)


@double_marking.form("/marks/<public_id>/both/third", can="double_marking.ask_third", of=queries.compared)
def ask_third(mark: Mark) -> Any:
    """Choose who settles it."""
    able = queries.field_of(mark.component, mark).able(mark)
    form = forms.MarkerForm()
    form.offer(able)
    if form.accepted():
        chosen = next(each for each in able if each.public_id == form.marker.data)
        actions.ask_third(mark, chosen.id, actor=who(), now=now())
        flash(f"{chosen.name} is asked by email.", "success")
        return _to_compare(mark)
    return page(form=form, given=mark)


@double_marking.get("/runs/<public_id>/second-marking", can="double_marking.overview", of=run_of)
def overview(run: ModuleRun) -> Any:
    """Every script that is marked twice, how far it is, and what comes next."""
    components = queries.double_marked(run)
    return page(
        run=run,
        parts=[(each, queries.lines_of(each, who())) for each in components],
        stages=queries.STAGES,
    )


@double_marking.form("/components/<public_id>/second-markers", can="double_marking.allot", of=component_of)
def allot(component: Component) -> Any:
    """Give each script that has none a second marker; the fairest choice stands in the form."""
    field = queries.field_of(component)
    able = {each: field.able(each) for each in field.marks}
    form = forms.AllotForm.of(able, _shared_out(field))
    if form.accepted():
        scripts = {each.public_id: each.id for each in field.marks}
        people = {each.public_id: each.id for each in field.markers}
        chosen = {scripts[script]: people[person] for script, person in form.chosen().items()}
        done = actions.allot(component, chosen, actor=who(), now=now())
        flash(f"{count(done, 'script')} allotted. The markers are written to now.", "success")
        return redirect(url_for("double_marking.overview", public_id=component.run.public_id))
    loads = [(each, field.loads.get(each.id, 0)) for each in field.markers]
    return page(form=form, component=component, able=able, loads=loads)


def _shared_out(field: queries.Field) -> dict[str, str | None]:
    names = {each.id: each.public_id for each in field.markers}
    return rules.shared_out(
        {each.public_id: {names[key] for key in field.barred[each.id] if key in names} for each in field.marks},
        [*names.values()],
        {names[key]: load for key, load in field.loads.items() if key in names},
    )


@double_marking.form("/second-marking/<public_id>/marker", can="double_marking.hand_on", of=queries.second_of)
def hand_on(second: SecondMark) -> Any:
    """Give a second or third mark to another marker."""
    able = queries.field_of(second.mark.component, second.mark).able(second.mark)
    form = forms.MarkerForm()
    form.offer([each for each in able if each.id != second.marker_id])
    if form.accepted():
        chosen = next(each for each in able if each.public_id == form.marker.data)
        actions.hand_on(second, chosen.id, actor=who(), now=now())
        flash(f"{chosen.name} marks it now, and is written to.", "success")
        return redirect(url_for("double_marking.overview", public_id=second.enrolment.run.public_id))
    return page(form=form, second=second)
