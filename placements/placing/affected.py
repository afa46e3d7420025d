"""Whom it concerns that a challenge was paused, closed or withdrawn: students, by what ties them to it, and tutors.

While its organisation is paused, what students could see of it is paused too, since that moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, case, func, literal, or_, select, union_all

from placements.applications.models import Application, Preference
from placements.applications.policy import CHOOSING
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment, RoleOnRun, RunRole
from placements.cohorts.queries import acting_group_tutor
from placements.core.clock import today
from placements.db import db
from placements.offers.models import Offer
from placements.offers.queries import STILL_ON
from placements.offers.workflow import OfferState
from placements.partners.models import Organisation
from placements.partners.workflow import OrganisationState
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import acting_tutor
from placements.placing.workflow import GOING_ON


class Tie(StrEnum):
    """What ties a student to a challenge; in this order, for who is tied to it more than once."""

    PLACED = "placed"
    OFFERED = "offered"
    RANKED = "ranked"


@dataclass(frozen=True)
class Tied:
    """What ties a student to a stopped challenge, by which enrolment, and who is their tutor."""

    tie: Tie
    is_paused: bool  # by itself, or with its organisation
    enrolment: Enrolment
    tutor: Person | None


def students_affected(now: datetime) -> Select[int, int, datetime]:
    """(challenge, student, when it was stopped) of each who was placed on it, offered it or had chosen it by then."""
    tied = _tied(today(now)).subquery()
    return select(tied.c.id, tied.c.person_id, tied.c.stopped_at).distinct()


def tutors_concerned(now: datetime) -> Select[int, int, datetime]:
    """(challenge, tutor, when it was stopped) of those who have to look for something else for one of these students.

    The leaders of the run, where the student has no tutor.
    """
    tied = _tied(today(now)).subquery()
    leads = and_(tied.c.tutor_id.is_(None), RoleOnRun.leads(tied.c.run_id))
    told = func.coalesce(tied.c.tutor_id, RoleOnRun.person_id)
    rows = select(tied.c.id, told, tied.c.stopped_at).select_from(tied).outerjoin(RoleOnRun, leads)
    return rows.where(_needs_another(tied), told.is_not(None)).distinct()


def students_of(challenge: Challenge, tutor_id: int, now: datetime) -> Sequence[tuple[str, Tie]]:
    """The names of those for whom the tutor, or the leader, has to look for something else, with their tie."""
    tied = _tied(today(now)).subquery()
    led = select(RoleOnRun.run_id).where(RoleOnRun.person_id == tutor_id, RoleOnRun.role == RunRole.LEADER)
    theirs = or_(tied.c.tutor_id == tutor_id, and_(tied.c.tutor_id.is_(None), tied.c.run_id.in_(led)))
    rows = select(Person, tied.c.tie).join(tied, tied.c.person_id == Person.id)
    rows = rows.where(tied.c.id == challenge.id, theirs, _needs_another(tied))
    found = db.session.execute(rows.order_by(Person.family_name, Person.given_name, Person.id))
    return [(person.name, Tie(tie)) for person, tie in found]


def _needs_another(tied: Any) -> Any:
    """An offer cannot be accepted while it is paused; of what is withdrawn, neither offer nor placement stands."""
    withdrawn = and_(tied.c.state == ChallengeState.WITHDRAWN, tied.c.tie != Tie.RANKED.value)
    return or_(withdrawn, and_(tied.c.state == ChallengeState.PAUSED, tied.c.tie == Tie.OFFERED.value))


def tie_of(challenge: Challenge, person_id: int, now: datetime) -> Tied | None:
    """What ties the student to it, as far as it still does. Two queries."""
    tied = _tied(today(now)).subquery()
    mine = select(tied.c.tie, tied.c.state, tied.c.enrolment_id, tied.c.tutor_id)
    rows = db.session.execute(mine.where(tied.c.id == challenge.id, tied.c.person_id == person_id))
    found = {Tie(row.tie): row for row in rows}
    first = next((found[tie] for tie in Tie if tie in found), None)
    if first is None:
        return None
    tutor = db.session.get(Person, first.tutor_id) if first.tutor_id else None
    enrolment = db.session.get_one(Enrolment, first.enrolment_id)
    return Tied(Tie(first.tie), first.state == ChallengeState.PAUSED, enrolment, tutor)


def _tied(on: date) -> Any:
    group_tutor = acting_group_tutor(on)
    placed = _rows(Tie.PLACED, acting_tutor(on)).join(Placement, Placement.challenge_id == Challenge.id)
    placed = placed.join(Placement.enrolment)
    offered = _rows(Tie.OFFERED, group_tutor).join(Offer, Offer.challenge_id == Challenge.id)
    offered = offered.join(Offer.enrolment).join(Enrolment.group)
    ranked = _rows(Tie.RANKED, group_tutor).join(Preference, Preference.challenge_id == Challenge.id)
    ranked = ranked.join(Preference.application).join(Application.enrolment).join(Enrolment.group)
    counts = (Application.state == ApplicationState.SUBMITTED, Application.decided_at.is_(None))
    return union_all(
        placed.where(Placement.state.in_(GOING_ON), Placement.created_at <= _stopped_at(Tie.PLACED)),
        offered.where(Offer.state == OfferState.MADE, Offer.made_at <= _stopped_at(Tie.OFFERED)),
        ranked.where(*counts, Application.submitted_at <= _stopped_at(Tie.RANKED), Enrolment.state.in_(CHOOSING)),
    )


def _rows(tie: Tie, tutor_id: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Challenge.id,
            case((_pauses(tie), ChallengeState.PAUSED), else_=Challenge.state).label("state"),
            Enrolment.person_id,
            Enrolment.run_id,
            _stopped_at(tie).label("stopped_at"),
            literal(tie.value).label("tie"),
            Enrolment.id.label("enrolment_id"),
            tutor_id.label("tutor_id"),
        )
        .select_from(Challenge)
        .join(Challenge.organisation)
    )


def _stopped_at(tie: Tie) -> Any:
    return case((_pauses(tie), Organisation.paused_at), else_=Challenge.stopped_at)


def _pauses(tie: Tie) -> Any:
    """The organisation's pause is news: to who had chosen it, only where nobody has told them that it is closed."""
    states = (ChallengeState.PUBLISHED,) if tie is Tie.RANKED else STILL_ON
    return and_(Organisation.state == OrganisationState.PAUSED, Challenge.state.in_(states))
