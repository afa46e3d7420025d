"""What is written about the university's own checks. Never which, never of whom, never what was found."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import Select, case, literal, select

from placements.accounts.queries import holders
from placements.clearance.models import KEEPERS, Adjustment, MoveAsked
from placements.clearance.queries import keepers
from placements.core.clock import today
from placements.db import UTCDateTime, db
from placements.mail.notices import Notice, Pace, Reminder
from placements.offers.queries import leaders
from placements.people.models import Person
from placements.placing.models import PlacementGate
from placements.placing.rules import told_at
from placements.placing.workflow import GateState

CATCH_UP = 7  # days after which a reminder that nobody could send is no longer worth sending

Context = Mapping[str, Any] | None


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


WAITS = Notice("clearance.waits", _waits, Pace.DAILY, private=True)
YOURS = Notice("clearance.yours", _yours, Pace.DAILY, private=True)
SHARED = Notice("clearance.shared", _shared, Pace.DAILY, private=True)
MOVE_ANSWERED = Notice("clearance.move_answered", _move_answered, Pace.DAILY, private=True)

NOTICES = (WAITS, YOURS, SHARED, MOVE_ANSWERED)


def _due(now: datetime) -> Select[int, int, datetime]:
    """Whoever settles a gate, on the morning of the day by which it is to be settled."""
    days = [today(now) - timedelta(days=ago) for ago in range(CATCH_UP)]
    due_at = case({day: literal(told_at(day), UTCDateTime()) for day in days}, value=PlacementGate.due_on)
    return keepers().add_columns(due_at.label("due_at")).where(PlacementGate.due_on.in_(days))


REMINDERS = (Reminder(WAITS, _due),)
