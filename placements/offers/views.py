"""Offers for students to answer, and the clearing list for those who look after students without a place."""

from typing import Any

from flask import flash, redirect, url_for

from placements.applications.rules import RANKS
from placements.core.clock import today
from placements.history.queries import timeline
from placements.offers import actions, lists, queries
from placements.offers import clearing as clearings
from placements.offers.choosing import candidates_from_clearing
from placements.offers.forms import AlternativeForm, DeclineForm, PlaceForm, ReassignForm, ReinstateForm, WithdrawForm
from placements.offers.models import Clearing, Offer
from placements.offers.refusal_views import offers
from placements.web.area import page
from placements.web.lists import PAGE_SIZE, page_number, paging
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


@offers.get("/clearing", can="offers.clearing", nav="Clearing")
def clearing() -> Any:
    """Who still needs a place, the most urgent first."""
    rows, count = queries.clearing_list(who(), PAGE_SIZE, page_number())
    leads = who().has_any("leader")
    return page(
        rows=rows,
        paging=paging(len(rows), count),
        me=who().person_id,
        leads=leads,
        led=who().held_on("leader"),
        overdue=lists.overdue(who(), now()) if leads else [],
        today=today(now()),
    )


@offers.get("/clearing/by-hand", can="offers.by_hand")
def by_hand() -> Any:
    """The places that staff gave by hand: to whom, by whom, why."""
    found, count = lists.made_by_hand(who(), PAGE_SIZE, page_number())
    return page(offers=found, paging=paging(len(found), count), me=who().person_id)


@offers.form("/clearing/<public_id>/place", can="offers.place", of=queries.seen_clearing)
def place(row: Clearing) -> Any:
    """Offer the student one of the open places by hand."""
    places = candidates_from_clearing(row, who(), now())
    form = PlaceForm([each for each in places if not each.is_refused], now())
    if form.accepted():
        challenge = form.known[form.picked]
        pair = (row.enrolment, challenge.id)
        actions.make_offers([pair], form.deadline, why=form.reason.data, actor=who(), now=now())
        flash(f"{challenge.title} is offered to {row.enrolment.person.name}, who has been told.", "success")
        return redirect(url_for("offers.clearing"))
    return page(
        form=form,
        row=row,
        places=places,
        seen=lists.introduction_of(row.enrolment),
        ranks=RANKS,
        offer=queries.live_offers([row.enrolment_id]).get(row.enrolment_id),
    )


@offers.form("/clearing/<public_id>/reassign", can="offers.reassign", of=queries.seen_clearing)
def reassign(row: Clearing) -> Any:
    """Change who looks after the student, or by when."""
    form = ReassignForm(row, queries.possible_owners(row.enrolment))
    if form.accepted():
        owner = form.owners[form.owner.data]
        clearings.reassign(row, owner.id, form.by_on.data, actor=who(), now=now())
        flash(f"{owner.name} looks after {row.enrolment.person.name}.", "success")
        return redirect(url_for("offers.clearing"))
    return page(form=form, row=row)


@offers.form("/clearing/<public_id>/alternative", can="offers.give_alternative", of=queries.seen_clearing)
def give_alternative(row: Clearing) -> Any:
    """The module leader records what the student does in place of a placement."""
    form = AlternativeForm()
    if form.accepted():
        clearings.give_alternative(row, form.outcome.data, actor=who(), now=now())
        flash(f"The alternative for {row.enrolment.person.name} is recorded, and they have been told.", "success")
        return redirect(url_for("offers.clearing"))
    return page(form=form, row=row)
