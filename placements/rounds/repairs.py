"""What a repair is about: offers that nobody has answered may change, as few as can be; whoever has accepted stays."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from placements.applications.models import Preference
from placements.challenges.models import Challenge
from placements.db import db
from placements.offers.models import Offer
from placements.offers.queries import Taken, is_still_on
from placements.offers.workflow import OfferState


@dataclass(frozen=True)
class InPlay:
    """The unanswered offers that a repair may change, by enrolment, and those of their challenges that are still on."""

    offers: Mapping[int, Offer] = field(default_factory=dict)
    challenges: Sequence[Challenge] = ()

    def counted(self, taken: Taken) -> Taken:
        """Count the places of these offers as free. Returns what it was given."""
        for offer in self.offers.values():
            taken.take(offer.challenge_id, offer.challenge.organisation_id, -1)
        return taken


def in_play(offers: Mapping[int, Offer], chosen: Mapping[int, Collection[Preference]], now: datetime) -> InPlay:
    """Of live offers by enrolment, those that a repair may change; `chosen` by enrolment. One query.

    Not one that staff made of a challenge which its student had not chosen: that one holds its place, as long as it is
    still on.
    """
    made = {key: offer for key, offer in offers.items() if offer.state is OfferState.MADE}
    theirs = select(Challenge).where(Challenge.id.in_({offer.challenge_id for offer in made.values()}))
    loaded = (joinedload(Challenge.organisation), joinedload(Challenge.site), undefer(Challenge.further_boroughs))
    is_on = {each.id: each for each in db.session.scalars(theirs.options(*loaded)) if is_still_on(each, now)}
    ranked = {key: {each.challenge_id for each in preferences} for key, preferences in chosen.items()}
    found = {
        key: offer
        for key, offer in made.items()
        if offer.challenge_id not in is_on or offer.challenge_id in ranked.get(key, ())
    }
    return InPlay(found, [is_on[key] for key in {offer.challenge_id for offer in found.values()} if key in is_on])
