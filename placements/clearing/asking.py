"""What a student on the clearing list asks for while somebody looks for a place with them."""

from datetime import datetime

from sqlalchemy import select

from placements.challenges.models import Challenge
from placements.clearing import notices
from placements.clearing.choosing import own_places
from placements.clearing.rules import MOST_ASKED, told_together_at
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.mail.actions import tell
from placements.offers.models import AskedPlace, Clearing
from placements.offers.queries import live_offers


def ask(row: Clearing, challenge: Challenge, words: str, *, actor: Principal, now: datetime) -> None:
    """Ask for a place there, with `words` to the owner, who is told; asked for already, the words are changed.

    Raises Refused where the student needs none any more or has an offer, asks for three already that are still
    open, or there is no place for them.
    """
    asked = _held(row)
    if row.closed_at is not None:
        raise Refused("You are not on the clearing list any more, so there is nothing to ask for.")
    if live_offers([row.enrolment_id]):
        raise Refused("You have an offer. Answer it first: if you decline it, you can ask again.")
    wish = asked.get(challenge.id)
    if wish is None:
        places = own_places(row, now)
        if sum(each.asked is not None for each in places) >= MOST_ASKED:
            raise Refused(f"You ask for {MOST_ASKED} places already. Take one back to ask for another.")
        if all(each.place.challenge.id != challenge.id for each in places):
            raise Refused(f"There is no place for you in “{challenge.title}” any more. Choose another.")
        wish = AskedPlace(clearing=row, challenge=challenge, words=words, asked_at=now)
        db.session.add(wish)
        record("place asked for", row, actor=actor, now=now, person_id=row.enrolment.person_id)
    wish.words = words
    tell(notices.ASKED, row.id, [row.owner_id], told_together_at(now))


def stop_asking(row: Clearing, challenge: Challenge, *, actor: Principal, now: datetime) -> None:
    """Ask for that place no more. Twice is once."""
    wish = _held(row).get(challenge.id)
    if wish is not None:
        db.session.delete(wish)
        record("place no longer asked for", row, actor=actor, now=now, person_id=row.enrolment.person_id)


def _held(row: Clearing) -> dict[int, AskedPlace]:
    """What the row's student asks for, by challenge; nobody else asks or takes back until the transaction ends."""
    hold_row(row, "closed_at", "owner_id")
    wishes = db.session.scalars(select(AskedPlace).where(AskedPlace.clearing_id == row.id))
    return {wish.challenge_id: wish for wish in wishes}
