"""What happens on placements, whoever reads it: planned days, visits and calls by the tutor, Agreements to sign."""

from collections.abc import Iterator
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import contains_eager

from placements.agreements.models import Party
from placements.attendance.models import ContactKind, ContactPoint, HostClosedDay, PlannedDay
from placements.attendance.workflow import ContactState, DayState
from placements.calendar.entries import Entry, moves_of
from placements.challenges.models import Challenge
from placements.cohorts.models import ClosedDay, Enrolment
from placements.core.clock import in_london
from placements.core.policy import Principal
from placements.db import db
from placements.partners.policy import has_no_side
from placements.placing.models import Placement
from placements.placing.rules import told_at
from placements.placing.workflow import GOING_ON, PlacementState
from placements.signing.waiting import to_sign

VISITED = tuple(state for state in GOING_ON if state is not PlacementState.PAUSED)


def planned_days(whose: ColumnElement[bool], what: str) -> Iterator[Entry]:
    """The days of these placements on which their students are expected: neither cancelled nor closed. One query."""
    shut = exists().where(
        HostClosedDay.organisation_id == Challenge.organisation_id,
        HostClosedDay.from_on <= PlannedDay.on,
        HostClosedDay.to_on >= PlannedDay.on,
    )
    found = select(PlannedDay).join(PlannedDay.placement).join(Placement.challenge)
    found = found.join(Placement.enrolment).join(Enrolment.run)
    found = found.where(whose, Placement.state.in_(VISITED), PlannedDay.state == DayState.PLANNED)
    found = found.where(~shut, PlannedDay.on.not_in(select(ClosedDay.day)))
    run = contains_eager(PlannedDay.placement).contains_eager(Placement.enrolment).contains_eager(Enrolment.run)
    for each in db.session.scalars(found.options(run).order_by(PlannedDay.on, PlannedDay.id)):
        at = _instant(each.on, each.starts)
        yield Entry(
            uid=f"day-{each.public_id}",
            what=what,
            where=each.placement.enrolment.run.title,
            at=at or each.on,
            sequence=moves_of(each),
            endpoint="attendance.plan",
            values={"public_id": each.placement.public_id},
            is_visit=True,
            until=_instant(each.on, each.ends) if at else None,
        )


def _instant(day: date, at: time | None) -> datetime | None:
    return in_london(day, at) if at else None


def contacts(whose: ColumnElement[bool], visit: str, call: str, endpoint: str) -> Iterator[Entry]:
    """The tutors' visits and calls of these placements that were not missed. One query.

    `endpoint`: the page of one's visits, or of the placement's plan.
    """
    found = select(ContactPoint).join(ContactPoint.placement).join(Placement.enrolment).join(Enrolment.run)
    found = found.where(whose, Placement.state.in_(GOING_ON), ContactPoint.state != ContactState.MISSED)
    run = contains_eager(ContactPoint.placement).contains_eager(Placement.enrolment).contains_eager(Enrolment.run)
    for each in db.session.scalars(found.options(run).order_by(ContactPoint.at, ContactPoint.id)):
        yield Entry(
            uid=f"contact-{each.public_id}",
            what=visit if each.kind is ContactKind.VISIT else call,
            where=each.placement.enrolment.run.title,
            at=each.at,
            sequence=moves_of(each),
            endpoint=endpoint,
            values={} if endpoint == "attendance.visits" else {"public_id": each.placement.public_id},
            is_to_do=each.state is ContactState.PLANNED,
            is_visit=True,
        )


def signings(party: Party, whose: ColumnElement[bool], decides: Principal | None = None) -> Iterator[Entry]:
    """The Agreements that wait for that party, each by the morning of the placement's first day. One query.

    `decides`: who signs for the university, which nobody does who has a side in the organisation.
    """
    for each in to_sign(party, whose):
        if decides is None or has_no_side(decides, each.challenge.organisation_id):
            at, values = told_at(each.starts_on), {"public_id": each.public_id}
            what, run = "Sign the Challenge Agreement", each.enrolment.run.title
            yield Entry(f"sign-{each.public_id}", what, run, at, moves_of(each), "agreements.agreement", values)
