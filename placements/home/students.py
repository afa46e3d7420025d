"""What a student may have to do next, from their first choice to their mark. One query a kind of step."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from placements.agreements.models import Agreement, Party, Signature
from placements.agreements.workflow import AgreementState
from placements.applications.models import Application
from placements.applications.workflow import ApplicationState
from placements.assessment.models import Submission
from placements.assessment.workflow import SubmissionState
from placements.challenges.models import Challenge
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.workflow import EnrolmentState
from placements.core.clock import london, say_date
from placements.core.policy import Principal
from placements.db import db
from placements.home.steps import Step
from placements.logbook.models import Entry
from placements.logbook.workflow import EntryState
from placements.offers.models import Offer
from placements.offers.workflow import OfferState
from placements.placing.models import Placement
from placements.placing.workflow import PlacementState

QUIET = timedelta(days=7)
SOON = timedelta(days=42)
STUDYING = (EnrolmentState.REGISTERED, EnrolmentState.SEEKING, EnrolmentState.PLACED)


def steps(who: Principal, now: datetime) -> Iterator[Step]:
    """Every step that is open to this student."""
    yield from _choices(who, now)
    yield from _offers(who)
    yield from _agreements(who)
    yield from _queries(who)
    yield from _silence(who, now)
    yield from _portfolio(who, now)


def _choices(who: Principal, now: datetime) -> Iterator[Step]:
    without = (
        select(ModuleRun.ranking_closes_at)
        .join(Enrolment, Enrolment.run_id == ModuleRun.id)
        .outerjoin(Application, Application.enrolment_id == Enrolment.id)
        .where(Enrolment.person_id == who.person_id)
        .where(Enrolment.state.in_((EnrolmentState.REGISTERED, EnrolmentState.SEEKING)))
        .where(ModuleRun.ranking_opens_at <= now, now < ModuleRun.ranking_closes_at)
        .where((Application.id.is_(None)) | (Application.state != ApplicationState.SUBMITTED))
    )
    for closes_at in db.session.scalars(without):
        yield Step("Choose up to six challenges", "Find challenges", "applications.find", by=closes_at)


def _offers(who: Principal) -> Iterator[Step]:
    made = (
        select(Offer)
        .join(Offer.enrolment)
        .where(Enrolment.person_id == who.person_id, Offer.state == OfferState.MADE)
        .options(joinedload(Offer.challenge).joinedload(Challenge.organisation))
    )
    for offer in db.session.scalars(made):
        yield Step(
            f"Answer your offer: {offer.challenge.title}",
            "See the offer",
            "offers.show",
            {"public_id": offer.public_id},
            offer.challenge.organisation.name,
            offer.deadline_at,
        )


def _agreements(who: Principal) -> Iterator[Step]:
    signed = select(Signature.id).where(Signature.agreement_id == Agreement.id, Signature.party == Party.STUDENT)
    open_ = (
        select(Placement, Agreement.state, signed.exists())
        .join(Placement.enrolment)
        .outerjoin(Agreement, Agreement.placement_id == Placement.id)
        .where(Enrolment.person_id == who.person_id)
        .where(Placement.state.in_((PlacementState.PREPARING, PlacementState.CLEARED)))
        .options(joinedload(Placement.challenge).joinedload(Challenge.organisation))
    )
    for placement, state, has_signed in db.session.execute(open_):
        organisation = placement.challenge.organisation.name
        values = {"public_id": placement.public_id}
        if state in (None, AgreementState.DRAFT):
            yield Step("Write your Challenge Agreement", "Write it", "agreements.agreement", values, organisation)
        elif state is AgreementState.SIGNING and not has_signed:
            yield Step("Sign your Challenge Agreement", "Read and sign", "agreements.agreement", values, organisation)


def _queries(who: Principal) -> Iterator[Step]:
    queried = (
        select(Entry)
        .join(Entry.placement)
        .join(Placement.enrolment)
        .where(Enrolment.person_id == who.person_id, Entry.state == EntryState.QUERIED)
        .options(joinedload(Entry.placement).joinedload(Placement.supervisor))
    )
    for entry in db.session.scalars(queried):
        yield Step(
            f"Answer a question about your visit on {say_date(entry.on)}",
            "See the question",
            "logbook.log",
            {"public_id": entry.placement.public_id},
            entry.placement.supervisor.name,
        )


def _silence(who: Principal, now: datetime) -> Iterator[Step]:
    last = (
        select(Placement, func.max(Entry.on))
        .join(Placement.enrolment)
        .outerjoin(Entry, Entry.placement_id == Placement.id)
        .where(Enrolment.person_id == who.person_id, Placement.state == PlacementState.ACTIVE)
        .group_by(Placement.id)
        .options(joinedload(Placement.challenge).joinedload(Challenge.organisation))
    )
    for placement, last_on in db.session.execute(last):
        if (last_on or placement.starts_on) <= london(now - QUIET).date():
            organisation = placement.challenge.organisation.name
            values = {"public_id": placement.public_id}
            yield Step("Log your latest visit", "Log a visit", "logbook.new_entry", values, organisation)


def _portfolio(who: Principal, now: datetime) -> Iterator[Step]:
    due = (
        select(Component)
        .join(Enrolment, Enrolment.run_id == Component.run_id)
        .outerjoin(Submission, (Submission.component_id == Component.id) & (Submission.enrolment_id == Enrolment.id))
        .where(Enrolment.person_id == who.person_id, Enrolment.state.in_(STUDYING))
        .where(Component.kind == ComponentKind.PORTFOLIO, now < Component.due_at, Component.due_at <= now + SOON)
        .where((Submission.id.is_(None)) | (Submission.state == SubmissionState.OPEN))
    )
    for component in db.session.scalars(due):
        values = {"public_id": component.public_id}
        yield Step(f"Hand in your {component.title}", "Hand it in", "assessment.submit", values, by=component.due_at)
