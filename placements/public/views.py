"""The public site: the front, the open challenges, the enquiry form, and the small print."""

from email.utils import parseaddr
from typing import Any

from flask import current_app, redirect, request, url_for

from placements.accounts.queries import person_of
from placements.challenges import queries
from placements.challenges.models import Challenge
from placements.challenges.queries import Search
from placements.challenges.rules import ABOUT_THEMES
from placements.cohorts.models import THEMES
from placements.core.clock import today
from placements.core.policy import Principal
from placements.enquiries import receiving
from placements.enquiries.rules import answer_by
from placements.impact.queries import published_of
from placements.public.forms import ChallengeFilters, EnquiryForm
from placements.public.pages import CARDS_ON_A_PAGE, public, slug
from placements.web.area import PUBLIC, page
from placements.web.lists import page_number, paging
from placements.web.site import now, who

CARDS_ON_FRONT = 3


def live_challenge(_who: Principal, public_id: str) -> Challenge | None:
    """A challenge that anybody may read today."""
    return queries.live_challenge(public_id, today(now()))


@public.get("/", can=PUBLIC)
def front() -> Any:
    """What this is, and the two ways in: for organisations and for students."""
    latest, _ = queries.published_page(queries.live_now(today(now())), CARDS_ON_FRONT, 1)
    return page(latest=latest, themes=THEMES, about_themes=ABOUT_THEMES, slug=slug)


@public.get("/open-challenges", can=PUBLIC, nav="Open challenges")
def challenges() -> Any:
    """What students can work on now."""
    filters = ChallengeFilters()
    found = queries.search_published(queries.live_now(today(now())), Search(**filters.values()))
    rows, count = queries.published_page(found, CARDS_ON_A_PAGE, page_number())
    return page(filters=filters, rows=rows, paging=paging(len(rows), count, CARDS_ON_A_PAGE))


@public.get("/open-challenges/<public_id>", can=PUBLIC, of=live_challenge)
def challenge(challenge: Challenge) -> Any:
    """One of them, without the people in it."""
    return page(challenge=challenge, results=published_of(challenge))


@public.form("/enquire", can=PUBLIC, limit="20 per hour")
def enquire() -> Any:
    """An organisation tells us about a challenge; who is signed in need not type their name and address."""
    form = EnquiryForm(obj=person_of(who()))
    if form.accepted():
        told = {name: value for name, value in form.answers().items() if name != "website"}
        enquiry = receiving.receive(**told, actor=who(), now=now())
        return redirect(url_for("public.enquiry_received", confirmed="yes" if enquiry.confirmed_at else None))
    return page(form=form)


@public.get("/enquire/received", can=PUBLIC)
def enquiry_received() -> Any:
    """What happens next: whoever was not signed in as themselves confirms their address first."""
    return page(is_confirmed="confirmed" in request.args, answer_by=answer_by(now()))


@public.get("/accessibility", can=PUBLIC)
def accessibility() -> Any:
    """The accessibility statement (Public Sector Bodies Accessibility Regulations 2018)."""
    return page()


@public.get("/privacy", can=PUBLIC)
def privacy() -> Any:
    """What we keep about people, why, and for how long."""
    return page()


@public.get("/help", can=PUBLIC)
def help() -> Any:
    """Whom to ask: where answers to our mail go, too."""
    return page(address=parseaddr(current_app.config["MAIL_DEFAULT_SENDER"])[1])
