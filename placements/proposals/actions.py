"""Verbs on proposals: the student proposes, answers and withdraws; staff ask, and say until when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from placements.cohorts.actions import enrolment_left
from placements.cohorts.models import Enrolment, ModuleRun
from placements.cohorts.queries import closed_days
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row, insert_new, new_public_id
from placements.history.actions import record
from placements.mail.actions import tell
from placements.offers.actions import offer_accepted
from placements.offers.models import Offer
from placements.partners.queries import engagement_officers
from placements.proposals import notices, rules
from placements.proposals.models import Proposal, ProposalLead
from placements.proposals.queries import deciders, open_proposal, why_not
from placements.proposals.rules import Tie
from placements.proposals.workflow import PROPOSAL

STUDENT = "proposals.read_student"  # the ability to read what tells who the student is
OF_ORGANISATION = (  # what another answer to undoes what staff found
    *("organisation_name", "address", "postcode", "borough", "mode"),
    *("supervisor_name", "supervisor_email"),
)


def hold(proposal: Proposal) -> None:
    """Read both again: nobody else moves the student or the proposal until this transaction ends."""
    hold_row(proposal.enrolment, "state")
    hold_row(proposal)


def propose(
    enrolment: Enrolment, facts: Mapping[str, Any], *, form_key: str, actor: Principal, now: datetime
) -> Proposal:
    """Propose a place; the engagement team and the module leaders are told. The same form twice is one proposal.

    Raises Refused where it is too late, the student is not to be placed or has another proposal or an offer, or where
    what is said of their ties does not do.
    """
    hold_row(enrolment, "state")
    known = select(Proposal).where(Proposal.form_key == form_key, Proposal.enrolment_id == enrolment.id)
    before = db.session.scalar(known) if form_key else None
    if before is not None:
        return before
    refusal = why_not(enrolment, now)
    if refusal:
        raise Refused(refusal)
    said = _checked(enrolment, facts)
    dates = {"proposed_at": now, "due_at": rules.see_to_by(now, closed_days())}
    proposal = Proposal(form_key=form_key or new_public_id(), enrolment=enrolment, **dates, **said)
    db.session.add(proposal)
    record("proposed a place", proposal, actor=actor, now=now, person_id=enrolment.person_id, ability=STUDENT)
    _tell_staff(proposal, now)
    return proposal


def _checked(enrolment: Enrolment, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as they are kept: what is asked of those with a tie is empty where there is none. Raises Refused."""
    said = dict(facts)
    if said["tie"] not in rules.HAS_DUTIES:
        said |= {"duties_now": "", "duties_differ": ""}
    if said["tie"] is Tie.NONE:
        said["tied_to"] = ""
    of_ties = ("tie", "tied_to", "duties_now", "duties_differ", "supervisor_name", "supervisor_email")
    ties = rules.Ties(**{name: said[name] for name in of_ties}, own_email=enrolment.person.email)
    for field, sentence in rules.problems(ties).items():
        raise Refused(sentence, field)
    return said


def _tell_staff(proposal: Proposal, now: datetime) -> None:
    team = engagement_officers(but=proposal.enrolment.person_id, about=proposal.organisation_id)
    tell(notices.WAITING, proposal.id, [*team, *deciders(proposal)], now)


def ask_more(proposal: Proposal, question: str, *, actor: Principal, now: datetime) -> None:
    """Ask the student something before it goes on; they are told by mail that something is asked."""
    hold(proposal)
    if not PROPOSAL.move(proposal, "ask_more"):
        return
    run_id = proposal.enrolment.run_id
    proposal.question, proposal.answer = question, ""
    proposal.asked_by_team = not actor.has("leader", run_id)
    student = proposal.enrolment.person_id
    record("asked the student for more", proposal, actor=actor, now=now, person_id=student)
    tell(notices.MORE_ASKED, proposal.id, [student], now)


def answer(proposal: Proposal, facts: Mapping[str, Any], said: str, *, actor: Principal, now: datetime) -> None:
    """Answer what was asked, and correct what was proposed; staff are told.

    What staff found of the organisation or the supervisor is undone where the student now says something else of them.
    """
    hold(proposal)
    kept = _checked(proposal.enrolment, facts)
    if not PROPOSAL.move(proposal, "answer"):
        return
    changed = [name for name, value in kept.items() if getattr(proposal, name) != value]
    for name in changed:
        setattr(proposal, name, kept[name])
    if set(changed) & set(OF_ORGANISATION):
        proposal.organisation, proposal.site = None, None
        undo_verification(proposal)
    proposal.answer, proposal.due_at = said, rules.see_to_by(now, closed_days())
    student = proposal.enrolment.person_id
    record("answered", proposal, actor=actor, now=now, person_id=student, ability=STUDENT, fields=changed)
    _tell_staff(proposal, now)


def undo_verification(proposal: Proposal) -> None:
    """Nothing is known of the supervisor's address any more."""
    proposal.verified_email, proposal.verified_at, proposal.verified_by = None, None, None
    proposal.verified_means, proposal.verified_how = None, ""


def withdraw(proposal: Proposal, *, actor: Principal, now: datetime) -> None:
    """The student takes it back."""
    hold(proposal)
    _withdraw(proposal, actor, now)


def _withdraw(proposal: Proposal, actor: Principal, now: datetime) -> None:
    if PROPOSAL.move(proposal, "withdraw"):
        student = proposal.enrolment.person_id
        record("withdrew the proposal", proposal, actor=actor, now=now, person_id=student, ability=STUDENT)


@offer_accepted.connect
def _placed_elsewhere(offer: Offer, *, actor: Principal, now: datetime, **_: object) -> None:
    """Whoever has a place needs none of their own."""
    _let_go(offer.enrolment, actor=actor, now=now)


@enrolment_left.connect
def _let_go(enrolment: Enrolment, *, actor: Principal, now: datetime, **_: object) -> None:
    """Whoever withdraws or defers proposes nothing."""
    proposal = open_proposal(enrolment.id)
    if proposal is not None:
        _withdraw(proposal, actor, now)


def set_lead(run: ModuleRun, working_days: int, *, actor: Principal, now: datetime) -> None:
    """Say how many working days before choices close the run's students may last propose a place."""
    insert_new(ProposalLead, [{"run_id": run.id, "working_days": working_days}])
    lead = db.session.get_one(ProposalLead, run.id, populate_existing=True)
    lead.working_days = working_days
    record("proposals’ last day changed", run, actor=actor, now=now)
