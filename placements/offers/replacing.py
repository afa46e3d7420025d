"""Taking unanswered offers back so that their places can be given anew in the same transaction: a round is repaired."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import select

from placements.challenges.models import Challenge
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.actions import record
from placements.mail.actions import tell
from placements.offers import notices
from placements.offers.models import ClearingReason, Offer
from placements.offers.queries import Taken, is_still_on, locked_challenges, taken
from placements.offers.unplaced import needs_a_place
from placements.offers.workflow import OFFER, OfferState

BY_HAND = "The module team had to change it by hand."
FOR_OTHERS = "This way more students have a place."


def make_room(
    moved: Sequence[Offer],
    lost: Sequence[Offer],
    wanted: Collection[int],
    *,
    by_hand: Collection[int] = (),
    by_on: date,
    actor: Principal,
    now: datetime,
) -> None:
    """Take these unanswered offers back, each with its reason. Nobody on a waiting list gets what becomes free.

    Students of `moved` are told by whoever makes them another offer; those of `lost` go to the clearing list, to be
    seen to by `by_on`, and are told now. `wanted`: challenges whose places are given out next, held from now on.
    `by_hand`: keys of offers that staff changed themselves. Raises Refused where a student has answered.
    """
    offers = _held([*moved, *lost])
    challenges = locked_challenges({*wanted, *(offer.challenge_id for offer in offers)})
    counted = {year: taken(year) for year in {each.academic_year for each in challenges.values()}}
    for offer in offers:
        challenge = challenges[offer.challenge_id]
        OFFER.move(offer, "withdraw")
        offer.answered_at = now
        offer.reason = BY_HAND if offer.id in by_hand else _why(challenge, counted[challenge.academic_year], now)
        record("taken back", offer, actor=actor, now=now, person_id=offer.enrolment.person_id)
    for offer in lost:
        why, fallback = ClearingReason.WITHDRAWN, offer.made_by_id
        needs_a_place(offer.enrolment, why, by_on=by_on, fallback_id=fallback, actor=actor, now=now)
        tell(notices.WITHDRAWN, offer.id, [offer.enrolment.person_id], now)
    db.session.flush()


def _held(offers: Sequence[Offer]) -> Sequence[Offer]:
    """Read them again, and keep everybody else off them, always in the same order, until the transaction ends."""
    db.session.flush()
    rows = select(Offer).where(Offer.id.in_([offer.id for offer in offers])).order_by(Offer.id)
    held = db.session.scalars(rows.with_for_update().execution_options(populate_existing=True)).all()
    for offer in held:
        if offer.state is not OfferState.MADE:
            raise Refused(f"{offer.enrolment.person.name} no longer has an offer to answer.")
    return held


def _why(challenge: Challenge, counted: Taken, now: datetime) -> str:
    """Why an offer of the challenge cannot stay, in a sentence for its student and for staff."""
    if not is_still_on(challenge, now):
        return f"“{challenge.title}” is not open to students any more."
    if counted.room(challenge).is_overfull:
        return f"“{challenge.title}” can take fewer students than were offered a place there."
    return FOR_OTHERS
