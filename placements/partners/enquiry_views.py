"""Pages of the engagement team's enquiries. The area's routes begin here; `views` holds those of organisations."""

from typing import Any

from flask import flash, redirect, url_for

from placements.core.clock import add_working_days, today
from placements.history.queries import timeline
from placements.partners import enquiries as verbs
from placements.partners import enquiry_forms as forms
from placements.partners import enquiry_queries as queries
from placements.partners.enquiries import NewOrganisation
from placements.partners.enquiry_queries import EnquirySearch
from placements.partners.models import Enquiry
from placements.partners.rules import ANSWERED_WITHIN
from placements.partners.workflow import WAITING
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

VERBS = ("take_up", "plan", "accept", "route", "close")

partners = Area("partners", __name__)


def to_enquiry(enquiry: Enquiry) -> Any:
    """On to the enquiry's page."""
    return redirect(url_for("partners.enquiry", public_id=enquiry.public_id))


def answer_by(enquiry: Enquiry) -> Any:
    """The day by which its writer should have our answer."""
    return add_working_days(today(enquiry.received_at), ANSWERED_WITHIN)


@partners.get("/enquiries", can="partners.enquiries", nav="Enquiries")
def enquiries() -> Any:
    """Every enquiry, those that wait first."""
    filters = forms.EnquiryFilters()
    asked = filters.values()
    search = EnquirySearch(
        text=asked["text"],
        state=asked["state"],
        owner_id=who().person_id if asked["owner"] == forms.MINE else None,
        has_no_owner=asked["owner"] == forms.NOBODY_S,
    )
    rows, count = queries.enquiries(who(), search, PAGE_SIZE, page_number())
    return page(filters=filters, rows=rows, paging=paging(len(rows), count), waiting=WAITING)


@partners.get("/enquiries/<public_id>", can="partners.enquiry", of=queries.enquiry_of)
def enquiry(enquiry: Enquiry) -> Any:
    """What was written, what happened since, and what can be done."""
    return page(
        enquiry=enquiry,
        is_waiting=enquiry.state in WAITING,
        answer_by=answer_by(enquiry),
        likely=queries.likely_same(enquiry) if enquiry.state in WAITING else [],
        can={verb: site().abilities[f"partners.{verb}"](who(), enquiry, now()) for verb in VERBS},
        happened=timeline(enquiry, who(), now(), site().abilities),
    )


@partners.post("/enquiries/<public_id>/take-up", can="partners.take_up", of=queries.enquiry_of)
def take_up(enquiry: Enquiry) -> Any:
    """Make it one's own."""
    verbs.take_up(enquiry, actor=who(), now=now())
    flash("This enquiry is yours. Say what happens next, and by when.", "success")
    return redirect(url_for("partners.plan", public_id=enquiry.public_id))


@partners.form("/enquiries/<public_id>/next-step", can="partners.plan", of=queries.enquiry_of)
def plan(enquiry: Enquiry) -> Any:
    """Who does what by when."""
    form = forms.PlanForm(enquiry)
    if form.accepted():
        owner = form.team[form.owner.data]
        verbs.plan(enquiry, owner=owner, step=form.step.data, step_on=form.step_on.data, actor=who(), now=now())
        flash("The next step is saved.", "success")
        return to_enquiry(enquiry)
    return page(form=form, enquiry=enquiry)


@partners.form("/enquiries/<public_id>/accept", can="partners.accept", of=queries.enquiry_of)
def accept(enquiry: Enquiry) -> Any:
    """Make it an organisation, or part of one that we know."""
    form = forms.AcceptForm(enquiry, queries.likely_same(enquiry))
    if form.accepted():
        new = NewOrganisation(form.name.data, form.type.data, form.borough.data)
        kept = verbs.accept(enquiry, form.matched() or new, actor=who(), now=now())
        flash(f"Accepted. {enquiry.writer.name} is invited by email to post a challenge.", "success")
        return redirect(url_for("partners.organisation", public_id=kept.public_id))
    return page(form=form, enquiry=enquiry)


@partners.form("/enquiries/<public_id>/route", can="partners.route", of=queries.enquiry_of)
def route(enquiry: Enquiry) -> Any:
    """Pass it on to another part of the university."""
    form = forms.RouteForm()
    if form.accepted():
        verbs.route(enquiry, to=form.to.data, note=form.note.data, actor=who(), now=now())
        flash(f"Routed to: {form.to.data}. We have told {enquiry.writer.name}. Now pass on what they wrote.", "success")
        return to_enquiry(enquiry)
    return page(form=form, enquiry=enquiry)


@partners.form("/enquiries/<public_id>/close", can="partners.close", of=queries.enquiry_of)
def close(enquiry: Enquiry) -> Any:
    """End it, with a reason that its writer reads."""
    form = forms.CloseForm()
    if form.accepted():
        verbs.close(enquiry, reason=form.reason.data, actor=who(), now=now())
        flash(f"Closed. We have told {enquiry.writer.name} why.", "success")
        return to_enquiry(enquiry)
    return page(form=form, enquiry=enquiry)
