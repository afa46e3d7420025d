"""What people do by a link in a mail, without an account: confirm an enquiry, the newsletter, or that they have it.

GET shows, POST acts; a link that does not work any more says why, and sends a new one to the same address.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import flash, redirect, request

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


def link_to(purpose: str) -> Callable[[Principal, str], Link | None]:
    """Loads the link of that purpose by its token, spent or not."""
    return lambda _who, token: link_of(purpose, token)


def pressed(link: Link, act: Callable[..., None], send_again: Callable[..., None]) -> Any:
    """What a button did: the act, while the link works; or a new link to the same address. None where none is pressed.

    By a link that works no more nothing is done: its page says why.
    """
    if request.method != "POST":
        return None
    if "again" in request.form:
        send_again(now=now())
        flash(f"We have sent an email with a new link to {link.holder.email}. It can take a few minutes.", "success")
    elif link.is_open(now()):
        act(now=now())
    return redirect(request.path)


@enquiries.form("/confirm-enquiry/<token>", can=PUBLIC, of=link_to(CONFIRM))
def confirm(link: Link) -> Any:
    """Whoever wrote says that they did; then what happens next, and by when."""
    enquiry = queries.behind(link, Enquiry)
    confirms = partial(receiving.confirm_by_link, enquiry, link)
    return pressed(link, confirms, partial(receiving.send_link_again, enquiry)) or page(
        enquiry=enquiry,
        link=link,
        is_waiting=enquiry.state in WAITING,
        answer_by=answer_by(enquiry.confirmed_at) if enquiry.confirmed_at else None,
        kept_days=KEPT_UNCONFIRMED.days,
    )


@enquiries.form("/passed-on/<token>", can=PUBLIC, of=link_to(ACKNOWLEDGE))
def acknowledge(link: Link) -> Any:
    """Who asks, in their own words; the receiver says that they have it."""
    referral = queries.behind(link, Referral)
    has_it = partial(referrals.acknowledge, referral, link)
    return pressed(link, has_it, partial(referrals.send_referral_again, referral, link)) or page(
        referral=referral,
        link=link,
        is_theirs=referral.receiver_id == link.holder_id,
        shows_words=referral.receiver_id == link.holder_id and now() < link.expires_at,
    )


@enquiries.form("/newsletter/confirm/<token>", can=PUBLIC, of=link_to(CONFIRM_NEWSLETTER))
def confirm_newsletter(link: Link) -> Any:
    """Whoever asked for the newsletter says that they want it."""
    subscription = queries.behind(link, Subscription)
    wants_it = partial(newsletters.confirm_newsletter, subscription, link)
    return pressed(link, wants_it, partial(newsletters.send_newsletter_link, subscription)) or page(
        subscription=subscription, link=link, leave_token=lasting_token(LEAVE_NEWSLETTER, subscription.id)
    )


def own_subscription(_who: Principal, token: str) -> Subscription | None:
    """The subscription behind the address to leave it, which always works."""
    return queries.subscription_with(about_of(LEAVE_NEWSLETTER, token))


@enquiries.form("/newsletter/leave/<token>", can=PUBLIC, of=own_subscription, one_click=True)
def leave_newsletter(subscription: Subscription) -> Any:
    """End it: one press on the page, or the mail program's own button, which knows no token (RFC 8058).

    Nobody is sent on to another page: mail programs do not follow.
    """
    if request.method == "POST":
        newsletters.leave_newsletter(subscription, now=now())
    return page(subscription=subscription)
