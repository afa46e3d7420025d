"""What proposals write: to the student at each turn; to the engagement team and the module leader what waits for them.

No mail says who the student is: the engagement team does not read that, and a page says it to who may.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload

from placements.accounts.models import Account, GlobalRole
from placements.accounts.queries import holders
from placements.challenges.models import has_a_side
from placements.cohorts.models import Enrolment, ModuleRun, RoleOnRun
from placements.cohorts.workflow import RunState
from placements.db import db
from placements.mail.notices import Context, Notice, Pace, Timed, TimedReminder
from placements.mail.stepping import CATCH_UP, NO_DEADLINE, latest_step, moment_by
from placements.people.models import Person
from placements.proposals.models import Proposal
from placements.proposals.rules import closes_at
from placements.proposals.workflow import OPEN, ProposalState

S = ProposalState


def _while(*states: ProposalState) -> Context:
    """A notice about a proposal, as long as it is in one of the states."""

    def context(proposal_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
        whole = [joinedload(Proposal.enrolment).joinedload(Enrolment.run), joinedload(Proposal.organisation)]
        proposal = db.session.get_one(Proposal, proposal_id, options=whole)
        if proposal.state not in states:
            return None
        return {
            "proposal": proposal,
            "run": proposal.enrolment.run,
            "now": now,
            "address": url_for("proposals.show", public_id=proposal.public_id, _external=True),
        }

    return context


FILLS = {
    "run": "run.title",
    "organisation": "proposal.organisation_name",
    "closing": "run.ranking_closes_at | when",
}

WAITING = Notice("proposals.waiting", _while(S.PROPOSED), Pace.DAILY, run="run.id", fills=FILLS)
TO_DECIDE = Notice("proposals.to_decide", _while(S.ORGANISATION_CHECKED), Pace.DAILY, run="run.id", fills=FILLS)
LATE = Notice("proposals.late", _while(S.PROPOSED, S.ORGANISATION_CHECKED), Pace.DAILY, run="run.id", fills=FILLS)
LAST_CALL = Notice("proposals.last_call", _while(*OPEN), run="run.id", fills=FILLS)
MORE_ASKED = Notice("proposals.more_asked", _while(S.MORE_ASKED), run="run.id", fills=FILLS)
APPROVED = Notice("proposals.approved", _while(S.APPROVED), run="run.id", fills=FILLS)
REFUSED = Notice("proposals.refused", _while(S.REFUSED), run="run.id", fills=FILLS)

NOTICES = (WAITING, TO_DECIDE, LATE, LAST_CALL, MORE_ASKED, APPROVED, REFUSED)


def _leads() -> Select[int]:
    """The module leaders of a proposal's run, by key, without the student."""
    leaders = select(RoleOnRun.person_id).where(RoleOnRun.leads(Enrolment.run_id))
    return leaders.where(RoleOnRun.person_id != Enrolment.person_id).correlate(Enrolment)


def late(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Who has not seen to it in time: the engagement team, what they check; the module leader, what they decide."""
    team = holders(GlobalRole.ENGAGEMENT).where(~has_a_side(Account.person_id, Proposal.organisation_id))
    checks = (Proposal.state == S.PROPOSED) & Person.id.in_(team.correlate(Proposal))
    decides = (Proposal.state == S.ORGANISATION_CHECKED) & Person.id.in_(_leads())
    due_at, is_due = latest_step(Proposal.due_at, steps, now)
    found = select(Proposal.id, Person.id, due_at, Enrolment.run_id, NO_DEADLINE).join(Proposal.enrolment)
    return found.join(Person, or_(checks, decides)).where(is_due, Person.id != Enrolment.person_id)


def last_call(now: datetime, steps: tuple[int, ...]) -> Timed:
    """The module leaders, of what is not decided so many working days before choices close."""
    rows = select(ModuleRun).where(ModuleRun.state == RunState.OPEN, ModuleRun.ranking_closes_at > now)
    moments = {run.id: _called_at(run.ranking_closes_at, steps, now) for run in db.session.scalars(rows)}
    due_at, is_due = moment_by(Enrolment.run_id, moments)
    found = select(Proposal.id, Person.id, due_at, Enrolment.run_id, ModuleRun.ranking_closes_at)
    found = found.join(Proposal.enrolment).join(ModuleRun, ModuleRun.id == Enrolment.run_id)
    found = found.join(Person, Person.id.in_(_leads()))
    return found.where(Proposal.state.in_(OPEN), is_due)


def _called_at(ranking_closes_at: datetime, steps: tuple[int, ...], now: datetime) -> datetime | None:
    """The latest moment passed so many working days before choices close."""
    moments = [closes_at(ranking_closes_at, -step) for step in steps if step < 0]
    return max((moment for moment in moments if now - CATCH_UP < moment <= now), default=None)


TO_BE_SEEN_TO = "the moment by which it is to be seen to"
CLOSING = "the closing of choices"

REMINDERS = (
    TimedReminder(LATE, late, steps=(0,), hangs_on=TO_BE_SEEN_TO, then=LAST_CALL.name),
    TimedReminder(LAST_CALL, last_call, steps=(-3,), hangs_on=CLOSING, unit="working day"),
)
