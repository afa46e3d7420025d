"""Rows of the clearing list as their reader may see them, whose dates have passed, the places given by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from placements.applications.models import Application
from placements.applications.rules import Introduction
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.cohorts.queries import visible_enrolments
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.offers.models import Clearing, ClearingReason, Offer
from placements.offers.queries import ASKED, leaders, live_offers, whole
from placements.offers.workflow import OfferState
from placements.people.models import Person


def clearing_visible_to(who: Principal) -> Select[Clearing]:
    """The rows of one's groups' students, and of the runs that one leads; not one's own."""
    others = visible_enrolments(who).with_only_columns(Enrolment.id).where(Enrolment.person_id != who.person_id)
    return select(Clearing).where(Clearing.enrolment_id.in_(others))


def seen_clearing(who: Principal, public_id: str) -> Clearing | None:
    """The row at that address, where `who` may see it."""
    found = clearing_visible_to(who).where(Clearing.public_id == public_id)
    return db.session.scalar(found.options(*whole(Clearing), joinedload(Clearing.owner)))


@dataclass(frozen=True)
class Waiting:
    """One line of the clearing list. `offer` is what the student has open, if anything.

    `lapsed`: what they did not answer, where that brought them here; its module leader can open it again.
    """

    clearing: Clearing
    offer: Offer | None
    lapsed: Offer | None


def clearing_list(who: Principal, size: int, number: int) -> tuple[list[Waiting], int]:
    """A page of those who still need a place, the most urgent first, and how many there are. Four queries."""
    open_rows = clearing_visible_to(who).where(Clearing.closed_at.is_(None)).order_by(Clearing.by_on, Clearing.id)
    rows, count = slice_of(open_rows, size, number, *whole(Clearing), joinedload(Clearing.owner), ASKED)
    offers = live_offers([row.enrolment_id for row in rows])
    lapsed = _lapsed([row.enrolment_id for row in rows if row.why is ClearingReason.EXPIRED])
    return [Waiting(row, offers.get(row.enrolment_id), lapsed.get(row.enrolment_id)) for row in rows], count


def _lapsed(enrolment_ids: Sequence[int]) -> Mapping[int, Offer]:
    """The offer of each student that ran out last, by enrolment. One query."""
    rows = select(Offer).where(Offer.enrolment_id.in_(enrolment_ids), Offer.state == OfferState.EXPIRED)
    found = db.session.scalars(rows.options(joinedload(Offer.challenge)).order_by(Offer.deadline_at, Offer.id))
    return {offer.enrolment_id: offer for offer in found}


def own_row(who: Principal) -> Clearing | None:
    """One's own open row of the clearing list, with its owner and one's enrolment. One query."""
    rows = select(Clearing).where(Clearing.enrolment_id.in_(who.held_on("student")), Clearing.closed_at.is_(None))
    enrolment = joinedload(Clearing.enrolment)
    return db.session.scalars(
        rows.options(
            joinedload(Clearing.owner),
            enrolment.joinedload(Enrolment.run),
            enrolment.joinedload(Enrolment.person),
        )
        .order_by(Clearing.id)
        .limit(1)
    ).first()


@dataclass(frozen=True)
class Overdue:
    """Whose students on the clearing list are past their date: how many, and since when the first is."""

    owner: Person
    number: int
    first_on: date


def overdue(who: Principal, now: datetime) -> list[Overdue]:
    """The owners, in the runs that one leads, of rows past their date, the longest overdue first. One query."""
    first_on = func.min(Clearing.by_on)
    rows = (
        select(Person, func.count(Clearing.id), first_on)
        .join(Clearing, Clearing.owner_id == Person.id)
        .join(Clearing.enrolment)
        .where(Enrolment.run_id.in_(who.held_on("leader")), Enrolment.person_id != who.person_id)
        .where(Clearing.closed_at.is_(None), Clearing.by_on < today(now))
        .group_by(Person.id)
        .order_by(first_on, Person.id)
    )
    return [Overdue(owner, number, first) for owner, number, first in db.session.execute(rows)]


def made_by_hand(who: Principal, size: int, number: int) -> tuple[list[Offer], int]:
    """A page of the offers that staff made by hand in the runs that one leads, the latest first. One query."""
    rows = select(Offer).join(Offer.enrolment).where(Offer.why_made.is_not(None))
    led = rows.where(Enrolment.run_id.in_(who.held_on("leader")), Enrolment.person_id != who.person_id)
    challenge = joinedload(Offer.challenge).joinedload(Challenge.organisation)
    return slice_of(led.order_by(Offer.id.desc()), size, number, *whole(Offer), challenge, joinedload(Offer.made_by))


def introduction_of(enrolment: Enrolment) -> Introduction:
    """How those who look after the student read of them, with the statement last submitted, if any. One query."""
    submitted = Application.enrolment_id == enrolment.id, Application.state == ApplicationState.SUBMITTED
    statement = db.session.scalar(select(Application.statement).where(*submitted)) or ""
    return Introduction(enrolment.person.name, enrolment.course_title, statement, "")


def possible_owners(enrolment: Enrolment) -> list[Person]:
    """Who can look after a student without a place: the group's tutor first, then the run's leaders."""
    tutor = enrolment.group.tutor
    return [*([tutor] if tutor else []), *(leader for leader in leaders(enrolment.run_id) if leader != tutor)]
