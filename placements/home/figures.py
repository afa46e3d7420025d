"""The state of what a person looks after: a few numbers, each of which opens the list behind it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from placements.applications.models import Application
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment, ModuleRun
from placements.cohorts.workflow import EnrolmentState, RunState
from placements.core.policy import Principal
from placements.db import db
from placements.offers.models import Clearing
from placements.partners.models import Enquiry, Organisation
from placements.partners.workflow import EnquiryState, OrganisationState
from placements.placing.models import Placement
from placements.placing.workflow import PlacementState

GOING_ON = (PlacementState.PREPARING, PlacementState.CLEARED, PlacementState.ACTIVE, PlacementState.PAUSED)
STUDYING = (EnrolmentState.REGISTERED, EnrolmentState.SEEKING, EnrolmentState.PLACED, EnrolmentState.COMPLETED)


@dataclass(frozen=True)
class Figure:
    """One number, what it counts, and the list that it opens."""

    number: int
    label: str
    endpoint: str
    values: dict[str, str] = field(default_factory=dict)


def tutor_figures(who: Principal, now: datetime) -> Iterator[Figure]:
    """A tutor's students and how many of them are at work. One query."""
    students, placed = db.session.execute(
        select(func.count(Enrolment.id.distinct()), func.count(Placement.enrolment_id.distinct()))
        .select_from(Enrolment)
        .join(Enrolment.run)
        .outerjoin(Placement, (Placement.enrolment_id == Enrolment.id) & Placement.state.in_(GOING_ON))
        .where(Enrolment.group_id.in_(who.held_on("group_tutor")), Enrolment.state.in_(STUDYING))
        .where(ModuleRun.state == RunState.OPEN)
    ).one()
    yield Figure(students, "students in your groups", "logbook.reading")
    yield Figure(placed, "of them on a placement", "logbook.reading")


def leader_figures(who: Principal, now: datetime) -> Iterator[Figure]:
    """The open runs: enrolled, submitted choices, on a placement, still without one. One query."""
    runs = select(ModuleRun.id).where(ModuleRun.id.in_(who.held_on("leader")), ModuleRun.state == RunState.OPEN)
    enrolled = select(func.count(Enrolment.id)).where(Enrolment.run_id.in_(runs), Enrolment.state.in_(STUDYING))
    chosen = (
        select(func.count(Application.id))
        .join(Application.enrolment)
        .where(Enrolment.run_id.in_(runs), Application.state == ApplicationState.SUBMITTED)
    )
    placed = (
        select(func.count(Placement.id))
        .join(Placement.enrolment)
        .where(Enrolment.run_id.in_(runs), Placement.state.in_(GOING_ON))
    )
    clearing = (
        select(func.count(Clearing.id))
        .join(Clearing.enrolment)
        .where(Enrolment.run_id.in_(runs), Clearing.closed_at.is_(None))
    )
    numbers = db.session.execute(
        select(*(each.scalar_subquery() for each in (enrolled, chosen, placed, clearing)))
    ).one()
    for number, label, endpoint in zip(
        numbers,
        ("students enrolled", "have submitted their choices", "are on a placement", "are on the clearing list"),
        ("cohorts.runs", "cohorts.runs", "cohorts.runs", "offers.clearing"),
        strict=True,
    ):
        yield Figure(number, label, endpoint)


def engagement_figures(who: Principal, now: datetime) -> Iterator[Figure]:
    """Organisations, published challenges and open enquiries. One query."""
    approved = select(func.count(Organisation.id)).where(Organisation.state == OrganisationState.APPROVED)
    published = select(func.count(Challenge.id)).where(Challenge.state == ChallengeState.PUBLISHED)
    open_ = select(func.count(Enquiry.id)).where(
        Enquiry.state.in_((EnquiryState.RECEIVED, EnquiryState.IN_CONVERSATION))
    )
    numbers = db.session.execute(select(*(each.scalar_subquery() for each in (approved, published, open_)))).one()
    for number, label, endpoint in zip(
        numbers,
        ("approved organisations", "published challenges", "open enquiries"),
        ("partners.organisations", "challenges.overview", "partners.enquiries"),
        strict=True,
    ):
        yield Figure(number, label, endpoint)
