"""What people do by a link in a mail, without an account: confirm an enquiry, the newsletter, or that they have it.

GET shows, POST acts; a link that does not work any more says why, and sends a new one to the same address.
"""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.core.policy import Principal
from placements.enquiries import newsletter as newsletters
from placements.enquiries import queries, receiving, referrals
from placements.enquiries.models import Enquiry, Referral, Subscription
from placements.enquiries.rules import (
    ACKNOWLEDGE,
    CONFIRM,
    CONFIRM_NEWSLETTER,
    KEPT_UNCONFIRMED,
    LEAVE_NEWSLETTER,
    answer_by,
)
from placements.enquiries.workflow import WAITING
from placements.links.actions import about_of, lasting_token, link_of
from placements.links.models import Link
from placements.web.area import PUBLIC, Area, page
from placements.web.site import now

enquiries = Area("enquiries", __name__)


def enquiry_link(_who: Principal, token: str) -> Link | None:
    """The link to confirm an enquiry, spent or not."""
    return link_of(CONFIRM, token)


@enquiries.form("/confirm-enquiry/<token>", can=PUBLIC, of=enquiry_link)
def confirm(link: Link) -> Any:
    """Whoever wrote says that they did; then what happens next, and by when."""
    enquiry = queries.behind(link, Enquiry)
    if request.method == "POST":
        receiving.confirm_by_link(enquiry, link, now=now())
        return redirect(_here(CONFIRM))
    return page(
        enquiry=enquiry,
        link=link,
        token=_token(),
        is_waiting=enquiry.state in WAITING,
        answer_by=answer_by(enquiry.confirmed_at) if enquiry.confirmed_at else None,
        kept_days=KEPT_UNCONFIRMED.days,
    )


@enquiries.post("/confirm-enquiry/<token>/again", can=PUBLIC, of=enquiry_link)
def confirm_again(link: Link) -> Any:
    """Mail a link that works to the same address."""
    receiving.send_link_again(queries.behind(link, Enquiry), now=now())
    return _sent_to(link, CONFIRM)


def referral_link(_who: Principal, token: str) -> Link | None:
    """A receiver's link, spent or not."""
    return link_of(ACKNOWLEDGE, token)


@enquiries.form("/passed-on/<token>", can=PUBLIC, of=referral_link)
def acknowledge(link: Link) -> Any:
    """Who asks, in their own words; the receiver says that they have it."""
    referral = queries.behind(link, Referral)
    if request.method == "POST":
        referrals.acknowledge(referral, link, now=now())
        return redirect(_here(ACKNOWLEDGE))
    return page(
        referral=referral,
        link=link,
        token=_token(),
        is_theirs=referral.receiver_id == link.holder_id,
        shows_words=referral.receiver_id == link.holder_id and now() < link.expires_at,
    )


@enquiries.post("/passed-on/<token>/again", can=PUBLIC, of=referral_link)
def acknowledge_again(link: Link) -> Any:
    """Mail a link that works to the same address."""
    referrals.send_referral_again(queries.behind(link, Referral), link, now=now())
    return _sent_to(link, ACKNOWLEDGE)


def newsletter_link(_who: Principal, token: str) -> Link | None:
    """The link to confirm that one wants the newsletter, spent or not."""
    return link_of(CONFIRM_NEWSLETTER, token)


@enquiries.form("/newsletter/confirm/<token>", can=PUBLIC, of=newsletter_link)
def confirm_newsletter(link: Link) -> Any:
    """Whoever asked for the newsletter says that they want it."""
    subscription = queries.behind(link, Subscription)
    if request.method == "POST":
        newsletters.confirm_newsletter(subscription, link, now=now())
        return redirect(_here(CONFIRM_NEWSLETTER))
    leave_token = lasting_token(LEAVE_NEWSLETTER, subscription.id)
    return page(subscription=subscription, link=link, token=_token(), leave_token=leave_token)


@enquiries.post("/newsletter/confirm/<token>/again", can=PUBLIC, of=newsletter_link)
def newsletter_again(link: Link) -> Any:
    """Mail a link that works to the same address."""
    newsletters.send_newsletter_link(queries.behind(link, Subscription), now=now())
    return _sent_to(link, CONFIRM_NEWSLETTER)


def own_subscription(_who: Principal, token: str) -> Subscription | None:
    """The subscription behind the address to leave it, which always works."""
    return queries.subscription_with(about_of(LEAVE_NEWSLETTER, token))


@enquiries.form("/newsletter/leave/<token>", can=PUBLIC, of=own_subscription, one_click=True)
def leave_newsletter(subscription: Subscription) -> Any:
    """End it: one press on the page, or the mail program's own button, which knows no token (RFC 8058)."""
    if request.method == "POST":
        newsletters.leave_newsletter(subscription, now=now())
        return redirect(_here(LEAVE_NEWSLETTER))
    return page(subscription=subscription)


def _token() -> str:
    return str((request.view_args or {})["token"])


def _here(endpoint: str) -> str:
    """A page of the same link."""
    return url_for(endpoint, token=_token())


def _sent_to(link: Link, endpoint: str) -> Any:
    flash(f"We have sent an email with a new link to {link.holder.email}. It can take a few minutes.", "success")
    return redirect(_here(endpoint))
