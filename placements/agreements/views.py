"""Pages of the Challenge Agreement: read, write, comment on it, and what waits for a tutor."""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.agreements import actions, forms, queries, sharing, showing
from placements.agreements.differences import differences_of
from placements.agreements.groups import group_of, words_shared
from placements.agreements.models import Agreement
from placements.agreements.queries import Papers
from placements.agreements.reading import READ_BY_LINK, Reading, asked_to_read, reading_of
from placements.agreements.rules import PARTS, SHARED
from placements.agreements.weeks import even_spread, fitted, mondays, open_weeks
from placements.cohorts.queries import closed_days
from placements.core.policy import Principal
from placements.links.actions import link_of
from placements.web.area import PUBLIC, Area, page, token_here
from placements.web.forms import ConfirmForm
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

agreements = Area("agreements", __name__)

SHARED_PARTS = tuple(part for part in PARTS if part.name in SHARED)
VERBS = (
    "agreements.share",
    "agreements.leave_group",
    "agreements.start",
    "agreements.edit",
    "agreements.ask_to_read",
    "agreements.comment",
    "signing.propose",
    "signing.sign",
    "signing.take_back",
    "signing.ask_for_changes",
    "signing.amend",
)


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
    can = _open_to(papers, "agreements.start", "agreements.share", "agreements.leave_group")
    return page(placement=papers.placement, can=can, group=group_of(papers.placement))


@agreements.post("/placements/<public_id>/agreement/start", can="agreements.start", of=queries.papers_of)
def start(papers: Papers) -> Any:
    """Begin a version, or go on with the one that is begun."""
    agreement = actions.start(papers.placement, actor=who(), now=now())
    return redirect(url_for("agreements.edit", public_id=agreement.public_id))


@agreements.get("/agreements/<public_id>", can="agreements.version", of=queries.agreement_of)
def version(agreement: Agreement) -> Any:
    """One version, who has signed it, and what was said; made to be printed too."""
    placement = agreement.placement
    return page(
        **queries.document_of(agreement),
        differences=differences_of(agreement),
        can=_open_to(agreement, *VERBS),
        mine=agreement.signature_of_person(who().person_id),
        awaits=queries.awaited(agreement, placement),
        is_out_of_date=queries.is_out_of_date(agreement),
        versions=queries.versions_of(placement),
        comments=queries.comments_on(placement),
        asked=asked_to_read(placement),
        group=group_of(placement),
        form=forms.CommentForm(),
    )


@agreements.form("/agreements/<public_id>/edit", can="agreements.edit", of=queries.agreement_of)
def edit(agreement: Agreement) -> Any:
    """Write, and save at any time."""
    boxes = forms.DraftForm.boxes([each.text for each in agreement.objectives])
    form = forms.DraftForm(data={**agreement.words, **boxes, "edit_version": str(agreement.edit_version)})
    if form.accepted():
        sharing.save_draft(agreement, form.words(), form.objectives(), seen=form.seen, actor=who(), now=now())
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
        shared=SHARED,
        group=group_of(placement),
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
        return redirect(url_for("signing.propose", public_id=agreement.public_id))
    form.look_at(agreement)
    return page(
        form=form,
        agreement=agreement,
        placement=placement,
        run=placement.enrolment.run,
        total=sum(form.planned().values()),
        open_weeks=[f"week_{monday.isoformat()}" for monday in open_weeks(*dates, closed)],
    )


@agreements.form("/agreements/<public_id>/comment", can="agreements.comment", of=queries.agreement_of)
def comment(agreement: Agreement) -> Any:
    """Say something about it."""
    form = forms.CommentForm()
    if form.accepted():
        actions.comment(agreement, form.text.data, form.form_key.data, actor=who(), now=now())
        flash("Your comment is added.", "success")
        return redirect(url_for("agreements.version", public_id=agreement.public_id, _anchor="comments"))
    return page(form=form, agreement=agreement)


@agreements.form("/placements/<public_id>/agreement/group", can="agreements.share", of=queries.papers_of)
def share(papers: Papers) -> Any:
    """Have one Agreement with those who work on the same challenge, or make one's own a part of theirs."""
    form = ConfirmForm()
    group = group_of(papers.placement)
    if form.accepted():
        sharing.join(papers.placement, actor=who(), now=now())
        flash("Your Agreement is now a part of your group’s.", "success")
        return redirect(url_for("agreements.agreement", public_id=papers.placement.public_id))
    return page(form=form, placement=papers.placement, group=group, shared=words_shared(group), parts=SHARED_PARTS)


@agreements.post("/placements/<public_id>/agreement/leave-group", can="agreements.leave_group", of=queries.papers_of)
def leave_group(papers: Papers) -> Any:
    """Have an Agreement of one's own again."""
    sharing.leave(papers.placement, actor=who(), now=now())
    flash("Your Agreement is your own again. What you have written and signed stays.", "success")
    return redirect(url_for("agreements.agreement", public_id=papers.placement.public_id))


@agreements.post("/agreements/<public_id>/ask-to-read", can="agreements.ask_to_read", of=queries.agreement_of)
def ask_to_read(agreement: Agreement) -> Any:
    """Have the supervisor read the draft, by a link in a mail."""
    showing.ask_to_read(agreement, actor=who(), now=now())
    flash(f"{agreement.placement.supervisor.name} has a link by email to read your draft and comment on it.", "success")
    return redirect(url_for("agreements.version", public_id=agreement.public_id))


def reading(who: Principal, token: str) -> Reading | None:
    """What a supervisor's link to read is about, whether or not it still works."""
    link = link_of(READ_BY_LINK, token)
    return reading_of(link) if link else None


@agreements.form("/read-agreement/<token>", can=PUBLIC, of=reading)
def read_by_link(reading: Reading) -> Any:
    """The supervisor reads the draft, and says what they think of it, without an account. GET changes nothing."""
    form = forms.CommentForm()
    can_comment = reading.can_comment(now())
    if can_comment and form.accepted():
        showing.comment_by_link(reading, form.text.data, form.form_key.data, now=now())
        flash(f"Thank you. {reading.placement.enrolment.person.given_name} is told of your comment.", "success")
        return redirect(f"{request.path}#comments")
    return page(
        form=form,
        reading=reading,
        can_comment=can_comment,
        typed=request.form.get("text", ""),
        token=token_here(),
        comments=queries.comments_on(reading.placement) if can_comment else (),
        **(queries.document_of(reading.agreement) if can_comment and reading.agreement else {}),
    )


@agreements.form("/read-agreement/<token>/new-link", can=PUBLIC, of=reading, limit="20 per hour")
def new_reading_link(reading: Reading) -> Any:
    """Send a fresh link to the address that the old one went to."""
    form = ConfirmForm()
    if form.accepted():
        showing.send_new_reading_link(reading, now=now())
        flash(f"A new link is on its way to {reading.link.holder.email}.", "success")
        return redirect(url_for("agreements.read_by_link", token=token_here()))
    return page(form=form, reading=reading)


def _open_to(thing: Agreement | Papers, *verbs: str) -> dict[str, bool]:
    """Which of these verbs whoever asks may do to the thing now, without the names of their areas."""
    return {verb.partition(".")[2]: site().abilities[verb](who(), thing, now()) for verb in verbs}
