"""Giving feedback by the link of a mail, without an account. GET shows, buttons act; the area's routes begin here."""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.agreements.queries import objectives_of
from placements.core.policy import Principal
from placements.feedback import actions, forms, queries
from placements.feedback.models import Feedback
from placements.feedback.queries import WRITE_BY_LINK, Invitation
from placements.links.actions import link_of
from placements.web.area import PUBLIC, Area, page, token_here
from placements.web.forms import ConfirmForm
from placements.web.site import now

feedback = Area("feedback", __name__)
KEPT = "Kept. Nobody else sees it until you give it."


def form_for(given: Feedback) -> forms.WriteForm:
    """The form as it was left; for what was given already, as it was given."""
    written = queries.draft_of(given) or queries.words_given(given.given)
    return forms.write_form(objectives_of(given.placement_id), written)


def invited(_who: Principal, token: str) -> Invitation | None:
    """What a link to give feedback is about, whether or not it still works."""
    link = link_of(WRITE_BY_LINK, token)
    return queries.invitation_of(link) if link else None


@feedback.form("/give-feedback/<token>", can=PUBLIC, of=invited)
def write_by_link(invitation: Invitation) -> Any:
    """A rating for each objective and two short texts, by link. What was given can be corrected while it works."""
    given = invitation.feedback
    if not invitation.can_write(now()):
        return page(form=ConfirmForm(), **_linked(invitation))
    form = form_for(given)
    if form.accepted():
        actions.save(given, form.words, actor=Principal(invitation.link.holder_id), now=now())
        if form.is_later:
            flash(KEPT, "success")
            return redirect(request.path)
        return redirect(url_for("feedback.share_by_link", token=token_here()))
    return page(form=form, **_linked(invitation))


@feedback.form("/give-feedback/<token>/check", can=PUBLIC, of=invited)
def share_by_link(invitation: Invitation) -> Any:
    """Exactly what the student will read, and the button that gives it."""
    back = redirect(url_for(WRITE_BY_LINK, token=token_here()))
    draft = queries.draft_of(invitation.feedback)
    form = forms.ShareForm()
    if not invitation.can_write(now()) or (draft is None and request.method == "GET"):
        return back
    if form.accepted():
        actions.share_by_link(invitation, seen=form.seen.data or "", now=now())
        flash(f"Thank you. {invitation.feedback.placement.enrolment.person.given_name} can read it now.", "success")
        return back
    if draft is not None:
        form.seen.data = actions.seen_of(draft)
    return page(form=form, draft=draft, **_linked(invitation))


@feedback.form("/give-feedback/<token>/new-link", can=PUBLIC, of=invited, limit="20 per hour")
def new_link(invitation: Invitation) -> Any:
    """Send a fresh link to the address that the old one went to."""
    form = ConfirmForm()
    if form.accepted():
        actions.send_new_link(invitation, now=now())
        flash(f"A new link is on its way to {invitation.link.holder.email}.", "success")
        return redirect(url_for(WRITE_BY_LINK, token=token_here()))
    return page(form=form, **_linked(invitation))


def _linked(invitation: Invitation) -> dict[str, Any]:
    given = invitation.feedback
    return {
        "invitation": invitation,
        "feedback": given,
        "placement": given.placement,
        "objectives": {each.id: each.text for each in objectives_of(given.placement_id)},
        "token": token_here(),
        "can_write": invitation.can_write(now()),
    }
