"""Reads about proposals: one's own, those that staff may see, what each still needs, until when a run's may come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, case, select, true
from sqlalchemy.orm import contains_eager, joinedload

from placements.applications.policy import is_choosing
from placements.applications.queries import NOT_CHOOSING, PLACED
from placements.challenges.models import WorkMode
from placements.cohorts.models import Enrolment, ModuleRun
from placements.cohorts.queries import visible_enrolments, visible_runs
from placements.cohorts.workflow import EnrolmentState, RunState
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.offers.queries import leaders, live_offers
from placements.people.models import Person, email_key
from placements.proposals import rules
from placements.proposals.models import Proposal, ProposalLead
from placements.proposals.workflow import OPEN, ProposalState

TURN = case(  # lists go by it: what the engagement team sees to, what the leader decides, what waits for the student
    {ProposalState.PROPOSED: 0, ProposalState.ORGANISATION_CHECKED: 0, ProposalState.MORE_ASKED: 1},
    value=Proposal.state,
    else_=2,
)


@dataclass(frozen=True)
class ProposalSearch:
    """What the list of proposals is narrowed to; None narrows nothing."""

    state: ProposalState | None = None


def visible_to(who: Principal) -> Select[Proposal]:
    """One's own, those of one's groups' students and of the runs that one leads; for the engagement team, all."""
    return select(Proposal).where(_seen_by(who))


def _seen_by(who: Principal) -> ColumnElement[bool]:
    if who.has_any("engagement"):
        return true()
    return Proposal.enrolment_id.in_(visible_enrolments(who).with_only_columns(Enrolment.id))


def proposal_of(who: Principal, public_id: str) -> Proposal | None:
    """The proposal at that address, with everything its pages show and abilities ask, where `who` may see it."""
    enrolment = joinedload(Proposal.enrolment)
    return db.session.scalar(
        visible_to(who)
        .where(Proposal.public_id == public_id)
        .options(
            enrolment.joinedload(Enrolment.person),
            enrolment.joinedload(Enrolment.run),
            enrolment.joinedload(Enrolment.group),
            joinedload(Proposal.organisation),
            joinedload(Proposal.site),
            joinedload(Proposal.verified_by),
            joinedload(Proposal.offer),
        )
    )


def proposals(who: Principal, search: ProposalSearch, size: int, number: int) -> tuple[Sequence[Proposal], int]:
    """One page of others' proposals that `who` may see, what waits first, and how many there are. One query."""
    student = contains_eager(Proposal.enrolment)
    return slice_of(
        _listed(who, search), size, number, student.joinedload(Enrolment.person), student.joinedload(Enrolment.run)
    )


@lru_cache(maxsize=64)  # slower to put together than to answer
def _listed(who: Principal, search: ProposalSearch) -> Select[Proposal]:
    rows = visible_to(who).join(Proposal.enrolment).where(Enrolment.person_id != who.person_id)
    if search.state is not None:
        rows = rows.where(Proposal.state == search.state)
    return rows.order_by(TURN, case((TURN == 2, None), else_=Proposal.due_at), Proposal.id.desc())


def own_proposals(enrolment: Enrolment) -> Sequence[Proposal]:
    """What the student has proposed, the latest first. One query."""
    found = select(Proposal).where(Proposal.enrolment_id == enrolment.id)
    return db.session.scalars(found.order_by(Proposal.id.desc())).all()


def open_proposal(enrolment_id: int) -> Proposal | None:
    """The student's proposal that is not decided, if there is one. One query."""
    return db.session.scalar(select(Proposal).where(Proposal.enrolment_id == enrolment_id, Proposal.state.in_(OPEN)))


def lead_of(run_id: int) -> int:
    """How many working days before choices close the run's students may last propose. One query."""
    said = db.session.scalar(select(ProposalLead.working_days).where(ProposalLead.run_id == run_id))
    return rules.LEAD if said is None else said


def closes_at(run: ModuleRun) -> datetime:
    """Until when the run's students may propose. One query."""
    return rules.closes_at(run.ranking_closes_at, lead_of(run.id))


def why_not(enrolment: Enrolment, now: datetime) -> str | None:
    """Why the student cannot propose a place now, as a sentence; None where they can. Three queries at most."""
    if not is_choosing(enrolment):
        return PLACED if enrolment.state is EnrolmentState.PLACED else NOT_CHOOSING
    if open_proposal(enrolment.id) is not None:
        return "You have proposed a place already. To propose another one, withdraw it first."
    if live_offers([enrolment.id]):
        return "You have an offer. Answer it first: if you decline it, your tutor looks for another place with you."
    return rules.why_shut(closes_at(enrolment.run), now)


def checks_of(proposal: Proposal, now: datetime) -> list[rules.Check]:
    """What must hold before it can be approved, as it is today."""
    organisation, site = proposal.organisation, proposal.site
    is_cleared = site.is_cleared(today(now)) if site is not None else proposal.mode is WorkMode.REMOTE
    return rules.checks(
        is_known=organisation is not None,
        is_approved=organisation is not None and organisation.is_approved(today(now)),
        is_place_cleared=is_cleared,
        is_verified=proposal.verified_at is not None,
    )


def led_runs(who: Principal) -> Sequence[ModuleRun]:
    """The runs that `who` leads and that go on. One query."""
    found = visible_runs(who).where(ModuleRun.id.in_(who.held_on("leader")), ModuleRun.state != RunState.CLOSED)
    return db.session.scalars(found.order_by(ModuleRun.academic_year, ModuleRun.code, ModuleRun.id)).all()


def deciders(proposal: Proposal) -> list[int]:
    """The run's module leaders, by key, without the student. One query."""
    run_id, student = proposal.enrolment.run_id, proposal.enrolment.person_id
    return [each.id for each in leaders(run_id) if each.id != student]


def person_at(address: str) -> Person | None:
    """Whom we know at that address. One query."""
    return db.session.scalar(select(Person).where(Person.email_key == email_key(address)))
