"""The students whom it concerns that a challenge was paused, closed or withdrawn, each by what ties them to it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, literal, select, union_all

from placements.applications.models import Application, Preference
from placements.applications.policy import CHOOSING
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.db import db
from placements.offers.models import Offer
from placements.offers.workflow import OfferState
from placements.placing.models import Placement
from placements.placing.workflow import GOING_ON


class Tie(StrEnum):
    """What ties a student to a challenge; in this order, for who is tied to it more than once."""

    PLACED = "placed"
    OFFERED = "offered"
    RANKED = "ranked"


def students_affected(now: datetime) -> Select[int, int, datetime]:
    """(challenge, student, when it was stopped) of each who was placed on it, offered it or had chosen it by then."""
    tied = _tied().subquery()
    return select(tied.c.id, tied.c.person_id, tied.c.stopped_at).distinct()


def tie_of(challenge: Challenge, person_id: int) -> tuple[Tie, Enrolment] | None:
    """What ties the student to it, as far as it still does, and by which enrolment. Two queries."""
    tied = _tied().subquery()
    mine = select(tied.c.tie, tied.c.enrolment_id).where(tied.c.id == challenge.id, tied.c.person_id == person_id)
    found = {Tie(tie): enrolment_id for tie, enrolment_id in db.session.execute(mine)}
    return next(((tie, db.session.get_one(Enrolment, found[tie])) for tie in Tie if tie in found), None)


def _tied() -> Any:
    stopped_at = Challenge.stopped_at
    placed = _rows(Tie.PLACED).join(Placement, Placement.challenge_id == Challenge.id).join(Placement.enrolment)
    offered = _rows(Tie.OFFERED).join(Offer, Offer.challenge_id == Challenge.id).join(Offer.enrolment)
    ranked = _rows(Tie.RANKED).join(Preference, Preference.challenge_id == Challenge.id)
    ranked = ranked.join(Preference.application).join(Application.enrolment)
    counts = (Application.state == ApplicationState.SUBMITTED, Application.decided_at.is_(None))
    return union_all(
        placed.where(Placement.state.in_(GOING_ON), Placement.created_at <= stopped_at),
        offered.where(Offer.state == OfferState.MADE, Offer.made_at <= stopped_at),
        ranked.where(*counts, Application.submitted_at <= stopped_at, Enrolment.state.in_(CHOOSING)),
    )


def _rows(tie: Tie) -> Select[*tuple[Any, ...]]:
    return select(
        Challenge.id,
        Enrolment.person_id,
        Challenge.stopped_at,
        literal(tie.value).label("tie"),
        Enrolment.id.label("enrolment_id"),
    ).select_from(Challenge)
