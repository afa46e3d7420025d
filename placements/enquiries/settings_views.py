"""What the engagement team sets and sends: where enquiries can go, what was passed on, who gets the newsletter."""

from typing import Any

from flask import flash, redirect, url_for

from placements.core.clock import today
from placements.enquiries import forms, queries
from placements.enquiries import referrals as passing
from placements.enquiries.link_views import enquiries
from placements.enquiries.models import Referral, Route
from placements.enquiries.rules import LEAVE_NEWSLETTER
from placements.links.actions import lasting_token
from placements.web.area import page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.sheets import csv_download
from placements.web.site import now, site, who

__all__ = ["enquiries"]


@enquiries.get("/enquiries/routes", can="enquiries.routes")
def routes() -> Any:
    """Where enquiries can go, and who receives there."""
    return page(routes=queries.routes())


@enquiries.form("/enquiries/routes/new", can="enquiries.add_route")
def add_route() -> Any:
    """One more place."""
    form = forms.RouteSettingsForm()
    if form.accepted():
        said = {"is_open": form.is_open.data, "actor": who(), "now": now()}
        route = passing.add_route(form.place.data, form.somebody(), **said)
        flash(f"{route.name} is added.", "success")
        return redirect(url_for("enquiries.routes"))
    return page(form=form)


@enquiries.form("/enquiries/routes/<public_id>", can="enquiries.edit_route", of=queries.route_of)
def edit_route(route: Route) -> Any:
    """What it is called, who receives, whether it is open."""
    form = forms.RouteSettingsForm(route)
    if form.accepted():
        said = {"is_open": form.is_open.data, "actor": who(), "now": now()}
        passing.edit_route(route, form.place.data, form.somebody(), **said)
        flash(f"{route.name} is saved.", "success")
        return redirect(url_for("enquiries.routes"))
    return page(form=form, route=route)


@enquiries.get("/enquiries/passed-on", can="enquiries.referrals")
def referrals() -> Any:
    """What was passed on to other parts of the university; first what nobody has yet."""
    rows, count = queries.referrals(who(), PAGE_SIZE, page_number())
    may = site().abilities["enquiries.pass_on"]
    return page(
        rows=rows, paging=paging(len(rows), count), can_pass_on={each.id for each in rows if may(who(), each, now())}
    )


@enquiries.form("/enquiries/passed-on/<public_id>", can="enquiries.pass_on", of=queries.referral_of)
def pass_on(referral: Referral) -> Any:
    """Give it to somebody else, while nobody has it."""
    form = forms.PassOnForm()
    receiver = form.somebody() if form.accepted() else None
    if receiver is not None:
        passing.pass_on(referral, receiver, actor=who(), now=now())
        flash(f"{referral.receiver.name} is asked by email to take it on.", "success")
        return redirect(url_for("enquiries.referrals"))
    return page(form=form, referral=referral)


@enquiries.get("/enquiries/newsletter", can="enquiries.newsletter")
def newsletter() -> Any:
    """How many want the newsletter."""
    subscribed, asked = queries.newsletter_counts()
    return page(subscribed=subscribed, asked=asked)


@enquiries.get("/enquiries/newsletter/subscribers.csv", can="enquiries.subscribers")
def subscribers() -> Any:
    """Whom to send it to, each with the address by which they leave."""
    rows = (
        (
            each.person.name,
            each.person.email,
            today(each.confirmed_at).isoformat() if each.confirmed_at else None,
            url_for(LEAVE_NEWSLETTER, token=lasting_token(LEAVE_NEWSLETTER, each.id), _external=True),
        )
        for each in queries.all_subscribers()
    )
    return csv_download("Newsletter subscribers", ("Name", "Email", "Confirmed on", "Leave address"), rows)
