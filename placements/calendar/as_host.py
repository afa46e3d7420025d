"""Dates of an organisation's people: days on which students come, what they are to sign, answer and say."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from placements.agreements.models import Agreement, Party
from placements.applications.answers import seen_by_organisations
from placements.applications.models import Application, HostAnswer
from placements.applications.rules import ANSWERED_WITHIN
from placements.applications.workflow import AnswerState
from placements.calendar.entries import Entry, moves_of
from placements.calendar.visits import contacts, planned_days, signings
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment, ModuleRun
from placements.cohorts.workflow import RunState
from placements.core.policy import Principal
from placements.db import db
from placements.feedback.models import Feedback
from placements.feedback.queries import waits_for
from placements.feedback.rules import TUTOR_TOLD_AFTER
from placements.logbook.queries import supervised_by
from placements.offers.models import Offer
from placements.offers.workflow import OfferState
from placements.placing.models import Placement


def as_host(who: Principal) -> Iterator[Entry]:
    """Seven queries at most."""
    if who.has_any("supervisor"):
        mine = Placement.id.in_(who.held_on("supervisor"))
        yield from planned_days(mine, "A student comes")
        yield from contacts(mine, "The university visits", "The university calls", "attendance.plan")
        yield from signings(Party.SUPERVISOR, supervised_by(who.person_id) & Agreement.signatory_id.is_(None))
        yield from _feedback(who)
    if who.has_any("contact"):
        yield from _published(who)
        yield from _applicants(who)
        yield from _who_comes(who)


def _feedback(who: Principal) -> Iterator[Entry]:
    run = contains_eager(Feedback.placement).contains_eager(Placement.enrolment).joinedload(Enrolment.run)
    for each in db.session.scalars(waits_for(who.person_id).options(run)):
        what, values = f"Give {each.title.lower()}", {"public_id": each.public_id}
        at, where = each.asked_at + TUTOR_TOLD_AFTER, each.placement.enrolment.run.title
        yield Entry(f"give-{each.public_id}", what, where, at, moves_of(each), "feedback.write", values)


def _published(who: Principal) -> Iterator[Entry]:
    """On which day a brief of the organisation's is published by itself."""
    own = select(Challenge).where(Challenge.organisation_id.in_(who.held_on("contact")))
    found = own.where(Challenge.state == ChallengeState.APPROVED, Challenge.publish_on.is_not(None))
    for each in db.session.scalars(found.order_by(Challenge.id)):
        assert each.publish_on is not None
        uid, what, values = f"brief-{each.public_id}", "Your brief is published", {"public_id": each.public_id}
        page = "challenges.challenge"
        yield Entry(uid, what, each.title, each.publish_on, moves_of(each), page, values, is_to_do=False)


def _applicants(who: Principal) -> Iterator[Entry]:
    """By when to answer about those who chose a challenge of the organisation's, while one waits for it."""
    waits = seen_by_organisations().join(HostAnswer.challenge)
    waits = waits.where(Challenge.organisation_id.in_(who.held_on("contact")), HostAnswer.state == AnswerState.WAITING)
    asked = waits.where(Application.answers_closed_at.is_(None)).with_only_columns(
        HostAnswer.challenge_id, Enrolment.run_id, maintain_column_froms=True
    )
    pairs = asked.distinct().subquery()
    found = select(Challenge, ModuleRun).join(pairs, pairs.c.challenge_id == Challenge.id)
    found = found.join(ModuleRun, ModuleRun.id == pairs.c.run_id).order_by(Challenge.id, ModuleRun.id)
    for challenge, run in db.session.execute(found):
        values, uid = {"public_id": challenge.public_id}, f"answer-{challenge.public_id}-{run.public_id}"
        at, what = run.ranking_closes_at + ANSWERED_WITHIN, "Say what you think of your applicants"
        yield Entry(uid, what, challenge.title, at, moves_of(run), "applications.applicants", values)


def _who_comes(who: Principal) -> Iterator[Entry]:
    """By when students who are offered a place there have answered, of each run that has such a day."""
    offered = select(Enrolment.run_id).join(Offer, Offer.enrolment_id == Enrolment.id).join(Offer.challenge)
    offered = offered.where(Challenge.organisation_id.in_(who.held_on("contact")), Offer.state == OfferState.MADE)
    found = select(ModuleRun).where(ModuleRun.id.in_(offered), ModuleRun.state == RunState.OPEN)
    for each in db.session.scalars(found.where(ModuleRun.offers_due_at.is_not(None)).order_by(ModuleRun.id)):
        uid, what, page = f"offers-{each.public_id}", "Students have answered their offers", "challenges.overview"
        assert each.offers_due_at is not None
        yield Entry(uid, what, each.title, each.offers_due_at, moves_of(each), page, is_to_do=False)
