"""One's own dates, and the address at which a calendar reads them."""

from datetime import timedelta
from typing import Any

from flask import Response, current_app, flash, redirect, request, url_for

from placements.accounts.queries import account_of, principal_of
from placements.calendar.feed import calendar_text
from placements.calendar.queries import by_month, entries_of
from placements.core.clock import today
from placements.core.policy import Principal
from placements.core.seen import fingerprint
from placements.links.actions import latest_link, link_of, spend, token, working_link
from placements.links.models import Link
from placements.web.area import PUBLIC, Area, page
from placements.web.site import now, who

calendar = Area("calendar", __name__)

FEED = "calendar.feed"
LASTS = timedelta(days=36_500)  # until it is ended


def _own_link() -> Link | None:
    person_id = who().person_id
    link = latest_link(FEED, person_id, person_id) if person_id else None
    return link if link and link.is_open(now()) else None


def reader_of(_who: Principal, token: str) -> Principal | None:
    """Whose dates stand at that address; None once it was ended, or its person's account was."""
    link = link_of(FEED, token)
    account = account_of(link.holder_id) if link and link.is_open(now()) else None
    if account is None or not account.active:
        return None
    return principal_of(account, current_app.extensions["placements.roles_of"], today(now()))


@calendar.get("/your-calendar", can="calendar.yours")
def yours() -> Any:
    """One's own dates, and how to have them in one's own calendar."""
    link = _own_link()
    address = url_for(FEED, token=token(link), _external=True) if link else None
    subscribe = address and f"webcal:{address.partition(':')[2]}"  # which a device opens with its calendar program
    months, over = by_month(entries_of(who()), now())
    return page(months=months, over=over, address=address, subscribe=subscribe)


@calendar.post("/your-calendar/address", can="calendar.make_address")
def make_address() -> Any:
    """Make an address, where there is none."""
    person_id = who().person_id or 0
    working_link(FEED, person_id, person_id, now=now(), lasts=LASTS)
    flash("Your calendar has an address now. Give it to nobody else.", "success")
    return redirect(url_for("calendar.yours"))


@calendar.post("/your-calendar/another", can="calendar.renew_address")
def renew_address() -> Any:
    """End the address and make another."""
    _end()
    person_id = who().person_id or 0
    working_link(FEED, person_id, person_id, now=now(), lasts=LASTS)
    flash("The old address works no more. Subscribe by the new one, and remove the old calendar.", "success")
    return redirect(url_for("calendar.yours"))


@calendar.post("/your-calendar/end", can="calendar.end_address")
def end_address() -> Any:
    """End the address, so that whoever has it reads nothing more."""
    if _end():
        flash("The address works no more. What calendars have read already stays in them.", "success")
    return redirect(url_for("calendar.yours"))


def _end() -> bool:
    link = _own_link()
    if link is not None:
        spend(link, now())
    return link is not None


@calendar.get("/calendar/<token>.ics", can=PUBLIC, of=reader_of)
def feed(reader: Principal) -> Any:
    """The dates of whoever made the address, as they are now; 304 to a calendar that has them so already."""
    entries = [(each, url_for(each.endpoint, **each.values, _external=True)) for each in entries_of(reader)]
    answer = Response(calendar_text(entries, now()), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'attachment; filename="empowering-london.ics"'
    answer.set_etag(fingerprint(entries), weak=True)  # it says too when it was made, which is no change
    return answer.make_conditional(request)
