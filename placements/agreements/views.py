"""Pages of the Challenge Agreement: read, write, check, sign, and what waits for a tutor."""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.agreements import actions, amending, forms, queries, sending, signing
from placements.agreements.differences import differences_of
from placements.agreements.invitations import SIGN_BY_LINK, Invitation, invitation_of
from placements.agreements.models import Agreement
from placements.agreements.queries import Papers
from placements.agreements.rules import PARTS, missing, short
from placements.agreements.weeks import even_spread, fitted, mondays, open_weeks
from placements.cohorts.queries import closed_days
from placements.core.policy import Principal
from placements.links.actions import link_of
from placements.web.area import PUBLIC, Area, page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

agreements = Area("agreements", __name__)

VERBS = ("edit", "propose", "sign", "take_back", "ask_for_changes", "comment", "start", "amend")


@agreements.get("/agreements", can="agreements.queue", nav="Agreements")
def queue() -> Any:
    """What waits for one's signature first, then one's other students'."""
    lines, count = queries.queue(who(), PAGE_SIZE, page_number())
    return page(lines=lines, paging=paging(len(lines), count))


@agreements.get("/placements/<public_id>/agreement", can="agreements.agreement", of=queries.papers_of)
def agreement(papers: Papers) -> Any:
    """On to the version being worked on or in force; before there is one, what to do."""
    if papers.current:
        return redirect(url_for("agreements.version", public_id=papers.current.public_id))
    return page(placement=papers.placement, can=_open_to(papers, "start"))


@agreements.post("/placements/<public_id>/agreement/start", can="agreements.start", of=queries.papers_of)
def start(papers: Papers) -> Any:
    """Begin a version, or go on with the one that is begun."""
    agreement = actions.start(papers.placement, actor=who(), now=now())
    return redirect(url_for("agreements.edit", public_id=agreement.public_id))


@agreements.form("/placements/<public_id>/agreement/dates", can="agreements.amend", of=queries.papers_of)
def amend(papers: Papers) -> Any:
    """Send round other dates."""
    placement = papers.placement
    starts_on, ends_on = queries.dates_of(placement, papers.open)
    form = forms.AmendForm(starts_on=starts_on, ends_on=ends_on)
    if form.accepted():
        version = amending.amend_dates(placement, **form.answers(), actor=who(), now=now())
        flash("The new dates wait to be signed. Until then the old ones hold.", "success")
        return redirect(url_for("agreements.version", public_id=version.public_id))
    return page(form=form, placement=placement, open=papers.open)


@agreements.get("/agreements/<public_id>", can="agreements.version", of=queries.agreement_of)
def version(agreement: Agreement) -> Any:
    """One version, who has signed it, and what was said; made to be printed too."""
    placement = agreement.placement
    return page(
        **_document(agreement),
        differences=differences_of(agreement),
        can=_open_to(agreement, *VERBS),
        mine=agreement.signature_of_person(who().person_id),
        awaits=queries.awaited(agreement, placement),
        is_out_of_date=queries.is_out_of_date(agreement),
        versions=queries.versions_of(placement),
        comments=queries.comments_on(placement),
        form=forms.CommentForm(),
    )


@agreements.form("/agreements/<public_id>/edit", can="agreements.edit", of=queries.agreement_of)
def edit(agreement: Agreement) -> Any:
    """Write, and save at any time."""
    boxes = forms.DraftForm.boxes([each.text for each in agreement.objectives])
    form = forms.DraftForm(data={**agreement.words, **boxes, "edit_version": str(agreement.edit_version)})
    if form.accepted():
        actions.save_draft(agreement, form.words(), form.objectives(), seen=form.seen, actor=who(), now=now())
        if request.form.get("press") == "weeks":
            return redirect(url_for("agreements.weeks", public_id=agreement.public_id))
        flash("Your draft is saved.", "success")
        return redirect(url_for("agreements.edit", public_id=agreement.public_id))
    placement = agreement.placement
    return page(
        form=form,
        agreement=agreement,
        facts=queries.facts_of(agreement),
        placement=placement,
        parts=PARTS,
        boxes=forms.OBJECTIVES,
        other={**agreement.words, **boxes} if form.look_at(agreement) else None,
    )


@agreements.form("/agreements/<public_id>/weeks", can="agreements.edit", of=queries.agreement_of)
def weeks(agreement: Agreement) -> Any:
    """Plan the hours week by week; it begins with an even spread."""
    placement = agreement.placement
    dates, closed = queries.dates_of(placement, agreement), closed_days()
    planned = fitted(agreement.content.weeks, *dates, closed)
    if not planned or "even" in request.args:
        planned = even_spread(placement.minutes_agreed, *dates, closed)
    form = forms.weeks_form(mondays(*dates), planned, edit_version=str(agreement.edit_version))
    if form.accepted():
        actions.save_weeks(agreement, form.planned(), seen=form.seen, actor=who(), now=now())
        flash("The hours of each week are saved.", "success")
        return redirect(url_for("agreements.propose", public_id=agreement.public_id))
    form.look_at(agreement)
    return page(
        form=form,
        agreement=agreement,
        placement=placement,
        run=placement.enrolment.run,
        total=sum(form.planned().values()),
        open_weeks=[f"week_{monday.isoformat()}" for monday in open_weeks(*dates, closed)],
    )


@agreements.form("/agreements/<public_id>/check", can="agreements.propose", of=queries.agreement_of)
def propose(agreement: Agreement) -> Any:
    """Exactly what goes out, and to whom; then it does."""
    form = forms.ProposeForm()
    if form.accepted():
        sending.propose(agreement, seen=form.seen, actor=who(), now=now())
        flash("Sent for signing. Whoever has to sign is asked by email; sign now, and yours is done.", "success")
        return redirect(url_for("agreements.sign", public_id=agreement.public_id))
    form.look_at(agreement)
    return page(
        form=form,
        **_document(agreement),
        missing=missing(agreement.content),
        problem=sending.problem_with_signing(agreement),
        holds=[signature.party for signature in queries.holding(agreement)],
    )


@agreements.form("/agreements/<public_id>/take-back", can="agreements.take_back", of=queries.agreement_of)
def take_back(agreement: Agreement) -> Any:
    """Take it out of signing, to change it."""
    form = forms.ConfirmForm()
    if form.accepted():
        draft = actions.take_back(agreement, actor=who(), now=now())
        flash("Taken back. Whoever was asked to sign has been told that they need not.", "success")
        return redirect(url_for("agreements.edit", public_id=draft.public_id))
    return page(form=form, agreement=agreement, signers=queries.signers(agreement))


@agreements.form("/agreements/<public_id>/changes", can="agreements.ask_for_changes", of=queries.agreement_of)
def ask_for_changes(agreement: Agreement) -> Any:
    """Say what should change before one signs."""
    form = forms.ChangesForm()
    if form.accepted():
        actions.ask_for_changes(agreement, form.text.data, form.form_key.data, actor=who(), now=now())
        flash(f"{agreement.placement.enrolment.person.name} has been asked to change it.", "success")
        return redirect(url_for("agreements.version", public_id=agreement.public_id))
    return page(form=form, agreement=agreement)


@agreements.form("/agreements/<public_id>/comment", can="agreements.comment", of=queries.agreement_of)
def comment(agreement: Agreement) -> Any:
    """Say something about it."""
    form = forms.CommentForm()
    if form.accepted():
        actions.comment(agreement, form.text.data, form.form_key.data, actor=who(), now=now())
        flash("Your comment is added.", "success")
        return redirect(url_for("agreements.version", public_id=agreement.public_id, _anchor="comments"))
    return page(form=form, agreement=agreement)


@agreements.form("/agreements/<public_id>/sign", can="agreements.sign", of=queries.agreement_of)
def sign(agreement: Agreement) -> Any:
    """Read it whole, and sign."""
    if agreement.signature_of_person(who().person_id):
        return redirect(url_for("agreements.version", public_id=agreement.public_id))
    form = forms.SignForm(sha256=agreement.sha256)
    if form.accepted():
        address = request.remote_addr or ""
        signing.sign(agreement, form.typed_name.data, address, seen=form.sha256.data or "", actor=who(), now=now())
        flash("You have signed the Challenge Agreement.", "success")
        return redirect(url_for("agreements.version", public_id=agreement.public_id))
    form.sha256.data = agreement.sha256
    return page(
        form=form,
        **_document(agreement),
        differences=differences_of(agreement),
        can=_open_to(agreement, *VERBS),
        is_out_of_date=queries.is_out_of_date(agreement),
    )


def invitation(who: Principal, token: str) -> Invitation | None:
    """What a supervisor's link is about, whether or not it still works."""
    link = link_of(SIGN_BY_LINK, token)
    return invitation_of(link) if link else None


@agreements.form("/sign-agreement/<token>", can=PUBLIC, of=invitation)
def sign_by_link(invitation: Invitation) -> Any:
    """The supervisor reads it whole, and signs, without an account. GET changes nothing, whoever follows the link."""
    form = forms.NameForm()
    if invitation.can_sign(now()) and form.accepted():
        signing.sign_by_link(invitation, form.typed_name.data, request.remote_addr or "", now=now())
        flash("You have signed the Challenge Agreement. Thank you.", "success")
        return redirect(request.path)
    return page(form=form, **_linked(invitation))


@agreements.form("/sign-agreement/<token>/changes", can=PUBLIC, of=invitation)
def ask_by_link(invitation: Invitation) -> Any:
    """The supervisor says what should change before they sign."""
    form = forms.ChangesForm()
    if invitation.can_sign(now()) and form.accepted():
        signing.ask_by_link(invitation, form.text.data, form.form_key.data, now=now())
        flash("Thank you. The student has been asked to change it, and you get a new link when they have.", "success")
        return redirect(_here("agreements.sign_by_link"))
    return page(form=form, **_linked(invitation))


@agreements.form("/sign-agreement/<token>/new-link", can=PUBLIC, of=invitation, limit="20 per hour")
def new_link(invitation: Invitation) -> Any:
    """Send a fresh link to the address that the old one went to."""
    form = forms.ConfirmForm()
    if form.accepted():
        signing.send_new_link(invitation, now=now())
        flash(f"A new link is on its way to {invitation.link.holder.email}.", "success")
        return redirect(_here("agreements.sign_by_link"))
    return page(form=form, **_linked(invitation))


def _here(endpoint: str) -> str:
    """Another page of the same link."""
    return url_for(endpoint, **(request.view_args or {}))


def _linked(invitation: Invitation) -> dict[str, Any]:
    return {
        **_document(invitation.agreement),
        "differences": differences_of(invitation.agreement),
        "invitation": invitation,
        "can_sign": invitation.can_sign(now()),
        "shows_text": invitation.shows_text(now()),
        "token": (request.view_args or {})["token"],
    }


def _document(agreement: Agreement) -> dict[str, Any]:
    """What `agreements/_document.html` shows."""
    return {
        "agreement": agreement,
        "placement": agreement.placement,
        "facts": queries.facts_of(agreement),
        "parts": PARTS,
        "content": agreement.content,
        "signers": queries.signers(agreement),
        "short_hash": short(agreement.sha256) if agreement.sha256 else None,
    }


def _open_to(thing: Agreement | Papers, *verbs: str) -> dict[str, bool]:
    """Which of the area's verbs whoever asks may do to the thing now."""
    return {verb: site().abilities[f"agreements.{verb}"](who(), thing, now()) for verb in verbs}
