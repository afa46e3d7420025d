"""What is written about the university's own checks. Never which, never of whom, never what was found.

And to module leaders, about organisations whose checks have run out while students are at work there.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import Select, and_, case, func, or_, select

from placements.accounts.queries import holders
from placements.clearance.models import KEEPERS, Adjustment, MoveAsked
from placements.clearance.queries import keepers, on_run_out_papers
from placements.cohorts.models import Enrolment, ModuleRun, RoleOnRun
from placements.cohorts.queries import closed_days
from placements.core.clock import today
from placements.db import db
from placements.mail.notices import Notice, Pace, Reminder, Timed, TimedReminder
from placements.mail.stepping import CATCH_UP, DAY, NO_DEADLINE, latest_morning, moment_by
from placements.offers.queries import leaders
from placements.partners.models import Organisation, Site
from placements.partners.rules import work_stops_after
from placements.people.models import Person
from placements.placing.models import PlacementGate
from placements.placing.rules import told_at
from placements.placing.workflow import GateState

Context = Mapping[str, Any] | None


def _papers_run_out(run_id: int, recipient: Person, now: datetime) -> Context:
    """For a module leader: at which organisations, how many students, and until when they go on."""
    approved, cleared = Organisation.approved_until, Site.cleared_until
    place_is_first = and_(cleared < today(now), or_(approved.is_(None), cleared < approved))
    ran_out_on = func.min(case((place_is_first, cleared), else_=approved))
    here = on_run_out_papers(today(now)).where(Enrolment.run_id == run_id).group_by(Organisation.id, Organisation.name)
    rows = here.with_only_columns(Organisation.name, func.count(), ran_out_on).order_by(Organisation.name)
    closed = closed_days()
    found = [(name, number, work_stops_after(until, closed)) for name, number, until in db.session.execute(rows)]
    if not found:
        return None
    address = url_for("home.next_up", _external=True)
    return {"run": db.session.get_one(ModuleRun, run_id), "organisations": found, "now": now, "address": address}


def _waits(gate_id: int, recipient: Person, now: datetime) -> Context:
    """For whoever settles it, while it is open and they have the role."""
    gate = db.session.get_one(PlacementGate, gate_id)
    role = holders(KEEPERS[gate.kind])  # type: ignore[arg-type]
    if not _is_open(gate) or recipient.id not in db.session.scalars(role).all():
        return None
    address = url_for("clearance.gate", public_id=gate.public_id, _external=True)
    return {"due_on": gate.due_on, "is_late": gate.due_on <= today(now), "address": address}


def _yours(gate_id: int, recipient: Person, now: datetime) -> Context:
    """For the student, while it is open."""
    gate = db.session.get_one(PlacementGate, gate_id)
    if not _is_open(gate):
        return None
    placement = gate.placement
    address = url_for("clearance.checks", public_id=placement.public_id, _external=True)
    return {"placement": placement, "due_on": gate.due_on, "address": address}


def _is_open(gate: PlacementGate) -> bool:
    return gate.state is GateState.OPEN and gate.placement.goes_on


def _shared(gate_id: int, recipient: Person, now: datetime) -> Context:
    """For the supervisor, while the student wants it read."""
    gate = db.session.get_one(PlacementGate, gate_id)
    placement = gate.placement
    is_shared = db.session.scalar(select(Adjustment.is_shared).where(Adjustment.gate_id == gate.id))
    if not is_shared or not placement.goes_on or recipient.id != placement.supervisor_id:
        return None
    address = url_for("home.placement", public_id=placement.public_id, _external=True)
    return {"student": placement.enrolment.person, "placement": placement, "address": address}


def _move_answered(gate_id: int, recipient: Person, now: datetime) -> Context:
    """For whoever asked, while they lead the run and it is answered."""
    gate = db.session.get_one(PlacementGate, gate_id)
    placement = gate.placement
    asked_by = db.session.scalar(select(MoveAsked.asked_by_id).where(MoveAsked.gate_id == gate.id))
    leads = recipient in leaders(placement.enrolment.run_id)
    if _is_open(gate) or not placement.goes_on or not leads or asked_by != recipient.id:
        return None
    return {"address": url_for("clearance.ask_to_move", public_id=placement.public_id, _external=True)}


PAPERS_RUN_OUT = Notice(
    "clearance.papers_run_out", _papers_run_out, Pace.DAILY, run="run.id", fills={"run": "run.title"}
)
WAITS = Notice("clearance.waits", _waits, Pace.DAILY, private=True)
YOURS = Notice("clearance.yours", _yours, Pace.DAILY, private=True)
SHARED = Notice("clearance.shared", _shared, Pace.DAILY, private=True)
MOVE_ANSWERED = Notice("clearance.move_answered", _move_answered, Pace.DAILY, private=True)

NOTICES = (PAPERS_RUN_OUT, WAITS, YOURS, SHARED, MOVE_ANSWERED)


def _due(now: datetime) -> Select[int, int, datetime]:
    """Whoever settles a gate, on the morning of the day by which it is to be settled."""
    days = [today(now) - timedelta(days=ago) for ago in range(CATCH_UP.days)]
    due_at, is_due = moment_by(PlacementGate.due_on, {day: told_at(day) for day in days})
    return keepers().add_columns(due_at.label("due_at")).where(is_due)


def _papers_ran_out(now: datetime, steps: tuple[int, ...]) -> Timed:
    """The leaders of the runs whose placements rest on what ran out so many days ago and was not renewed."""
    days = [today(now) - ago * DAY for ago in range(1, max(*steps, 0) + CATCH_UP.days + 1)]
    moments = {day: latest_morning(day, [step for step in steps if step > 0], now) for day in days}
    approval, is_approvals = moment_by(Organisation.approved_until, moments)
    check, is_checks = moment_by(Site.cleared_until, moments)
    due_at = func.coalesce(approval, check)
    columns = (Enrolment.run_id, RoleOnRun.person_id, due_at, Enrolment.run_id.label("of_run"), NO_DEADLINE)
    rows = on_run_out_papers(today(now)).join(RoleOnRun, RoleOnRun.leads(Enrolment.run_id))
    return rows.where(is_approvals | is_checks).with_only_columns(*columns).distinct()


RAN_OUT = "the day on which the approval or the check ran out"

REMINDERS = (
    TimedReminder(PAPERS_RUN_OUT, _papers_ran_out, steps=(7,), hangs_on=RAN_OUT),
    Reminder(WAITS, _due),
)
