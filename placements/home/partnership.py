"""The homes of those who look after challenges and organisations: champions and the engagement team."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select

from placements.challenges.models import Challenge
from placements.challenges.rules import is_review_late, review_due
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Theme
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.enquiries.models import Enquiry
from placements.enquiries.workflow import EnquiryState
from placements.home.steps import Figure, Look, Step, end_of, many
from placements.partners.models import Organisation
from placements.partners.workflow import OrganisationState
from placements.placing.models import Placement
from placements.placing.rules import told_at
from placements.placing.workflow import NOT_BEGUN

EXPIRING = timedelta(days=30)
ANSWERED_WITHIN = timedelta(days=7)  # of an enquiry; ours
VETTED_WITHIN = timedelta(days=14)  # of an enquiry's acceptance; ours
PUBLISHED_WITHIN = timedelta(days=2)  # of a brief's approval; ours


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
        list(_of_partners(row, now)),
        [
            Figure(row.enquiries, "open enquiries", "enquiries.overview"),
            Figure(row.approved, "approved organisations", "partners.organisations"),
            Figure(row.published, "published challenges", "challenges.overview"),
        ],
    )


def _numbers(who: Principal, now: datetime) -> Row[*tuple[Any, ...]]:
    day = today(now)
    received = Enquiry.state == EnquiryState.RECEIVED
    talking = Enquiry.state == EnquiryState.IN_CONVERSATION
    mine = talking & (Enquiry.owner_id == who.person_id) & (Enquiry.next_step_on <= day + ANSWERED_WITHIN)
    approved = Organisation.state == OrganisationState.APPROVED
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
    asked = {
        "new": select(func.count(Enquiry.id)).where(received),
        "new_since": select(func.min(Enquiry.received_at)).where(received),
        "steps": select(func.count(Enquiry.id)).where(mine),
        "steps_by": select(func.min(Enquiry.next_step_on)).where(mine),
        "enquiries": select(func.count(Enquiry.id)).where(received | talking),
        "prospective": select(func.count(Organisation.id)).where(prospective),
        "prospective_since": select(func.min(Organisation.created_at)).where(prospective),
        "expiring": select(func.count(Organisation.id)).where(expiring),
        "expiring_on": select(func.min(Organisation.approved_until)).where(expiring),
        "held": held.with_only_columns(func.count(Organisation.id.distinct())),
        "held_on": held,
        "reviewed_since": select(func.min(_sent_at())).where(submitted),
        "approved": select(func.count(Organisation.id)).where(approved),
        "published": select(func.count(Challenge.id)).where(published),
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
        yield Step(f"{what} out within 30 days", "See them", "partners.organisations", by=end_of(row.expiring_on))
    if is_review_late(row.reviewed_since, now):
        by = end_of(review_due(row.reviewed_since))
        yield Step("A brief’s review is late: you can answer now", "See the challenges", "challenges.overview", by=by)
