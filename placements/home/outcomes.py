"""What came of a challenge: the students whom it took on, the hours that they worked, and its verified results."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from placements.challenges.models import Challenge
from placements.db import db
from placements.impact.models import Result
from placements.impact.workflow import ResultState
from placements.logbook.models import Entry
from placements.logbook.workflow import EntryState
from placements.placing.models import Placement
from placements.placing.workflow import GOING_ON, PlacementState

CHECKED = (ResultState.VERIFIED, ResultState.PUBLISHED)
WORKED = (*GOING_ON, PlacementState.COMPLETED, PlacementState.TRANSFERRED, PlacementState.ENDED_EARLY)


@dataclass(frozen=True)
class Outcome:
    """Of one challenge, in numbers, and what is told of it that its organisation has checked."""

    placed: int
    completed: int
    minutes: int
    results: Sequence[Result]


def outcome_of(challenge: Challenge) -> Outcome:
    """Two queries."""
    here = Placement.challenge_id == challenge.id
    confirmed = Entry.state.in_((EntryState.CONFIRMED, EntryState.VERIFIED))
    minutes = select(func.sum(Entry.minutes)).join(Entry.placement).where(here, confirmed).scalar_subquery()
    placed, completed, worked = db.session.execute(
        select(
            func.count(Placement.id).filter(Placement.state.in_(WORKED)),
            func.count(Placement.id).filter(Placement.state == PlacementState.COMPLETED),
            minutes,
        ).where(here)
    ).one()
    checked = select(Result).where(Result.challenge_id == challenge.id, Result.state.in_(CHECKED))
    return Outcome(placed, completed, worked or 0, db.session.scalars(checked.order_by(Result.id)).all())
