"""Pages of the engagement team’s enquiries."""

from typing import Any

from flask import flash, redirect, url_for

from placements.core.clock import today
from placements.enquiries import actions, duplicates, forms, queries, referrals
from placements.enquiries.actions import NewOrganisation
from placements.enquiries.models import Enquiry
from placements.enquiries.queries import EnquirySearch
from placements.enquiries.rules import answer_by
from placements.enquiries.settings_views import enquiries
from placements.enquiries.story import story_of
from placements.enquiries.workflow import WAITING
from placements.web.area import page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

VERBS = ("take_up", "plan", "note", "accept", "route", "close")


def to_enquiry(enquiry: Enquiry) -> Any:
    """On to the enquiry's page."""
    return redirect(url_for("enquiries.enquiry", public_id=enquiry.public_id))


@enquiries.get("/enquiries", can="enquiries.overview", nav="Enquiries")
def overview() -> Any:
    """Every enquiry, those that wait first."""
    filters = forms.EnquiryFilters()
    asked = filters.values()
    search = EnquirySearch(
        text=asked["text"],
        state=asked["state"],
        owner_id=who().person_id if asked["owner"] == forms.MINE else None,
        has_no_owner=asked["owner"] == forms.NOBODY_S,
        is_unconfirmed=bool(asked["unconfirmed"]),
    )
    rows, count = queries.enquiries(who(), search, PAGE_SIZE, page_number())
    return page(filters=filters, rows=rows, paging=paging(len(rows), count), waiting=WAITING, today=today(now()))


@enquiries.get("/enquiries/<public_id>", can="enquiries.enquiry", of=queries.enquiry_of)
def enquiry(enquiry: Enquiry) -> Any:
    """What was written, what happened since, and what can be done."""
    is_waiting = enquiry.state in WAITING
    referral = queries.referral_about(enquiry)
    abilities = site().abilities
    return page(
        enquiry=enquiry,
        is_waiting=is_waiting,
        answer_by=answer_by(enquiry.confirmed_at) if enquiry.confirmed_at else None,
        today=today(now()),
        likely=duplicates.likely_same(enquiry) if is_waiting else [],
        likely_enquiries=duplicates.likely_enquiries(who(), enquiry) if is_waiting else [],
        referral=referral,
        can={verb: abilities[f"enquiries.{verb}"](who(), enquiry, now()) for verb in VERBS},
        can_pass_on=referral is not None and abilities["enquiries.pass_on"](who(), referral, now()),
        happened=story_of(enquiry, referral, who(), now(), abilities),
    )


@enquiries.post("/enquiries/<public_id>/take-up", can="enquiries.take_up", of=queries.enquiry_of)
def take_up(enquiry: Enquiry) -> Any:
    """Make it one's own."""
    actions.take_up(enquiry, actor=who(), now=now())
    flash("This enquiry is yours. Say what happens next, and by when.", "success")
    return redirect(url_for("enquiries.plan", public_id=enquiry.public_id))


@enquiries.form("/enquiries/<public_id>/next-step", can="enquiries.plan", of=queries.enquiry_of)
def plan(enquiry: Enquiry) -> Any:
    """Who does what by when."""
    form = forms.PlanForm(enquiry)
    if form.accepted():
        owner = form.team[form.owner.data]
        actions.plan(enquiry, owner=owner, step=form.step.data, step_on=form.step_on.data, actor=who(), now=now())
        flash("The next step is saved.", "success")
        return to_enquiry(enquiry)
    return page(form=form, enquiry=enquiry)


@enquiries.form("/enquiries/<public_id>/accept", can="enquiries.accept", of=queries.enquiry_of)
def accept(enquiry: Enquiry) -> Any:
    """Make it an organisation, or part of one that we know."""
    form = forms.AcceptForm(enquiry, duplicates.likely_same(enquiry))
    if form.accepted():
        new = NewOrganisation(
            name=form.name.data,
            type=form.type.data,
            borough=form.borough.data,
            charity_number=form.charity_number.data or None,
            company_number=form.company_number.data or None,
        )
        kept = actions.accept(enquiry, form.matched() or new, actor=who(), now=now())
        flash(f"Accepted. {enquiry.writer.name} is invited by email to post a challenge.", "success")
        return redirect(url_for("home.organisation", public_id=kept.public_id))
    return page(form=form, enquiry=enquiry)


@enquiries.form("/enquiries/<public_id>/route", can="enquiries.route", of=queries.enquiry_of)
def route(enquiry: Enquiry) -> Any:
    """Pass it on to another part of the university."""
    form = forms.RouteForm(queries.open_routes())
    if form.accepted():
        to = form.chosen()
        receiver = referrals.receiver_of(to, form.somebody(), now())
        actions.route(enquiry, to, receiver, form.note.data, actor=who(), now=now())
        flash(f"Passed on to {receiver.name}, {to.name}. We have told {enquiry.writer.name}.", "success")
        return to_enquiry(enquiry)
    return page(form=form, enquiry=enquiry)


@enquiries.form("/enquiries/<public_id>/note", can="enquiries.note", of=queries.enquiry_of)
def note(enquiry: Enquiry) -> Any:
    """Keep something about it, for the team."""
    form = forms.NoteForm()
    if form.accepted():
        actions.note(enquiry, form.text.data, form.form_key.data, actor=who(), now=now())
        flash("Your note is kept.", "success")
        return to_enquiry(enquiry)
    return page(form=form, enquiry=enquiry)


@enquiries.form("/enquiries/<public_id>/close", can="enquiries.close", of=queries.enquiry_of)
def close(enquiry: Enquiry) -> Any:
    """End it, with a reason that its writer reads."""
    form = forms.CloseForm()
    if form.accepted():
        actions.close(enquiry, reason=form.reason.data, actor=who(), now=now())
        flash(f"Closed. We have told {enquiry.writer.name} why.", "success")
        return to_enquiry(enquiry)
    return page(form=form, enquiry=enquiry)
