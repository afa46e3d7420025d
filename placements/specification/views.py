"""Pages of how a run is assessed: the rules of each component and its rubric, to read and to change."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, url_for

from placements.cohorts.models import Component, Criterion, ModuleRun
from placements.cohorts.queries import run_of
from placements.core.csv_out import csv_text
from placements.core.errors import Refused
from placements.core.sheets import MAX_BYTES
from placements.history.queries import timeline
from placements.specification import actions, forms, queries
from placements.specification.rules import BANDS, Line
from placements.specification.sheet import HEADINGS, RubricSheet, cells_of, compare, preset_of, read_rubric
from placements.web.area import Area, page, prepared
from placements.web.sheets import csv_download
from placements.web.site import now, site, who

specification = Area("specification", __name__)

VERBS = ("edit_settings", "edit_deadline", "edit_rubric", "import_rubric", "export_rubric")
LEVELS = (5, 6)
SHOWN = 50  # lines of a file that cannot be used
FILE, SHEET, PRESET = "file", "sheet", "preset"


def _to(component: Component) -> Any:
    return redirect(url_for("specification.component", public_id=component.public_id))


def _to_rules(run: ModuleRun) -> Any:
    return redirect(url_for("specification.rules", public_id=run.public_id))


@specification.get("/components/<public_id>", can="specification.component", of=queries.component_of)
def component(component: Component) -> Any:
    """A component of the assessment: what it counts, by which rules and rubric it is marked."""
    can = {verb: site().abilities[f"specification.{verb}"](who(), component, now()) for verb in VERBS}
    leads = site().abilities["cohorts.edit_dates"](who(), component, now())
    return page(
        component=component,
        settings=queries.settings_of(component),
        bands=BANDS,
        can=can,
        leads=leads,
        leads_back=site().abilities["cohorts.run"](who(), component, now()),
        happened=timeline(component, who(), now(), site().abilities, most=10) if leads else [],
    )


@specification.get("/runs/<public_id>/assessment-rules", can="specification.rules", of=run_of)
def rules(run: ModuleRun) -> Any:
    """The rules of a run's assessment on one page."""
    verbs = ("edit_weights", "edit_shortfall")
    can = {verb: site().abilities[f"specification.{verb}"](who(), run, now()) for verb in verbs}
    settings = {each.id: queries.settings_of(each) for each in run.components}
    return page(run=run, settings=settings, can=can, leads=who().has("leader", run.id))


@specification.form("/runs/<public_id>/weights", can="specification.edit_weights", of=run_of)
def edit_weights(run: ModuleRun) -> Any:
    """Change what each component counts, while the run is planned."""
    form = forms.WeightsForm(data={part.kind.value: part.weight for part in run.components})
    if form.accepted():
        actions.set_weights(run, form.weights(), actor=who(), now=now())
        flash("The weights are saved.", "success")
        return _to_rules(run)
    return page(form=form, run=run)


@specification.form("/runs/<public_id>/shortfall", can="specification.edit_shortfall", of=run_of)
def edit_shortfall(run: ModuleRun) -> Any:
    """Say what too few confirmed hours do to a result."""
    form = forms.ShortfallForm.of(run)
    if form.accepted():
        actions.set_shortfall(run, form.shortfall.data, actor=who(), now=now())
        flash("What too few hours do is saved.", "success")
        return _to_rules(run)
    return page(form=form, run=run)


@specification.form("/components/<public_id>/rules", can="specification.edit_settings", of=queries.component_of)
def edit_settings(component: Component) -> Any:
    """Change how a component is marked."""
    form = forms.settings_form(component)
    if form.accepted():
        wanted = form.settings(queries.settings_of(component))
        actions.set_settings(component, wanted, seen=form.seen.data or "", actor=who(), now=now())
        flash("The rules are saved.", "success")
        return _to(component)
    is_overtaken = form.is_submitted() and form.seen.data != queries.seen_settings(component)
    form.seen.data = queries.seen_settings(component)
    theirs = queries.settings_of(component) if is_overtaken else None
    return page(form=form, component=component, theirs=theirs)


@specification.form("/components/<public_id>/deadline", can="specification.edit_deadline", of=queries.component_of)
def edit_deadline(component: Component) -> Any:
    """Change how long after being placed the Challenge Agreement is due."""
    form = forms.DeadlineForm(data={"days": component.days_after_placing})
    if form.accepted():
        actions.set_days_after_placing(component, form.days.data, actor=who(), now=now())
        flash("The deadline is saved.", "success")
        return _to(component)
    return page(form=form, component=component)


@specification.form("/components/<public_id>/rubric", can="specification.edit_rubric", of=queries.component_of)
def edit_rubric(component: Component) -> Any:
    """Add, change, order and take out a component's criteria."""
    form = forms.rubric_form(component)
    if form.accepted():
        actions.set_rubric(component, form.wanted(), seen=form.seen.data or "", actor=who(), now=now())
        flash("The rubric is saved. Check what the bands of each criterion show.", "success")
        return _to(component)
    is_overtaken = form.is_submitted() and form.seen.data != queries.seen_rubric(component)
    form.seen.data = queries.seen_rubric(component)
    return page(form=form, component=component, is_overtaken=is_overtaken)


@specification.form("/criteria/<public_id>", can="specification.edit_criterion", of=queries.criterion_of)
def edit_criterion(criterion: Criterion) -> Any:
    """Say what work of each band shows, for one criterion."""
    form = forms.bands_form(criterion)
    if form.accepted():
        actions.set_bands(criterion, form.bands(), seen=form.seen.data or "", actor=who(), now=now())
        flash(f"“{criterion.title}” is saved.", "success")
        return _to(criterion.component)
    is_overtaken = form.is_submitted() and form.seen.data != queries.seen_bands(criterion)
    form.seen.data = queries.seen_bands(criterion)
    return page(form=form, criterion=criterion, bands=BANDS, is_overtaken=is_overtaken)


def _posted() -> tuple[str, bytes]:
    """Where the rubric is to come from, with its bytes: a chosen file first, then a preset, then what was seen."""
    sent = request.files.get(FILE)
    if sent is not None and sent.filename:
        data = sent.read(MAX_BYTES + 1)
        sent.close()
        return FILE, data
    if request.form.get(PRESET):
        return PRESET, b""
    return SHEET, request.form.get(SHEET, "").encode("utf-8", "replace")


@specification.form(
    "/components/<public_id>/rubric/import",
    can="specification.import_rubric",
    of=queries.component_of,
    prepare=_posted,
)
def import_rubric(component: Component) -> Any:
    """Put a file's rubric, or a preset, in the place of the one that is there, after a look at what that changes."""
    form, found = forms.ImportForm(), None
    source, data = prepared() if request.method == "POST" else (FILE, b"")
    is_accepted = form.accepted()
    if is_accepted or (source == SHEET and data):  # what was looked at is shown again where it is refused
        found = _found(component, source, data)
        if is_accepted and source == SHEET and not found.errors:
            lines = list(found.lines)
            actions.replace_rubric(component, lines, seen=form.seen.data or "", actor=who(), now=now())
            flash("The rubric is in place.", "success")
            return _to(component)
    changes = compare(queries.rubric_of(component), found.lines) if found and not found.errors else []
    form.keep(*(_carried(component, found.lines) if found and changes else ("", "")))
    return page(
        form=form, component=component, found=found, changes=changes, headings=HEADINGS, levels=LEVELS, shown=SHOWN
    )


def _found(component: Component, source: str, data: bytes) -> RubricSheet:
    if source == PRESET:
        level = next((each for each in LEVELS if str(each) == request.form[PRESET]), component.run.level)
        return RubricSheet(tuple(preset_of(component.kind, level)))
    if source == SHEET and not data:
        raise Refused("Choose the file of a rubric, or take a preset.", FILE)
    try:
        return read_rubric(data, takes_logbook=queries.takes_logbook(component))
    except Refused as refused:
        raise Refused(refused.sentence, FILE) from refused


def _carried(component: Component, lines: Sequence[Line]) -> tuple[str, str]:
    return csv_text(list(HEADINGS.values()), cells_of(lines)), queries.seen_replacing(component, lines)


@specification.get("/components/<public_id>/rubric.csv", can="specification.export_rubric", of=queries.component_of)
def export_rubric(component: Component) -> Any:
    """The rubric as a sheet."""
    name = f"Rubric {component.run.title} {component.kind.value}"
    return csv_download(name, list(HEADINGS.values()), cells_of(queries.rubric_of(component)))
