"""What came of a challenge: the students whom it took on, the hours that they worked, and its verified results."""

from dataclasses import dataclass

from sqlalchemy import func, select

from placements.challenges.models import Challenge
from placements.db import db
from placements.impact.models import Result
from placements.logbook.models import Entry
from placements.logbook.workflow import EntryState
from placements.placing.models import Placement
from placements.placing.workflow import GOING_ON, PlacementState

WORKED = (*GOING_ON, PlacementState.COMPLETED, PlacementState.TRANSFERRED, PlacementState.ENDED_EARLY)


@dataclass(frozen=True)
class Outcome:
    """Of one challenge, in numbers; `headlines` of results that its organisation has checked."""

    placed: int
    completed: int
    minutes: int
    headlines: tuple[str, ...]


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
    checked = select(Result.headline).where(Result.challenge_id == challenge.id, Result.verified_at.is_not(None))
    headlines = db.session.scalars(checked.order_by(Result.id)).all()
    return Outcome(placed, completed, worked or 0, tuple(headlines))
