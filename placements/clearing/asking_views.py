"""Where students without a place see which are open, and ask for some. The area's routes begin here."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, url_for

from placements.applications.finding import open_challenge
from placements.applications.rules import RANKS
from placements.challenges.models import Challenge
from placements.clearing import asking
from placements.clearing.choosing import own_places
from placements.clearing.forms import AskForm
from placements.clearing.queries import introduction_of, own_row
from placements.clearing.rules import MOST_ASKED
from placements.core.policy import Principal
from placements.offers.models import Clearing
from placements.offers.queries import live_offers
from placements.web.area import Area, page
from placements.web.lists import page_of, paging
from placements.web.site import now, who

PAGE_SIZE = 15

clearing = Area("clearing", __name__)


@dataclass(frozen=True)
class Asking:
    """The student's row of the clearing list, and the challenge that they ask for a place in, or no longer."""

    row: Clearing
    challenge: Challenge


def asking_for(who: Principal, public_id: str) -> Asking | None:
    """One's row with a challenge that is open to students, or that one asks for; there may be no place left."""
    row = own_row(who)
    if row is None:
        return None
    asked = next((each.challenge for each in row.asked if each.challenge.public_id == public_id), None)
    challenge = asked or open_challenge(row.enrolment, public_id, now())
    return Asking(row, challenge) if challenge else None


@clearing.get("/offers/places", can="clearing.open_places", of=own_row)
def open_places(row: Clearing) -> Any:
    """The places that are open to the student now."""
    places = own_places(row, now())
    open_now = {each.place.challenge.id for each in places}
    shown = page_of(places, PAGE_SIZE)
    return page(
        row=row,
        places=shown,
        paging=paging(len(shown), len(places), PAGE_SIZE),
        number_asked=sum(each.asked is not None for each in places),
        gone=[each.challenge for each in row.asked if each.challenge_id not in open_now],
        most=MOST_ASKED,
        offer=live_offers([row.enrolment_id]).get(row.enrolment_id),
        ranks=RANKS,
    )


@clearing.form("/offers/places/<public_id>/ask", can="clearing.ask", of=asking_for)
def ask(wanted: Asking) -> Any:
    """Ask for one of them, seeing what is read of oneself."""
    row, challenge = wanted.row, wanted.challenge
    own = next((each for each in own_places(row, now()) if each.place.challenge is challenge), None)
    form = AskForm(data={"words": own.asked.words if own and own.asked else ""})
    if form.accepted():
        asking.ask(row, challenge, form.words.data or "", actor=who(), now=now())
        flash(f"You ask for “{challenge.title}”. {row.owner.name} is told.", "success")
        return redirect(url_for("offers.mine"))
    return page(form=form, row=row, challenge=challenge, own=own, seen=introduction_of(row.enrolment))


@clearing.post("/offers/places/<public_id>/stop-asking", can="clearing.stop_asking", of=asking_for)
def stop_asking(wanted: Asking) -> Any:
    """Ask for it no more."""
    asking.stop_asking(wanted.row, wanted.challenge, actor=who(), now=now())
    flash(f"You no longer ask for “{wanted.challenge.title}”.", "success")
    return redirect(url_for("offers.mine"))
