"""What staff may have to do next. A step that stands for many says how many, and opens their list."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select

from placements.agreements.models import Agreement, Party, Signature
from placements.agreements.workflow import AgreementState
from placements.allocation.models import Round, round_run
from placements.allocation.workflow import RoundState
from placements.assessment.models import Mark, Submission
from placements.assessment.workflow import MarkState, SubmissionState
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Component, Enrolment, ModuleRun, Theme
from placements.core.clock import in_london, today
from placements.core.policy import Principal
from placements.db import db
from placements.home.steps import Step
from placements.logbook.models import Entry
from placements.offers.models import Clearing
from placements.partners.models import Enquiry, Organisation
from placements.partners.workflow import EnquiryState, OrganisationState
from placements.placing.models import Placement
from placements.placing.workflow import PlacementState

SILENT = timedelta(days=14)
EXPIRING = timedelta(days=30)
FEEDBACK = timedelta(weeks=3)
END_OF_DAY = time(17)


def _count(question: Select[Any]) -> int:
    return db.session.scalar(question) or 0


def tutor_steps(who: Principal, now: datetime) -> Iterator[Step]:
    """Agreements to sign, silent logbooks, marking."""
    signed = select(Signature.id).where(Signature.agreement_id == Agreement.id, Signature.party == Party.TUTOR)
    unsigned = _count(
        select(func.count())
        .select_from(Agreement)
        .join(Agreement.placement)
        .where(Placement.tutor_id == who.person_id, Agreement.state == AgreementState.SIGNING, ~signed.exists())
    )
    if unsigned:
        yield Step(
            _many(unsigned, "Challenge Agreement waits", "Challenge Agreements wait") + " for your signature",
            "Read and sign",
            "agreements.queue",
        )
    silent = _count(
        select(func.count())
        .select_from(Placement)
        .where(Placement.tutor_id == who.person_id, Placement.state == PlacementState.ACTIVE)
        .where(Placement.starts_on <= today(now - SILENT))
        .where(~select(Entry.id).where(Entry.placement_id == Placement.id, Entry.on > today(now - SILENT)).exists())
    )
    if silent:
        yield Step(
            _many(silent, "logbook has", "logbooks have") + " been silent for 14 days", "See them", "logbook.reading"
        )
    to_mark, first_due = db.session.execute(
        select(func.count(), func.min(Component.due_at))
        .select_from(Submission)
        .join(Submission.component)
        .join(Submission.enrolment)
        .outerjoin(
            Mark, (Mark.component_id == Submission.component_id) & (Mark.enrolment_id == Submission.enrolment_id)
        )
        .where(Enrolment.group_id.in_(who.held_on("group_tutor")), Submission.state == SubmissionState.RECEIVED)
        .where(Component.due_at < now, or_(Mark.id.is_(None), Mark.state == MarkState.DRAFTED))
    ).one()
    if to_mark and first_due:
        yield Step(
            _many(to_mark, "portfolio to mark", "portfolios to mark"),
            "Mark",
            "assessment.marking",
            by=first_due + FEEDBACK,
        )


def clearing_steps(who: Principal, now: datetime) -> Iterator[Step]:
    """Students who need a place and are this person's to see to."""
    count, first = db.session.execute(
        select(func.count(), func.min(Clearing.by_on)).where(
            Clearing.owner_id == who.person_id, Clearing.closed_at.is_(None)
        )
    ).one()
    if count and first:
        yield Step(
            _many(count, "student needs", "students need") + " a place from you",
            "Find places",
            "offers.clearing",
            by=in_london(first, END_OF_DAY),
        )


def leader_steps(who: Principal, now: datetime) -> Iterator[Step]:
    """A round to run or to publish, marks to release."""
    runs = who.held_on("leader")
    has_round = (
        select(round_run.c.round_id)
        .join(Round, Round.id == round_run.c.round_id)
        .where(round_run.c.run_id == ModuleRun.id, Round.state != RoundState.DISCARDED)
    )
    for run in db.session.scalars(
        select(ModuleRun)
        .where(ModuleRun.id.in_(runs), ModuleRun.ranking_closes_at <= now, ModuleRun.placements_end_on > today(now))
        .where(~has_round.exists())
    ):
        yield Step(
            f"Ranking has closed for {run.title}: run the allocation",
            "Make a round",
            "allocation.rounds",
            by=run.ranking_closes_at + timedelta(days=5),
        )
    staged = _count(
        select(func.count(Round.id.distinct()))
        .join(round_run, round_run.c.round_id == Round.id)
        .where(round_run.c.run_id.in_(runs), Round.state == RoundState.STAGED)
    )
    if staged:
        yield Step("A round is staged and not yet published", "Look at it", "allocation.rounds")
    ready = _count(
        select(func.count())
        .select_from(Mark)
        .join(Mark.enrolment)
        .where(Enrolment.run_id.in_(runs), Mark.state == MarkState.SUBMITTED)
    )
    if ready:
        yield Step(_many(ready, "mark is", "marks are") + " ready to release", "See them", "cohorts.runs")


def champion_steps(who: Principal, now: datetime) -> Iterator[Step]:
    """Briefs of this champion's areas that wait for a review."""
    themes = [theme for theme in Theme if who.has_any(f"champion_{theme.value}")]
    waiting, first = db.session.execute(
        select(func.count(), func.min(Challenge.submitted_at)).where(
            Challenge.theme.in_(themes), Challenge.state == ChallengeState.SUBMITTED
        )
    ).one()
    if waiting and first:
        yield Step(
            _many(waiting, "brief waits", "briefs wait") + " for your review",
            "Review",
            "challenges.overview",
            by=first + timedelta(days=7),
        )


def engagement_steps(who: Principal, now: datetime) -> Iterator[Step]:
    """Enquiries that nobody has answered, approvals that run out."""
    new, first = db.session.execute(
        select(func.count(), func.min(Enquiry.received_at)).where(Enquiry.state == EnquiryState.RECEIVED)
    ).one()
    if new and first:
        yield Step(
            _many(new, "enquiry waits", "enquiries wait") + " for an answer",
            "Answer",
            "partners.enquiries",
            by=first + timedelta(days=7),
        )
    steps, soonest = db.session.execute(
        select(func.count(), func.min(Enquiry.next_step_on)).where(
            Enquiry.owner_id == who.person_id,
            Enquiry.state == EnquiryState.IN_CONVERSATION,
            Enquiry.next_step_on <= today(now) + timedelta(days=7),
        )
    ).one()
    if steps and soonest:
        yield Step(
            _many(steps, "conversation has", "conversations have") + " a next step due",
            "See them",
            "partners.enquiries",
            by=in_london(soonest, END_OF_DAY),
        )
    expiring, first_end = db.session.execute(
        select(func.count(), func.min(Organisation.approved_until)).where(
            Organisation.state == OrganisationState.APPROVED,
            Organisation.approved_until <= today(now) + EXPIRING,
        )
    ).one()
    if expiring and first_end:
        yield Step(
            _many(expiring, "approval runs", "approvals run") + " out within 30 days",
            "See them",
            "partners.organisations",
            by=in_london(first_end, END_OF_DAY),
        )


def _many(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"
