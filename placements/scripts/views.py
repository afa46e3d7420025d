"""Scripts of a run: how far marking is, who marks which, sharing them out; what a mark was, and its evidence."""

from typing import Any

from flask import flash, redirect, url_for

from placements.assessment.evidence import logbook_behind
from placements.assessment.models import Mark
from placements.assessment.policy import leads
from placements.cohorts.models import Component, ModuleRun
from placements.cohorts.queries import run_of
from placements.core.errors import Refused
from placements.logbook.ledger import WHY_NOT
from placements.logbook.queries import MODES
from placements.marking.queries import mark_of
from placements.scripts import actions, progress, queries
from placements.scripts.earlier import versions_of
from placements.scripts.forms import GiveForm, ShareForm, SharesForm
from placements.web.area import Area, page
from placements.web.filters import count
from placements.web.lists import page_of, paging
from placements.web.site import now, site, who

scripts = Area("scripts", __name__)


@scripts.get("/runs/<public_id>/marking", can="scripts.run", of=run_of)
def run(run: ModuleRun) -> Any:
    """How far each component is, by marker."""
    return page(run=run, found=progress.progress_of(run, now()))


@scripts.get("/components/<public_id>/scripts", can="scripts.component", of=queries.component_led)
def component(component: Component) -> Any:
    """Who marks which script, and which need another marker."""
    field = queries.field_of(component)
    shown = page_of(field.lines)
    has = {each.person: [line for line in field.lines if line.holder is each.person] for each in field.sharers}
    return page(component=component, field=field, has=has, rows=shown, paging=paging(len(shown), len(field.lines)))


@scripts.form("/components/<public_id>/scripts/shares", can="scripts.shares", of=queries.component_led)
def shares(component: Component) -> Any:
    """Say what each marker takes on."""
    field = queries.field_of(component)
    form = SharesForm.of(field)
    if form.accepted():
        actions.set_shares(field, form.said(), actor=who(), now=now())
        flash("Saved. It counts when you share the scripts out.", "success")
        return redirect(url_for("scripts.share", public_id=component.public_id))
    return page(form=form, component=component)


@scripts.form("/components/<public_id>/scripts/share", can="scripts.share", of=queries.component_led)
def share(component: Component) -> Any:
    """Look at who would mark what, then do it."""
    form = ShareForm()
    if form.accepted():
        moved = actions.share_out(component, seen=form.seen.data or "", actor=who(), now=now())
        flash(f"{count(moved, 'script has', 'scripts have')} a new marker.".capitalize(), "success")
        return redirect(url_for("scripts.component", public_id=component.public_id))
    proposal = queries.proposal_of(queries.field_of(component))
    form.seen.data = proposal.seen
    return page(form=form, component=component, proposal=proposal)


@scripts.form("/marking/<public_id>/marker", can="scripts.give", of=mark_of)
def give(mark: Mark) -> Any:
    """Choose one script's marker by hand."""
    found = queries.line_of(mark)
    if found is None:
        raise Refused("Nothing was handed in here to be marked.")
    field, line = found
    form = GiveForm(field, line)
    if form.accepted():
        marker = form.known[form.marker.data]
        actions.give(mark, marker, form.reason.data, actor=who(), now=now())
        flash(f"{marker.name} marks it.", "success")
        return redirect(url_for("scripts.component", public_id=mark.component.public_id))
    return page(form=form, line=line)


@scripts.get("/marking/<public_id>/versions", can="scripts.versions", of=mark_of)
def versions(mark: Mark) -> Any:
    """What a mark was, and what each version changed."""
    called = mark.enrolment.person.name if leads(who(), mark, now()) else mark.called
    return page(given=mark, called=called, versions=versions_of(mark))


@scripts.get("/marking/<public_id>/logbook", can="scripts.logbook", of=queries.evidence_of)
def logbook(mark: Mark) -> Any:
    """The logbook as it was handed in with what is marked, for its marker, who need not tutor the student."""
    book = logbook_behind(mark)
    assert book is not None
    opens = site().abilities["marking.mark"](who(), mark, now())
    words = {"MODES": MODES, "WHY_NOT": WHY_NOT}
    return page(given=mark, snapshot=book.snapshot, frozen=book, opens=opens, shows_reflections=True, **words)
