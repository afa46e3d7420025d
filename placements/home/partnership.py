"""The homes of those who look after challenges and organisations: champions and the engagement team."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select

from placements.challenges.models import BriefRisk, Challenge
from placements.challenges.rules import is_review_late, review_due
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Theme
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.enquiries.models import Enquiry, Referral
from placements.enquiries.rules import SENDER_TOLD_AFTER, overdue_before, working_days_later
from placements.enquiries.workflow import EnquiryState
from placements.home.steps import Figure, Look, Step, end_of, many
from placements.impact.models import Result
from placements.impact.workflow import ResultState
from placements.partners.models import Organisation
from placements.partners.workflow import CURRENT, OrganisationState
from placements.placing.models import Placement
from placements.placing.rules import told_at
from placements.placing.workflow import NOT_BEGUN
from placements.vetting.models import Check
from placements.vetting.workflow import CheckState

EXPIRING = timedelta(days=30)
ANSWERED_WITHIN = timedelta(days=7)  # of an enquiry; ours
VETTED_WITHIN = timedelta(days=14)  # of an enquiry's acceptance; ours
CHECKED_WITHIN = timedelta(days=7)  # of an answer to what we ask of an organisation; ours
PUBLISHED_WITHIN = timedelta(days=2)  # of a brief's approval; ours
SHOWN_WITHIN = timedelta(days=7)  # of a result's verification; ours


def champion_look(who: Principal, now: datetime) -> Look:
    """Briefs of this champion's areas that wait for a review or to be published. One query."""
    themes = [theme for theme in Theme if who.has_any(f"champion_{theme.value}")]
    row = db.session.execute(
        select(
            func.count().filter(Challenge.state == ChallengeState.SUBMITTED).label("waiting"),
            func.min(_sent_at()).filter(Challenge.state == ChallengeState.SUBMITTED).label("since"),
            func.count().filter(Challenge.state == ChallengeState.APPROVED).label("approved"),
            func.count().filter(Challenge.state == ChallengeState.PUBLISHED).label("published"),
        ).where(Challenge.theme.in_(themes))
    ).one()
    steps = []
    if row.waiting:
        what = f"{many(row.waiting, 'brief waits', 'briefs wait')} for your review"
        steps.append(Step(what, "Review", "challenges.overview", by=end_of(review_due(row.since))))
    if row.approved:
        what = f"{many(row.approved, 'approved brief is', 'approved briefs are')} not published yet"
        steps.append(Step(what, "Publish", "challenges.overview"))
    published = Figure(row.published, "challenges that students can see", "challenges.overview")
    return Look("Your challenge areas", "The briefs of your areas: you review and publish them.", steps, [published])


def _sent_at() -> ColumnElement[datetime]:
    """When a brief was sent for review, as its page says it."""
    return func.coalesce(Challenge.submitted_at, Challenge.created_at)


def engagement_look(who: Principal, now: datetime) -> Look:
    """Enquiries to answer, approvals that run out or are missing, reviews that are late. One query."""
    row = _numbers(who, now)
    return Look(
        "Partnerships",
        "Enquiries, organisations with their approval and contacts, and the challenges that they post.",
        [*_of_partners(row, now), *_of_results(row)],
        [
            Figure(row.enquiries, "open enquiries", "enquiries.overview"),
            Figure(row.approved, "approved organisations", "partners.organisations"),
            Figure(row.published, "published challenges", "challenges.overview"),
        ],
    )


def _numbers(who: Principal, now: datetime) -> Row[*tuple[Any, ...]]:
    day = today(now)
    received = (Enquiry.state == EnquiryState.RECEIVED) & Enquiry.confirmed_at.is_not(None)
    talking = Enquiry.state == EnquiryState.IN_CONVERSATION
    mine = talking & (Enquiry.owner_id == who.person_id) & (Enquiry.next_step_on <= day + ANSWERED_WITHIN)
    unheard = Referral.acknowledged_at.is_(None) & (Referral.sent_at < overdue_before(SENDER_TOLD_AFTER, now))
    approved = Organisation.state == OrganisationState.APPROVED
    current = select(Organisation.id).where(Organisation.state.in_(CURRENT))
    unchecked = (Check.state == CheckState.ANSWERED) & Check.organisation_id.in_(current)
    prospective = Organisation.state == OrganisationState.PROSPECTIVE
    expiring = approved & (Organisation.approved_until <= day + EXPIRING)
    unapproved = or_(~approved, Organisation.approved_until < Placement.starts_on)
    held = (
        select(func.min(Placement.starts_on))
        .join(Placement.challenge)
        .join(Challenge.organisation)
        .where(Placement.state.in_(NOT_BEGUN), unapproved)
    )
    submitted, published = (Challenge.state == state for state in (ChallengeState.SUBMITTED, ChallengeState.PUBLISHED))
    assessed = select(BriefRisk.id).where(BriefRisk.challenge_id == Challenge.id)
    no_side = Challenge.organisation_id.not_in(who.held_on("contact", "interest"))
    unassessed = select(Challenge).where(or_(submitted, published), ~assessed.exists(), no_side)
    verified = (
        select(Result).join(Result.challenge).where(Result.state == ResultState.VERIFIED, Result.may_publish, no_side)
    )
    asked = {
        "new": select(func.count(Enquiry.id)).where(received),
        "new_since": select(func.min(Enquiry.confirmed_at)).where(received),
        "steps": select(func.count(Enquiry.id)).where(mine),
        "steps_by": select(func.min(Enquiry.next_step_on)).where(mine),
        "unheard": select(func.count(Referral.id)).where(unheard),
        "unheard_since": select(func.min(Referral.sent_at)).where(unheard),
        "enquiries": select(func.count(Enquiry.id)).where(received | talking),
        "answers": select(func.count(Check.id)).where(unchecked),
        "answers_since": select(func.min(Check.answered_at)).where(unchecked),
        "prospective": select(func.count(Organisation.id)).where(prospective),
        "prospective_since": select(func.min(Organisation.created_at)).where(prospective),
        "expiring": select(func.count(Organisation.id)).where(expiring),
        "expiring_on": select(func.min(Organisation.approved_until)).where(expiring),
        "held": held.with_only_columns(func.count(Organisation.id.distinct())),
        "held_on": held,
        "reviewed_since": select(func.min(_sent_at())).where(submitted),
        "to_show": verified.with_only_columns(func.count(Result.id)),
        "to_show_since": verified.with_only_columns(func.min(Result.verified_at)),
        "approved": select(func.count(Organisation.id)).where(approved),
        "published": select(func.count(Challenge.id)).where(published),
        "unassessed": unassessed.with_only_columns(func.count(Challenge.id)),
        "unassessed_first": unassessed.with_only_columns(Challenge.public_id).order_by(Challenge.id).limit(1),
    }
    numbers = [found.scalar_subquery().label(name) for name, found in asked.items()]
    return db.session.execute(select(*numbers)).one()


def _of_partners(row: Row[*tuple[Any, ...]], now: datetime) -> Iterator[Step]:
    if row.new:
        what = f"{many(row.new, 'enquiry waits', 'enquiries wait')} for an answer"
        yield Step(what, "Answer", "enquiries.overview", by=row.new_since + ANSWERED_WITHIN)
    if row.steps:
        what = f"{many(row.steps, 'conversation has', 'conversations have')} a next step due"
        yield Step(what, "See them", "enquiries.overview", by=end_of(row.steps_by))
    if row.unheard:
        what = many(row.unheard, "thing that was passed on has", "things that were passed on have")
        by = end_of(working_days_later(SENDER_TOLD_AFTER)(today(row.unheard_since)))
        yield Step(f"{what} not been acknowledged", "See them", "enquiries.referrals", by=by)
    if row.answers:
        what = f"{many(row.answers, 'answer waits', 'answers wait')} to be checked"
        by = row.answers_since + CHECKED_WITHIN
        yield Step(what, "Check them", "vetting.overview", {"show": "waits"}, by=by)
    if row.prospective:
        what = many(row.prospective, "organisation waits", "organisations wait")
        values = {"state": OrganisationState.PROSPECTIVE.value}
        by = row.prospective_since + VETTED_WITHIN
        yield Step(f"{what} to be approved or declined", "See them", "partners.organisations", by=by, values=values)
    if row.held:
        what = many(row.held, "organisation needs approval", "organisations need approval")
        yield Step(f"{what} before students start", "See them", "partners.organisations", by=told_at(row.held_on))
    if row.expiring:
        what = many(row.expiring, "approval runs", "approvals run")
        values = {"show": "30"}
        yield Step(f"{what} out within 30 days", "See them", "vetting.overview", values, by=end_of(row.expiring_on))
    if row.unassessed:
        what = f"Risk not assessed: {many(row.unassessed, 'brief', 'briefs')}"
        values = {"public_id": row.unassessed_first}
        yield Step(what, "Assess the first", "challenges.assess", values)
    if is_review_late(row.reviewed_since, now):
        by = end_of(review_due(row.reviewed_since))
        yield Step("A brief’s review is late: you can answer now", "See the challenges", "challenges.overview", by=by)


def _of_results(row: Row[*tuple[Any, ...]]) -> Iterator[Step]:
    if row.to_show:
        what = f"{many(row.to_show, 'result is', 'results are')} verified and may be shown"
        values, by = {"state": ResultState.VERIFIED.value}, row.to_show_since + SHOWN_WITHIN
        yield Step(what, "Show it to everybody", "impact.results", values, by=by)
