"""A student's home: from their first choice to their mark."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import joinedload

from placements.agreements.models import Agreement, Party, Signature
from placements.agreements.queries import STANDING, is_out_of_date
from placements.agreements.workflow import AgreementState
from placements.applications.models import Application
from placements.applications.workflow import ApplicationState
from placements.assessment.models import Submission
from placements.assessment.outstanding import IS_ASKED, IS_LATEST, ITS
from placements.assessment.queries import OWN_DEADLINE
from placements.assessment.workflow import SubmissionState
from placements.challenges.models import Challenge
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.workflow import LEFT, EnrolmentState, RunState
from placements.confirming.rules import next_asking
from placements.core.clock import say_date, today
from placements.core.policy import Principal
from placements.db import UTCDateTime, db
from placements.feedback.queries import unread_on_placement
from placements.home.clearance_steps import own_steps
from placements.home.steps import Figure, Look, Step, end_of, many
from placements.logbook.hours import hours_of
from placements.logbook.models import Entry
from placements.logbook.rules import SILENT_DAYS
from placements.logbook.silence import last_visit_on, silent_days
from placements.logbook.workflow import EntryState
from placements.offers.models import Clearing, ClearingReason, Offer
from placements.offers.queries import own_clearing
from placements.offers.workflow import OfferState
from placements.placing.models import Placement
from placements.placing.queries import whole
from placements.placing.rules import told_at
from placements.placing.workflow import GOING_ON, NOT_BEGUN, PlacementState
from placements.proposals.models import Proposal
from placements.proposals.workflow import ProposalState
from placements.web.filters import say_hours

SOON = timedelta(days=42)
CHOOSING = (EnrolmentState.REGISTERED, EnrolmentState.SEEKING)
HELD = (*GOING_ON, PlacementState.COMPLETED)
ABOUT = "Your choices, your placement with its hours, and your work for the module."
ENDED = f"{ABOUT} Your placement has ended, and the hours that were confirmed stay yours."
WITHOUT_A_PLACE = {
    **dict.fromkeys(CHOOSING, f"{ABOUT} Once the places are given out, your offer shows here."),
    **dict.fromkeys((EnrolmentState.PLACED, EnrolmentState.COMPLETED), ENDED),
    EnrolmentState.NOT_PLACED: (
        "Your work for the module. Something else was agreed with you in place of a placement: see your offers."
    ),
    EnrolmentState.DEFERRED: "You have deferred the module, so nothing is asked of you now.",
    EnrolmentState.WITHDRAWN: "You have withdrawn from the module, so nothing is asked of you now.",
}


def look(who: Principal, now: datetime) -> Look:
    """What is next for a student, and how their hours stand. Six queries at most."""
    rows = db.session.execute(_placements(who)).all()
    offers = _offers(who)
    steps = [*work_steps(who, now), *map(_answer, offers), *own_steps(who)]
    for row in rows:
        steps += _of_placement(row, now)
    latest = {row.Placement.enrolment_id: row.Placement for row in reversed(rows)}
    has_place = offers or any(row.Placement.state in HELD for row in rows)
    waits = None if has_place else next((each for each in own_clearing(who) if each.closed_at is None), None)
    if waits is not None and not waits.asked:
        ask = "Ask for one of the places that are still open"
        steps.append(Step(ask, "See the open places", "clearing.open_places", by=end_of(waits.by_on)))
    about, more = ABOUT if has_place else _who_acts(who, waits), None
    if any(offer.why_made is None for offer in offers):
        more = "Why this place?", "allocation.why"
    elif waits is not None and waits.why is ClearingReason.UNPLACED:
        more = "Why no place?", "allocation.why"
    return Look("Your module", about, steps, list(_figures(list(latest.values()))), more=more)


def _who_acts(who: Principal, row: Clearing | None) -> str:
    """Of a student without a place: who sees to one, by when; else where they stand by now. One query at most."""
    if row is not None:
        more = "They know what you ask for." if row.asked else "You can ask for an open one."
        return f"{row.owner.name} is finding a place for you, by {say_date(row.by_on)}. {more}"
    mine = select(Enrolment.state, ModuleRun.state.label("run")).join(Enrolment.run)
    latest = mine.where(Enrolment.person_id == who.person_id).order_by(Enrolment.id.desc()).limit(1)
    state, run = db.session.execute(latest).one()
    return ABOUT if run is RunState.CLOSED else WITHOUT_A_PLACE[state]


def work_steps(who: Principal, now: datetime) -> Iterator[Step]:
    """Choices to make while they can be made; portfolios that are due within weeks and not in. One query."""
    for row in db.session.execute(_enrolments(who)):
        is_choosing = row.state in CHOOSING and row.ranking_opens_at <= now < row.ranking_closes_at
        if is_choosing and row.application is not ApplicationState.SUBMITTED:
            yield Step("Choose up to six challenges", "Find challenges", "applications.find", by=row.ranking_closes_at)
        if row.asked:
            values = {"public_id": row.asked}
            what = "Answer what is asked about the place that you found"
            yield Step(what, "Answer", "proposals.answer", values, by=row.ranking_closes_at)
        is_due = row.due_at is not None and now < row.due_at <= now + SOON
        if is_due and row.is_asked and row.submission in (None, SubmissionState.OPEN):
            values = {"public_id": row.public_id}
            yield Step(f"Hand in your {row.title}", "Hand it in", "assessment.submit", values, by=row.due_at)


def _enrolments(who: Principal) -> Select[*tuple[Any, ...]]:
    is_portfolio = (Component.run_id == ModuleRun.id) & (Component.kind == ComponentKind.PORTFOLIO)
    is_asked = (Proposal.enrolment_id == Enrolment.id) & (Proposal.state == ProposalState.MORE_ASKED)
    return (
        select(
            *(Enrolment.state, ModuleRun.ranking_opens_at, ModuleRun.ranking_closes_at),
            *(Component.title, Component.public_id, OWN_DEADLINE.label("due_at")),
            Application.state.label("application"),
            Submission.state.label("submission"),
            or_(Submission.id.is_(None), IS_ASKED).label("is_asked"),
            Proposal.public_id.label("asked"),
        )
        .join(Enrolment.run)
        .outerjoin(Application, Application.enrolment_id == Enrolment.id)
        .outerjoin(Proposal, is_asked)
        .outerjoin(Component, is_portfolio)
        .outerjoin(Submission, ITS & IS_LATEST)
        .where(Enrolment.person_id == who.person_id, Enrolment.state.not_in(LEFT))
    )


def _offers(who: Principal) -> Sequence[Offer]:
    made = (
        select(Offer)
        .join(Offer.enrolment)
        .where(Enrolment.person_id == who.person_id, Offer.state == OfferState.MADE)
        .options(joinedload(Offer.challenge).joinedload(Challenge.organisation))
    )
    return db.session.scalars(made).all()


def _answer(offer: Offer) -> Step:
    what, values = f"Answer your offer: {offer.challenge.title}", {"public_id": offer.public_id}
    return Step(what, "See the offer", "offers.show", values, offer.challenge.organisation.name, offer.deadline_at)


def _placements(who: Principal) -> Select[*tuple[Any, ...]]:
    """One's placements, the latest first, each with its newest standing Agreement, and what its log waits for."""
    newest = select(func.max(Agreement.number)).where(
        Agreement.placement_id == Placement.id, Agreement.state.in_(STANDING)
    )
    is_newest = Agreement.number == newest.correlate(Placement).scalar_subquery()
    signed = select(Signature.id).where(Signature.agreement_id == Agreement.id, Signature.party == Party.STUDENT)
    due = select(func.min(Submission.due_at, type_=UTCDateTime())).join(Submission.component)
    due = due.where(Submission.enrolment_id == Placement.enrolment_id, Component.kind == ComponentKind.AGREEMENT)
    due = due.where(Submission.state == SubmissionState.OPEN, IS_ASKED).correlate(Placement)
    queried = select(func.count(Entry.id)).where(Entry.placement_id == Placement.id, Entry.state == EntryState.QUERIED)
    return (
        select(
            Placement,
            Agreement,
            signed.exists().label("has_signed"),
            queried.scalar_subquery().label("queried"),
            last_visit_on().label("last_on"),
            unread_on_placement().label("unread"),
            due.scalar_subquery().label("agreement_due"),
        )
        .join(Placement.enrolment)
        .outerjoin(Agreement, (Agreement.placement_id == Placement.id) & is_newest)
        .where(Enrolment.person_id == who.person_id)
        .where(Placement.state != PlacementState.NOT_STARTED)
        .options(*whole())
        .order_by(Placement.starts_on.desc(), Placement.id)
    )


def _of_placement(row: Row[*tuple[Any, ...]], now: datetime) -> Iterator[Step]:
    placement: Placement = row.Placement
    values, organisation = {"public_id": placement.public_id}, placement.challenge.organisation.name
    first_day = told_at(placement.starts_on) if placement.state in NOT_BEGUN else None
    if row.queried:
        what = f"Answer {many(row.queried, 'question', 'questions')} about your visits"
        yield Step(what, "See what is asked", "logbook.log", values, organisation, next_asking(now))
    if row.unread:
        what, unread = "Read what your supervisor says of your work", {"public_id": row.unread}
        yield Step(what, "Read it", "feedback.show", unread, placement.supervisor.name)
    if not placement.goes_on:
        return
    agreement: Agreement | None = row.Agreement
    if agreement is None or agreement.state is AgreementState.DRAFT:
        what = "Write your Challenge Agreement"
        yield Step(what, "Write it", "agreements.agreement", values, organisation, row.agreement_due or first_day)
    elif is_out_of_date(agreement):
        what = "Send your Challenge Agreement round again"
        yield Step(what, "See what to do", "agreements.agreement", values, organisation, first_day)
    elif agreement.state is AgreementState.SIGNING and not row.has_signed:
        what = "Sign your Challenge Agreement"
        yield Step(what, "Read and sign", "agreements.agreement", values, organisation, first_day)
    if placement.state is PlacementState.ACTIVE and _is_silent(placement, row.last_on, now):
        yield Step("Log your latest visit", "Log a visit", "logbook.new_entry", values, organisation, next_asking(now))


def _is_silent(placement: Placement, last_on: date | None, now: datetime) -> bool:
    """The plan is only asked where the calendar alone would say so."""
    is_quiet = (last_on or placement.starts_on) <= today(now) - timedelta(days=SILENT_DAYS[0])
    return is_quiet and silent_days({placement.id: last_on}, now).get(placement.id, 0) >= SILENT_DAYS[0]


def _figures(placements: list[Placement]) -> Iterator[Figure]:
    """The hours, over all placements of an enrolment, at the page of the latest. Two queries, where there is one."""
    hours = hours_of([placement.id for placement in placements]) if placements else {}
    for placement in placements:
        target = placement.enrolment.run.minutes_target
        yield Figure(
            say_hours(hours[placement.id].confirmed),
            f"confirmed of {say_hours(target)}, at {placement.challenge.organisation.name}",
            "home.placement",
            {"public_id": placement.public_id},
        )
