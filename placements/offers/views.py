"""Offers for students to answer, and the clearing list for those who look after students without a place."""

from typing import Any

from flask import flash, redirect, url_for

from placements.history.queries import timeline
from placements.offers import actions, queries
from placements.offers.forms import DeclineForm, ReinstateForm, WithdrawForm
from placements.offers.models import Offer
from placements.offers.refusal_views import offers
from placements.web.area import page
from placements.web.site import now, site, who


@offers.get("/offers", can="offers.mine", nav="Offers")
def mine() -> Any:
    """One's own offers, and who sees to it where there is none."""
    rows = queries.own_clearing(who())
    return page(
        offers=queries.own_offers(who()),
        waiting=next((row for row in rows if row.closed_at is None), None),
        settled=next((row for row in rows if row.outcome), None),
    )


@offers.get("/offers/<public_id>", can="offers.show", of=queries.seen_offer)
def show(offer: Offer) -> Any:
    """What is offered, until when, and what each answer leads to."""
    return page(
        offer=offer,
        happened=timeline(offer, who(), now(), site().abilities),
        may=_may(offer),
        has_passed_on=queries.has_passed_on(offer),
    )


def _may(offer: Offer) -> dict[str, bool]:
    verbs = ("accept", "decline", "reinstate", "withdraw", "read_reasons")
    return {verb: site().abilities[f"offers.{verb}"](who(), offer, now()) for verb in verbs}


@offers.post("/offers/<public_id>/accept", can="offers.accept", of=queries.seen_offer)
def accept(offer: Offer) -> Any:
    """The student takes the place."""
    actions.accept(offer, actor=who(), now=now())
    flash(f"The place is yours: {offer.challenge.title}. We have sent you an email to keep.", "success")
    return redirect(url_for("offers.show", public_id=offer.public_id))


@offers.form("/offers/<public_id>/decline", can="offers.decline", of=queries.seen_offer)
def decline(offer: Offer) -> Any:
    """The student lets the place go, having read what follows."""
    form = DeclineForm()
    if form.accepted():
        actions.decline(offer, form.reason.data or "", actor=who(), now=now())
        flash("You have declined the offer.", "success")
        return redirect(url_for("offers.mine"))
    return page(form=form, offer=offer)


@offers.form("/offers/<public_id>/reinstate", can="offers.reinstate", of=queries.seen_offer)
def reinstate(offer: Offer) -> Any:
    """The module leader opens an expired offer again."""
    form = ReinstateForm(now())
    if form.accepted():
        actions.reinstate(offer, form.deadline, form.reason.data, actor=who(), now=now())
        flash(f"The offer is open again, and {offer.enrolment.person.name} has been told.", "success")
        return redirect(url_for("offers.show", public_id=offer.public_id))
    return page(form=form, offer=offer)


@offers.form("/offers/<public_id>/withdraw", can="offers.withdraw", of=queries.seen_offer)
def withdraw(offer: Offer) -> Any:
    """The module leader takes an unanswered offer back."""
    form = WithdrawForm()
    if form.accepted():
        actions.withdraw(offer, form.reason.data, actor=who(), now=now())
        flash(f"The offer is taken back, and {offer.enrolment.person.name} has been told.", "success")
        return redirect(url_for("offers.show", public_id=offer.public_id))
    return page(form=form, offer=offer)
