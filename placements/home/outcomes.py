"""What came of a challenge: the students whom it took on, the hours that they worked, and its verified results."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from placements.challenges.models import Challenge
from placements.db import db
from placements.impact.models import Result
from placements.impact.workflow import ResultState
from placements.logbook.models import Entry
from placements.logbook.workflow import EntryState
from placements.offers.models import Offer
from placements.offers.workflow import OfferState
from placements.placing.models import Placement
from placements.placing.workflow import GOING_ON, PlacementState

CHECKED = (ResultState.VERIFIED, ResultState.PUBLISHED)
WORKED = (*GOING_ON, PlacementState.COMPLETED, PlacementState.TRANSFERRED, PlacementState.ENDED_EARLY)


@dataclass(frozen=True)
class Outcome:
    """Of one challenge, in numbers, and what is told of it that its organisation has checked.

    `answered_by`: until when students who are offered a place answer; None where none has still to.
    """

    placed: int
    completed: int
    minutes: int
    answered_by: datetime | None
    results: Sequence[Result]


def outcome_of(challenge: Challenge) -> Outcome:
    """Two queries."""
    here = Placement.challenge_id == challenge.id
    confirmed = Entry.state.in_((EntryState.CONFIRMED, EntryState.VERIFIED))
    minutes = select(func.sum(Entry.minutes)).join(Entry.placement).where(here, confirmed).scalar_subquery()
    offered = select(func.max(Offer.deadline_at)).where(
        Offer.challenge_id == challenge.id, Offer.state == OfferState.MADE
    )
    placed, completed, worked, answered_by = db.session.execute(
        select(
            func.count(Placement.id).filter(Placement.state.in_(WORKED)),
            func.count(Placement.id).filter(Placement.state == PlacementState.COMPLETED),
            minutes,
            offered.scalar_subquery(),
        ).where(here)
    ).one()
    checked = select(Result).where(Result.challenge_id == challenge.id, Result.state.in_(CHECKED))
    results = db.session.scalars(checked.order_by(Result.id)).all()
    return Outcome(placed, completed, worked or 0, answered_by, results)
