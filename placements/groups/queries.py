"""Groups that have fewer students than their challenge needs, since one has left, and nobody has decided about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.elements import SQLCoreOperations

from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.core.policy import Principal
from placements.db import db
from placements.groups.models import GroupDecision
from placements.placing.models import Placement
from placements.placing.queries import whole
from placements.placing.workflow import GOING_ON, PlacementState

LEFT = (PlacementState.NOT_STARTED, PlacementState.TRANSFERRED, PlacementState.ENDED_EARLY)


@dataclass(frozen=True)
class Group:
    """The students of one challenge: who goes on, who has left, and since when somebody has to decide, if so."""

    challenge: Challenge
    staying: Sequence[Placement]
    gone: Sequence[Placement]
    is_open: bool


def left_at() -> ColumnElement[datetime | None]:
    """When the last student left the challenge. A column beside it."""
    gone = select(func.max(Placement.ended_at)).where(Placement.challenge_id == Challenge.id)
    return gone.where(Placement.state.in_(LEFT)).correlate(Challenge).scalar_subquery()


def waits() -> ColumnElement[bool]:
    """Which challenges have students, but fewer than they need, since one left after the last decision."""
    going_on = select(func.count(Placement.id)).where(Placement.challenge_id == Challenge.id)
    number = going_on.where(Placement.state.in_(GOING_ON)).correlate(Challenge).scalar_subquery()
    decided = select(GroupDecision.id).where(
        GroupDecision.challenge_id == Challenge.id, GroupDecision.decided_at >= left_at()
    )
    return and_(number > 0, number < Challenge.places_min, left_at().is_not(None), ~decided.exists())


def waiting_of(run_id: SQLCoreOperations[int]) -> Select[int]:
    """The challenges that wait for a decision and have a student of the run who goes on."""
    of_run = select(Placement.challenge_id).join(Placement.enrolment).where(Enrolment.run_id == run_id)
    going_on = of_run.where(Placement.state.in_(GOING_ON)).correlate_except(Placement, Enrolment)
    return select(Challenge.id).where(waits(), Challenge.id.in_(going_on))


def group_of(who: Principal, public_id: str) -> Group | None:
    """The students of the challenge at that address, where `who` leads a run that one of them is on. Four queries."""
    led = select(Placement.id).join(Placement.enrolment).where(Placement.challenge_id == Challenge.id)
    led = led.where(Enrolment.run_id.in_(who.held_on("leader")), Placement.state.in_((*GOING_ON, *LEFT)))
    found = select(Challenge).where(Challenge.public_id == public_id, led.exists())
    challenge = db.session.scalar(found.options(joinedload(Challenge.organisation)))
    return None if challenge is None else group(challenge)


def group(challenge: Challenge) -> Group:
    """Its students, and whether somebody has to decide. Two queries."""
    theirs = select(Placement).where(Placement.challenge_id == challenge.id, Placement.state.in_((*GOING_ON, *LEFT)))
    placements = db.session.scalars(theirs.options(*whole(), joinedload(Placement.offer)).order_by(Placement.id)).all()
    is_open = db.session.scalar(select(Challenge.id).where(Challenge.id == challenge.id, waits())) is not None
    return Group(
        challenge,
        [each for each in placements if each.goes_on],
        [each for each in placements if not each.goes_on],
        is_open,
    )
