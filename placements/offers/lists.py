"""Further reads about clearing: one's own row, whose dates have passed, the places that were given by hand."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from placements.applications.models import Application
from placements.applications.rules import Introduction
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.offers.models import Clearing, Offer
from placements.offers.queries import whole
from placements.people.models import Person


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
