"""Pages of memoranda; the area itself is declared here."""

from typing import Any

from flask import Response, abort, flash, redirect, request, url_for

from placements.accounts.queries import person_of
from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.seen import fingerprint
from placements.files.actions import Received, receive
from placements.files.kinds import ACCEPT
from placements.files.serving import send
from placements.partners.models import Organisation
from placements.vetting import forms, queries
from placements.vetting import memoranda as verbs
from placements.vetting.models import Memorandum
from placements.vetting.workflow import MemorandumState
from placements.web.area import Area, page, prepared
from placements.web.forms import ConfirmForm
from placements.web.site import now, site, who

vetting = Area("vetting", __name__)


@vetting.context_processor
def words() -> dict[str, Any]:
    """What every page of the area asks."""

    def is_theirs(organisation: Organisation) -> bool:
        return who().has("contact", organisation.id)

    def may(verb: str, thing: Any) -> bool:
        return site().abilities[f"vetting.{verb}"](who(), thing, now())

    return {"is_theirs": is_theirs, "may": may}


def to_memoranda(organisation: Organisation) -> Any:
    """On to the organisation's memoranda."""
    return redirect(url_for("vetting.memoranda", public_id=organisation.public_id))


def _paper() -> Received | None:
    file = request.files.get("file")
    if file is None or not file.filename or not who().has_any("engagement"):
        return None
    try:
        return receive(file)
    except Refused as refusal:
        raise Refused(refusal.sentence, "file") from refusal


@vetting.get("/organisations/<public_id>/memorandum", can="vetting.memoranda", of=queries.organisation_of)
def memoranda(organisation: Organisation) -> Any:
    """Every version of the memorandum, the newest first."""
    rows = queries.memoranda_of(organisation)
    return page(
        organisation=organisation,
        rows=rows,
        today=today(now()),
        has_draft=any(each.state is MemorandumState.DRAFT for each in rows),
    )


@vetting.form("/organisations/<public_id>/memorandum/new", can="vetting.draft_memorandum", of=queries.organisation_of)
def draft_memorandum(organisation: Organisation) -> Any:
    """A new version, from the last one's text or from ours."""
    latest = next(iter(queries.memoranda_of(organisation)), None)
    form = forms.MemorandumForm(data={"text": latest.text if latest else verbs.proposed(organisation)})
    if form.accepted():
        made = verbs.draft(organisation, form.text.data, form_key=form.form_key.data, actor=who(), now=now())
        flash("The draft is saved. Send it to them, and note here when both have signed.", "success")
        return redirect(url_for("vetting.memorandum", public_id=made.public_id))
    return page(form=form, organisation=organisation)


@vetting.get("/memoranda/<public_id>", can="vetting.memorandum", of=queries.memorandum_of)
def memorandum(memorandum: Memorandum) -> Any:
    """One version, to read and to print."""
    return page(memorandum=memorandum, organisation=memorandum.organisation, today=today(now()))


@vetting.form("/memoranda/<public_id>/edit", can="vetting.edit_memorandum", of=queries.memorandum_of)
def edit_memorandum(memorandum: Memorandum) -> Any:
    """Change a draft."""
    form = forms.MemorandumForm(obj=memorandum)
    if form.accepted():
        verbs.edit(memorandum, form.text.data, seen=form.seen.data, actor=who(), now=now())
        flash("The draft is saved.", "success")
        return redirect(url_for("vetting.memorandum", public_id=memorandum.public_id))
    form.seen.data = fingerprint(memorandum.text)
    return page(form=form, memorandum=memorandum, organisation=memorandum.organisation)


@vetting.form("/memoranda/<public_id>/sign", can="vetting.sign_memorandum", of=queries.memorandum_of, prepare=_paper)
def sign_memorandum(memorandum: Memorandum) -> Any:
    """Note that both have signed."""
    form = forms.SignForm.of(memorandum, today(now()), person_of(who()))
    if form.accepted():
        said = {name: value for name, value in form.answers().items() if name != "file"}
        verbs.sign(memorandum, **said, file=prepared(), actor=who(), now=now())
        flash("The memorandum is signed.", "success")
        return to_memoranda(memorandum.organisation)
    return page(form=form, memorandum=memorandum, organisation=memorandum.organisation, accept=ACCEPT)


@vetting.form("/memoranda/<public_id>/end", can="vetting.end_memorandum", of=queries.memorandum_of)
def end_memorandum(memorandum: Memorandum) -> Any:
    """End a version, or put a draft away."""
    form = ConfirmForm()
    if form.accepted():
        verbs.end(memorandum, actor=who(), now=now())
        flash("It has ended.", "success")
        return to_memoranda(memorandum.organisation)
    return page(form=form, memorandum=memorandum, organisation=memorandum.organisation)


@vetting.get("/memoranda/<public_id>/paper", can="vetting.download_memorandum", of=queries.memorandum_of)
def download_memorandum(memorandum: Memorandum) -> Response:
    """The signed paper."""
    if memorandum.file is None:
        abort(404)
    return send(memorandum.file)
