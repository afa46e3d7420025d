"""Where students without a place see which are open, and ask for some. The area's routes begin here."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, url_for

from placements.applications.rules import RANKS
from placements.challenges.models import Challenge
from placements.core.policy import Principal
from placements.offers import asking
from placements.offers.choosing import OwnPlace, own_places
from placements.offers.forms import AskForm
from placements.offers.lists import introduction_of, own_row
from placements.offers.models import Clearing
from placements.offers.queries import live_offers
from placements.offers.rules import MOST_ASKED
from placements.web.area import Area, page
from placements.web.lists import page_number, paging
from placements.web.site import now, who

PAGE_SIZE = 15

offers = Area("offers", __name__)


@dataclass(frozen=True)
class Asking:
    """The student's row of the clearing list, and the place that they ask for."""

    row: Clearing
    own: OwnPlace


def asking_for(who: Principal, public_id: str) -> Asking | None:
    """That place, where it is open to somebody who stands on the clearing list."""
    row = own_row(who)
    places = own_places(row, now()) if row else []
    own = next((each for each in places if each.place.challenge.public_id == public_id), None)
    return Asking(row, own) if row and own else None


def asked_for(who: Principal, public_id: str) -> tuple[Clearing, Challenge] | None:
    """One's row with a challenge that one asks for, or could ask for again."""
    row = own_row(who)
    asked = next((each.challenge for each in row.asked if each.challenge.public_id == public_id), None) if row else None
    if row and asked:
        return row, asked
    again = asking_for(who, public_id)
    return (again.row, again.own.place.challenge) if again else None


@offers.get("/offers/places", can="offers.open_places", of=own_row)
def open_places(row: Clearing) -> Any:
    """The places that are open to the student now."""
    places = own_places(row, now())
    first = PAGE_SIZE * (page_number() - 1)
    shown = places[first : first + PAGE_SIZE]
    return page(
        row=row,
        places=shown,
        paging=paging(len(shown), len(places), PAGE_SIZE),
        number_asked=sum(each.asked is not None for each in places),
        most=MOST_ASKED,
        offer=live_offers([row.enrolment_id]).get(row.enrolment_id),
        ranks=RANKS,
    )


@offers.form("/offers/places/<public_id>/ask", can="offers.ask", of=asking_for)
def ask(asking_for: Asking) -> Any:
    """Ask for one of them, seeing what is read of oneself."""
    row, own = asking_for.row, asking_for.own
    form = AskForm(data={"words": own.asked.words if own.asked else ""})
    if form.accepted():
        asking.ask(row, own.place.challenge, form.words.data or "", actor=who(), now=now())
        flash(f"You ask for “{own.place.challenge.title}”. {row.owner.name} is told.", "success")
        return redirect(url_for("offers.mine"))
    return page(form=form, row=row, own=own, seen=introduction_of(row.enrolment))


@offers.post("/offers/places/<public_id>/take-back", can="offers.take_back", of=asked_for)
def take_back(asked: tuple[Clearing, Challenge]) -> Any:
    """Ask for it no more."""
    row, challenge = asked
    asking.take_back(row, challenge, actor=who(), now=now())
    flash(f"You no longer ask for “{challenge.title}”.", "success")
    return redirect(url_for("offers.mine"))
