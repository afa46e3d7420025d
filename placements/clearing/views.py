"""The clearing list, and what staff do for its students."""

from typing import Any

from flask import flash, redirect, url_for

from placements.applications.rules import RANKS
from placements.clearing import actions, queries
from placements.clearing.asking_views import clearing
from placements.clearing.choosing import candidates_from_clearing
from placements.clearing.forms import AlternativeForm, PlaceForm, ReassignForm
from placements.core.clock import today
from placements.offers.models import Clearing
from placements.offers.queries import live_offers
from placements.web.area import page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, who


@clearing.get("/clearing", can="clearing.students", nav="Clearing")
def students() -> Any:
    """Who still needs a place, the most urgent first."""
    rows, count = queries.clearing_list(who(), PAGE_SIZE, page_number())
    leads = who().has_any("leader")
    return page(
        rows=rows,
        paging=paging(len(rows), count),
        me=who().person_id,
        leads=leads,
        led=who().held_on("leader"),
        overdue=queries.overdue(who(), now()) if leads else [],
        today=today(now()),
    )


@clearing.get("/clearing/by-hand", can="clearing.by_hand")
def by_hand() -> Any:
    """The places that staff gave by hand: to whom, by whom, why."""
    found, count = queries.made_by_hand(who(), PAGE_SIZE, page_number())
    return page(offers=found, paging=paging(len(found), count), me=who().person_id)


@clearing.form("/clearing/<public_id>/place", can="clearing.place", of=queries.seen_clearing)
def place(row: Clearing) -> Any:
    """Offer the student one of the open places by hand."""
    places = candidates_from_clearing(row, who(), now())
    form = PlaceForm([each for each in places if not each.is_refused], now())
    if form.accepted():
        challenge = form.known[form.picked]
        actions.place(row, challenge, form.deadline, form.reason.data, actor=who(), now=now())
        flash(f"{challenge.title} is offered to {row.enrolment.person.name}, who has been told.", "success")
        return redirect(url_for("clearing.students"))
    return page(
        form=form,
        row=row,
        places=places,
        seen=queries.introduction_of(row.enrolment),
        ranks=RANKS,
        offer=live_offers([row.enrolment_id]).get(row.enrolment_id),
    )


@clearing.form("/clearing/<public_id>/reassign", can="clearing.reassign", of=queries.seen_clearing)
def reassign(row: Clearing) -> Any:
    """Change who looks after the student, or by when."""
    form = ReassignForm(row, queries.possible_owners(row.enrolment))
    if form.accepted():
        owner = form.owners[form.owner.data]
        actions.reassign(row, owner.id, form.by_on.data, actor=who(), now=now())
        flash(f"{owner.name} looks after {row.enrolment.person.name}.", "success")
        return redirect(url_for("clearing.students"))
    return page(form=form, row=row)


@clearing.form("/clearing/<public_id>/alternative", can="clearing.give_alternative", of=queries.seen_clearing)
def give_alternative(row: Clearing) -> Any:
    """The module leader records what the student does in place of a placement."""
    form = AlternativeForm()
    if form.accepted():
        actions.give_alternative(row, form.outcome.data, actor=who(), now=now())
        flash(f"The alternative for {row.enrolment.person.name} is recorded, and they have been told.", "success")
        return redirect(url_for("clearing.students"))
    return page(form=form, row=row)
