"""The homes of those who look after challenges and organisations: champions and the engagement team."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select

from placements.challenges.models import BriefRisk, Challenge
from placements.challenges.queries import championed_by, has_side, live_now, waits_for_others
from placements.challenges.rules import review_due
from placements.challenges.workflow import ChallengeState
from placements.cohorts.queries import closed_days
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.enquiries.models import Enquiry, Referral
from placements.enquiries.rules import SENDER_TOLD_AFTER, answer_by, overdue_before, working_days_later
from placements.enquiries.workflow import EnquiryState
from placements.home.steps import Figure, Look, Step, end_of, many
from placements.impact.models import Result
from placements.impact.workflow import ResultState
from placements.mail.models import MailReturn, ReturnKind
from placements.mail.reached import is_returned
from placements.partners.models import Contact, Organisation, Site
from placements.partners.rules import work_stops_after
from placements.partners.workflow import CURRENT, OrganisationState
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.rules import told_at
from placements.placing.workflow import NOT_BEGUN, PlacementState
from placements.proposals.models import Proposal
from placements.proposals.workflow import ProposalState
from placements.vetting.models import Check
from placements.vetting.rules import CheckKind
from placements.vetting.workflow import CheckState

EXPIRING = timedelta(days=30)
STEPS_WITHIN = timedelta(days=7)  # of a conversation; ours
APPROVED_WITHIN = timedelta(days=2)  # of the last of an organisation's checks; ours
CHECKED_WITHIN = timedelta(days=7)  # of an answer to what we ask of an organisation; ours
REACHED_WITHIN = timedelta(days=2)  # of a mail's coming back from somebody's address; ours
PUBLISHED_WITHIN = timedelta(days=2)  # of a brief's approval; ours
SHOWN_WITHIN = timedelta(days=7)  # of a result's verification; ours
PROSPECTIVE = {"state": OrganisationState.PROSPECTIVE.value}
FIRST_PASSED = (func.max(Check.verified_at), Organisation.id)


def champion_look(who: Principal, now: datetime) -> Look:
    """Briefs that wait for this champion's review, late ones of other areas too, or to be published. One query."""
    row = db.session.execute(_briefs(who, today(now))).one()
    steps = []
    if row.waiting:
        what = f"{many(row.waiting, 'brief waits', 'briefs wait')} for your review"
        values = {"state": ChallengeState.SUBMITTED.value}
        steps.append(Step(what, "Review", "challenges.overview", values, by=end_of(review_due(row.since))))
    if row.approved:
        what = f"{many(row.approved, 'approved brief is', 'approved briefs are')} not published yet"
        steps.append(Step(what, "Publish", "challenges.overview", {"state": ChallengeState.APPROVED.value}))
    published = Figure(row.published, "challenges that students can see", "challenges.overview")
    return Look("Your challenge areas", "The briefs of your areas: you review and publish them.", steps, [published])


@lru_cache(maxsize=64)  # slower to put together than to answer, as is what the engagement team asks
def _briefs(who: Principal, day: date) -> Select[Any]:
    mine, late = championed_by(who), waits_for_others(who, day)
    to_review = or_(and_(mine, Challenge.state == ChallengeState.SUBMITTED, ~has_side(who)), late)
    to_publish = and_(mine, Challenge.state == ChallengeState.APPROVED, Challenge.publish_on.is_(None), ~has_side(who))
    seen = live_now(day).where(mine).with_only_columns(func.count(Challenge.id)).order_by(None)
    return (
        select(
            func.count().filter(to_review).label("waiting"),
            func.min(_sent_at()).filter(to_review).label("since"),
            func.count().filter(to_publish).label("approved"),
            seen.scalar_subquery().label("published"),
        )
        .select_from(Challenge)
        .where(or_(mine, late))
    )


def _sent_at() -> ColumnElement[datetime]:
    """When a brief was sent for review, as its page says it."""
    return func.coalesce(Challenge.submitted_at, Challenge.created_at)


def engagement_look(who: Principal, now: datetime) -> Look:
    """Enquiries to answer, approvals that run out or are missing, reviews that are late. One query."""
    row = db.session.execute(_numbers(who, today(now))).one()
    return Look(
        "Partnerships",
        "Enquiries, organisations with their approval and contacts, and the challenges that they post.",
        [*_of_partners(row, now), *_of_papers(row), *_of_proposals(row), *_of_results(row)],
        [
            Figure(row.enquiries, "open enquiries", "enquiries.overview"),
            Figure(row.approved, "approved organisations", "partners.organisations"),
            Figure(row.prospective, "organisations not approved yet", "partners.organisations", PROSPECTIVE),
            Figure(row.published, "published challenges", "challenges.overview"),
        ],
    )


@lru_cache(maxsize=64)
def _numbers(who: Principal, day: date) -> Select[Any]:
    received = (Enquiry.state == EnquiryState.RECEIVED) & Enquiry.confirmed_at.is_not(None)
    talking = Enquiry.state == EnquiryState.IN_CONVERSATION
    mine = talking & (Enquiry.owner_id == who.person_id) & (Enquiry.next_step_on <= day + STEPS_WITHIN)
    unheard = Referral.acknowledged_at.is_(None) & (Referral.sent_at < overdue_before(SENDER_TOLD_AFTER, day))
    approved = Organisation.state == OrganisationState.APPROVED
    current = select(Organisation.id).where(Organisation.state.in_(CURRENT))
    unchecked = (Check.state == CheckState.ANSWERED) & Check.organisation_id.in_(current)
    prospective = Organisation.state == OrganisationState.PROSPECTIVE
    ready = _passed(day).where(prospective, Organisation.id.not_in(who.held_on("contact", "interest")))
    ended = or_(Organisation.approved_until < Placement.starts_on, Organisation.approved_until < day)
    held = (
        select(func.min(Placement.starts_on))
        .join(Placement.challenge)
        .join(Challenge.organisation)
        .where(Placement.state.in_(NOT_BEGUN), or_(~approved, ended))
    )
    submitted, published = (Challenge.state == state for state in (ChallengeState.SUBMITTED, ChallengeState.PUBLISHED))
    assessed = select(BriefRisk.id).where(BriefRisk.challenge_id == Challenge.id)
    no_side, unreviewed = ~has_side(who), waits_for_others(who, day)
    own_place = and_(Challenge.state == ChallengeState.CLOSED, Challenge.published_at.is_(None))
    unassessed = select(Challenge).where(or_(submitted, published, own_place), ~assessed.exists(), no_side)
    proposed = Proposal.state == ProposalState.PROPOSED
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
        "ready": select(func.count()).select_from(ready.subquery()),
        "ready_first": ready.with_only_columns(Organisation.public_id).order_by(*FIRST_PASSED).limit(1),
        "ready_since": ready.with_only_columns(func.max(Check.verified_at)).order_by(*FIRST_PASSED).limit(1),
        **_papers(day),
        "held": held.with_only_columns(func.count(Organisation.id.distinct())),
        "held_first": held.with_only_columns(Organisation.public_id)
        .order_by(Placement.starts_on, Placement.id)
        .limit(1),
        "held_on": held,
        "unreviewed": select(func.count(Challenge.id)).where(unreviewed),
        "unreviewed_since": select(func.min(_sent_at())).where(unreviewed),
        "proposed": select(func.count(Proposal.id)).where(proposed),
        "proposed_by": select(func.min(Proposal.due_at)).where(proposed),
        "to_show": verified.with_only_columns(func.count(Result.id)),
        "to_show_since": verified.with_only_columns(func.min(Result.verified_at)),
        "approved": select(func.count(Organisation.id)).where(approved),
        "published": select(func.count(Challenge.id)).where(published),
        "unassessed": unassessed.with_only_columns(func.count(Challenge.id)),
        **_unreached(),
        "unassessed_first": unassessed.with_only_columns(Challenge.public_id).order_by(Challenge.id).limit(1),
    }
    return select(*(found.scalar_subquery().label(name) for name, found in asked.items()))


def _unreached() -> dict[str, Select[Any]]:
    """Contacts whom mail does not reach, and where the first of them works."""
    rows = select(Contact.id).join(Contact.person).join(Contact.organisation)
    here = rows.where(Contact.left_on.is_(None), Organisation.state.in_(CURRENT))
    rows = here.where(is_returned(Person.email_key))
    back = here.join(MailReturn, MailReturn.address == Person.email_key).where(MailReturn.settled_at.is_(None))
    return {
        "unreached": rows.with_only_columns(func.count(Contact.id)),
        "unreached_first": rows.with_only_columns(Organisation.public_id).order_by(Contact.id).limit(1),
        "unreached_since": back.where(MailReturn.kind == ReturnKind.BOUNCED).with_only_columns(func.min(MailReturn.at)),
    }


def _papers(day: date) -> dict[str, Select[Any]]:
    """Approvals that run out soon; and placements that go on though theirs, or the place's check, has run out."""
    lapsed = case((Organisation.approved_until < day, Organisation.approved_until), else_=Site.cleared_until)
    rows = select(Placement.id).join(Placement.challenge).join(Challenge.organisation).outerjoin(Placement.site)
    approved = Organisation.state == OrganisationState.APPROVED
    rows = rows.where(Placement.state == PlacementState.ACTIVE, approved, lapsed < day)
    expiring = approved & Organisation.approved_until.between(day, day + EXPIRING)
    return {
        "run_out": rows.with_only_columns(func.count(Placement.id)),
        "run_out_on": rows.with_only_columns(func.min(lapsed)),
        "expiring": select(func.count(Organisation.id)).where(expiring),
        "expiring_on": select(func.min(Organisation.approved_until)).where(expiring),
    }


def _passed(day: date) -> Select[int]:
    """The organisations whose five checks hold, each with when the last of them was verified."""
    holding = select(Organisation.id).join(Check, Check.organisation_id == Organisation.id)
    holding = holding.where(Check.site_id.is_(None), Check.valid_until >= day)
    return holding.group_by(Organisation.id, Organisation.public_id).having(func.count(Check.id) == len(CheckKind))


def _of_partners(row: Row[*tuple[Any, ...]], now: datetime) -> Iterator[Step]:
    if row.new:
        what = f"{many(row.new, 'enquiry waits', 'enquiries wait')} for an answer"
        yield Step(what, "Answer", "enquiries.overview", by=end_of(answer_by(row.new_since)))
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
    if row.ready:
        what = many(row.ready, "organisation has", "organisations have")
        values, by = {"public_id": row.ready_first}, row.ready_since + APPROVED_WITHIN
        yield Step(f"{what} passed all five checks", "Approve the first", "vetting.approve", values, by=by)
    if row.held:
        what = many(row.held, "organisation needs approval", "organisations need approval")
        values, by = {"public_id": row.held_first}, told_at(row.held_on)
        yield Step(f"{what} before students start", "See the first", "home.organisation", values, by=by)
    if row.unreached:
        what = f"Mail to {many(row.unreached, 'contact', 'contacts')} comes back"
        values, by = {"public_id": row.unreached_first}, row.unreached_since + REACHED_WITHIN
        yield Step(what, "See the first", "home.organisation", values, by=by)
    if row.unassessed:
        what = f"Risk not assessed: {many(row.unassessed, 'brief', 'briefs')}"
        values = {"public_id": row.unassessed_first}
        yield Step(what, "Assess the first", "challenges.assess", values)
    if row.unreviewed:
        what = f"{many(row.unreviewed, 'brief waits', 'briefs wait')} for your review: no champion has answered"
        values, by = {"state": ChallengeState.SUBMITTED.value}, end_of(review_due(row.unreviewed_since))
        yield Step(what, "Review", "challenges.overview", values, by=by)


def _of_papers(row: Row[*tuple[Any, ...]]) -> Iterator[Step]:
    if row.run_out:
        what = f"{many(row.run_out, 'placement goes', 'placements go')} on though a check has run out"
        by = end_of(work_stops_after(row.run_out_on, closed_days()))
        yield Step(f"{what}: renew it before they pause", "See which", "reports.expiries", {"within": "over"}, by=by)
    if row.expiring:
        what = many(row.expiring, "approval runs", "approvals run")
        values, by = {"within": str(EXPIRING.days), "kind": "approval"}, end_of(row.expiring_on)
        yield Step(f"{what} out within {EXPIRING.days} days", "See them", "reports.expiries", values, by=by)


def _of_proposals(row: Row[*tuple[Any, ...]]) -> Iterator[Step]:
    if row.proposed:
        what = f"{many(row.proposed, 'place', 'places')} that students found: check the organisation"
        values = {"state": ProposalState.PROPOSED.value}
        yield Step(what, "Check it", "proposals.overview", values, by=row.proposed_by)


def _of_results(row: Row[*tuple[Any, ...]]) -> Iterator[Step]:
    if row.to_show:
        what = f"{many(row.to_show, 'result is', 'results are')} verified and may be shown"
        values, by = {"state": ResultState.VERIFIED.value}, row.to_show_since + SHOWN_WITHIN
        yield Step(what, "Show it to everybody", "impact.results", values, by=by)
