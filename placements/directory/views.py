"""Pages by which the engagement team brings organisations in, and makes one of two."""

from functools import partial
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from placements.core.clock import today
from placements.core.errors import NotAllowed
from placements.directory import adding, forms, importing, merging, passing_on
from placements.directory import doubles as alike
from placements.directory.imports import look
from placements.directory.loads import sent_out
from placements.directory.models import PartnerImport
from placements.directory.sheet import HEADINGS, NEEDED, SAMPLE
from placements.enquiries.queries import open_routes
from placements.files.actions import keep_sheet
from placements.files.queries import sheet_of, sheets_of
from placements.partners.models import SIZES, TYPES, Organisation
from placements.partners.policy import has_no_side
from placements.partners.queries import OrganisationSearch, current_contacts, organisation_of
from placements.web.area import Area, page, prepared
from placements.web.sheets import csv_download
from placements.web.site import now, who
from placements.web.uploads import posted_sheet

SHOWN = 100  # of one kind of line on a preview
WORDS = {"types": TYPES, "sizes": SIZES}

directory = Area("directory", __name__)


def _to(organisation: Organisation) -> BaseResponse:
    """On to the organisation's page."""
    return redirect(url_for("home.organisation", public_id=organisation.public_id))


@directory.form("/organisations/new", can="directory.add_organisation")
def add_organisation() -> Any:
    """One that did not write to us itself."""
    form = forms.NewOrganisationForm()
    if form.accepted():
        facts = {name: form[name].data for name in ("form_key", "name", "type", "borough")}
        added = adding.add_organisation(facts, form.somebody(), invites=form.invites.data, actor=who(), now=now())
        flash(f"{added.name} is added.", "success")
        return _to(added)
    return page(form=form)


@directory.get("/organisations/export.csv", can="directory.export_list")
def export_list() -> Any:
    """The organisations that the list shows, in the columns that an import reads, and a few more."""
    search = OrganisationSearch(**forms.ListFilters().values())
    return csv_download("Organisations", *sent_out(who(), search, today(now())))


def _posted() -> PartnerImport | None:
    return posted_sheet(importing.read_upload, "engagement", "Choose the list")


@directory.form("/organisations/import", can="directory.upload_list", prepare=_posted)
def upload_list() -> Any:
    """Choose a list; nothing changes yet."""
    form = forms.UploadForm()
    if form.accepted():
        kept = keep_sheet(prepared(), actor=who(), now=now())
        return redirect(url_for("directory.apply_list", public_id=kept.public_id))
    earlier = sheets_of(PartnerImport, who())
    return page(form=form, headings=HEADINGS, needed=NEEDED, types=TYPES, sizes=SIZES, earlier=earlier)


@directory.get("/organisations/import/sample.csv", can="directory.sample_list")
def sample_list() -> Any:
    """Two lines that show what each column holds."""
    return csv_download("Sample list of organisations", list(HEADINGS.values()), SAMPLE)


@directory.form("/organisations/import/<public_id>", can="directory.apply_list", of=partial(sheet_of, PartnerImport))
def apply_list(upload: PartnerImport) -> Any:
    """What the list would change, and the button that does it; afterwards, what it did."""
    preview = look(upload) if upload.applied_at is None else None
    form = forms.apply_form(preview.preview.likely if preview else ())
    if form.accepted():
        said = form.fingerprint.data or ""
        importing.apply_list(upload, form.choices(), fingerprint=said, actor=who(), now=now())
        flash("The list is imported. Nobody was written to.", "success")
        return redirect(url_for("directory.apply_list", public_id=upload.public_id))
    form.fingerprint.data = preview.fingerprint if preview else ""
    return page(form=form, upload=upload, preview=preview and preview.preview, shown=SHOWN, headings=HEADINGS)


@directory.get("/organisations/doubles", can="directory.doubles")
def doubles() -> Any:
    """Those that may be there twice."""
    pairs, count = alike.likely_pairs()
    mine = who().held_on("contact", "interest")
    return page(pairs=pairs, count=count, mine=mine)


@directory.form("/organisations/<public_id>/merge", can="directory.merge", of=organisation_of)
def merge(organisation: Organisation) -> Any:
    """Choose its double, see both beside each other, then make one of the two."""
    other = alike.other_of(who(), request.args.get("with", ""))
    if other is None or other.id == organisation.id:
        search = forms.FindDouble()
        named = search.values()["named"]
        found = alike.others_found(who(), organisation, named) if named else ()
        likely, apart = alike.doubles_of(organisation), alike.kept_apart_from(organisation)
        said = {"search": search, "named": named, "found": found, "likely": likely, "apart": apart}
        return page(organisation=organisation, other=None, **said)
    if not has_no_side(who(), other.id):
        raise NotAllowed
    form = forms.MergeForm(organisation, other)
    if form.accepted():
        stays, double = form.chosen()
        name = double.name
        merging.merge(stays, double, actor=who(), now=now())
        flash(f"{name} is part of this record now.", "success")
        return _to(stays)
    both = (organisation, other)
    return page(form=form, organisation=organisation, other=other, both=both, moves=alike.what_moves(both), **WORDS)


@directory.post("/organisations/<public_id>/not-the-same", can="directory.keep_apart", of=organisation_of)
def keep_apart(organisation: Organisation) -> Any:
    """Remember that this one and another are two."""
    other = alike.other_of(who(), request.form.get("other", ""))
    if other is not None and other.id != organisation.id:
        merging.keep_apart(organisation, other, actor=who(), now=now())
        flash(f"{organisation.name} and {other.name} are kept apart.", "success")
    return redirect(url_for("directory.doubles"))


@directory.form("/organisations/<public_id>/pass-on", can="directory.pass_on", of=organisation_of)
def pass_on(organisation: Organisation) -> Any:
    """Ask another part of the university to help."""
    form = forms.PassOnForm(open_routes(), current_contacts(organisation.id))
    if form.contacts and form.accepted():
        said = {"words": form.words.data, "instead": form.somebody(), "note": form.note.data}
        route, asker = form.routes[form.route.data], form.contacts[form.asker.data]
        passed = passing_on.pass_on(organisation, route, asker, **said, actor=who(), now=now())
        flash(f"{passed.receiver.name} is asked to say that they have it. {asker.person.name} is told.", "success")
        return _to(organisation)
    return page(form=form, organisation=organisation)
