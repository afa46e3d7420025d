"""Pages of an Agreement that goes round: check, send, sign, ask for changes, take back, and other dates."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, url_for

from placements.agreements.differences import differences_of
from placements.agreements.groups import group_of
from placements.agreements.models import Agreement
from placements.agreements.queries import (
    Papers,
    agreement_of,
    dates_of,
    document_of,
    holding,
    is_out_of_date,
    papers_of,
    signers,
)
from placements.agreements.rules import SHARED, missing
from placements.core.policy import Principal
from placements.links.actions import link_of
from placements.signing import actions, amending, forms, sending
from placements.signing.invitations import SIGN_BY_LINK, Invitation, invitation_of
from placements.signing.together import hash_of, waiting_with
from placements.web.area import PUBLIC, Area, page, token_here
from placements.web.forms import ConfirmForm
from placements.web.site import now, site, who

signing = Area("signing", __name__)


@signing.form("/placements/<public_id>/agreement/dates", can="signing.amend", of=papers_of)
def amend(papers: Papers) -> Any:
    """Send round other dates."""
    placement = papers.placement
    starts_on, ends_on = dates_of(placement, papers.open)
    form = forms.AmendForm(starts_on=starts_on, ends_on=ends_on)
    if form.accepted():
        version = amending.amend_dates(placement, **form.answers(), actor=who(), now=now())
        flash("The new dates wait to be signed. Until then the old ones hold.", "success")
        return redirect(url_for("agreements.version", public_id=version.public_id))
    return page(form=form, placement=placement, open=papers.open)


@signing.form("/agreements/<public_id>/check", can="signing.propose", of=agreement_of)
def propose(agreement: Agreement) -> Any:
    """Exactly what goes out, and to whom; then it does."""
    form = forms.ProposeForm()
    if form.accepted():
        sending.propose_together(agreement, seen=form.seen, actor=who(), now=now())
        flash("Sent for signing. Whoever has to sign is asked by email; sign now, and yours is done.", "success")
        return redirect(url_for("signing.sign", public_id=agreement.public_id))
    form.edit_version.data = str(agreement.edit_version)
    group = group_of(agreement.placement)
    return page(
        form=form,
        **document_of(agreement),
        missing=missing(agreement.content),
        problem=sending.problem_with_signing(agreement) or sending.problem_with_parts(group),
        with_parts=[part.placement.enrolment.person.name for part in sending.drafts_with(group)],
        holds=[signature.party for signature in holding(agreement)],
    )


@signing.form("/agreements/<public_id>/take-back", can="signing.take_back", of=agreement_of)
def take_back(agreement: Agreement) -> Any:
    """Take it out of signing, to change it."""
    form = ConfirmForm()
    if form.accepted():
        draft = actions.take_back(agreement, actor=who(), now=now())
        flash("Taken back. Whoever was asked to sign has been told that they need not.", "success")
        return redirect(url_for("agreements.edit", public_id=draft.public_id))
    return page(form=form, agreement=agreement, signers=signers(agreement))


@signing.form("/agreements/<public_id>/changes", can="signing.ask_for_changes", of=agreement_of)
def ask_for_changes(agreement: Agreement) -> Any:
    """Say what should change before one signs."""
    form = forms.ChangesForm()
    if form.accepted():
        actions.ask_for_changes(agreement, form.text.data, form.form_key.data, actor=who(), now=now())
        flash(f"{agreement.placement.enrolment.person.name} has been asked to change it.", "success")
        return redirect(url_for("agreements.version", public_id=agreement.public_id))
    return page(form=form, agreement=agreement)


@signing.form("/agreements/<public_id>/sign", can="signing.sign", of=agreement_of)
def sign(agreement: Agreement) -> Any:
    """Read it whole, and sign."""
    if agreement.signature_of_person(who().person_id):
        return redirect(url_for("agreements.version", public_id=agreement.public_id))
    form = forms.SignForm()
    if form.accepted():
        said = {"typed_name": form.typed_name.data, "address": request.remote_addr or ""}
        actions.sign_together(agreement, **said, seen=form.sha256.data or "", actor=who(), now=now())
        flash("You have signed the Challenge Agreement.", "success")
        return redirect(url_for("agreements.version", public_id=agreement.public_id))
    parts = waiting_with(agreement, who())
    form.sha256.data = hash_of(parts or [agreement])
    return page(
        form=form,
        **document_of(agreement),
        differences=differences_of(agreement),
        parts_to_sign=_shown(parts),
        can={"ask_for_changes": site().abilities["signing.ask_for_changes"](who(), agreement, now())},
        is_out_of_date=is_out_of_date(agreement),
    )


def invitation(who: Principal, token: str) -> Invitation | None:
    """What a supervisor's link is about, whether or not it still works."""
    link = link_of(SIGN_BY_LINK, token)
    return invitation_of(link) if link else None


@signing.form("/sign-agreement/<token>", can=PUBLIC, of=invitation)
def sign_by_link(invitation: Invitation) -> Any:
    """The supervisor reads it whole, and signs, without an account. GET changes nothing, whoever follows the link."""
    form = forms.SignForm()
    if invitation.can_sign(now()) and form.accepted():
        said = {"typed_name": form.typed_name.data, "address": request.remote_addr or ""}
        actions.sign_by_link(invitation, **said, seen=form.sha256.data, now=now())
        flash("You have signed the Challenge Agreement. Thank you.", "success")
        return redirect(request.path)
    parts = waiting_with(invitation.agreement, Principal(invitation.link.holder_id))
    form.sha256.data = hash_of(parts or [invitation.agreement])
    return page(form=form, parts_to_sign=_shown(parts), **_linked(invitation))


@signing.form("/sign-agreement/<token>/changes", can=PUBLIC, of=invitation)
def ask_by_link(invitation: Invitation) -> Any:
    """The supervisor says what should change before they sign."""
    form = forms.ChangesForm()
    if invitation.can_sign(now()) and form.accepted():
        actions.ask_by_link(invitation, form.text.data, form.form_key.data, now=now())
        flash("Thank you. The student has been asked to change it, and you get a new link when they have.", "success")
        return redirect(_here("signing.sign_by_link"))
    return page(form=form, **_linked(invitation))


@signing.form("/sign-agreement/<token>/new-link", can=PUBLIC, of=invitation, limit="20 per hour")
def new_link(invitation: Invitation) -> Any:
    """Send a fresh link to the address that the old one went to."""
    form = ConfirmForm()
    if form.accepted():
        actions.send_new_link(invitation, now=now())
        flash(f"A new link is on its way to {invitation.link.holder.email}.", "success")
        return redirect(_here("signing.sign_by_link"))
    return page(form=form, **_linked(invitation))


def _here(endpoint: str) -> str:
    """Another page of the same link."""
    return url_for(endpoint, **(request.view_args or {}))


def _shown(parts: Sequence[Agreement]) -> list[dict[str, Any]]:
    """Each part of a group's, as `signing/_together.html` shows it; none where there is only one."""
    return [{**document_of(each), "differences": differences_of(each)} for each in parts] if len(parts) > 1 else []


@signing.context_processor
def words() -> dict[str, Any]:
    """What every page of the area may ask."""
    return {"shared": SHARED}


def _linked(invitation: Invitation) -> dict[str, Any]:
    return {
        **document_of(invitation.agreement),
        "differences": differences_of(invitation.agreement),
        "invitation": invitation,
        "can_sign": invitation.can_sign(now()),
        "shows_text": invitation.shows_text(now()),
        "token": token_here(),
    }
