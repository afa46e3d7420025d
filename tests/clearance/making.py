"""Gates and what was found at them."""

from datetime import date
from typing import Any

from placements.challenges.models import Dbs
from placements.clearance.models import Adjustment, DbsSeen, MoveAsked, OwnRisk, VisaDetail
from placements.people.models import Person
from placements.placing.models import Placement, PlacementGate
from placements.placing.rules import GateKind
from placements.placing.workflow import GateState
from tests.factories.base import DAY, NOW, add

SETTLED = (GateState.HELD, GateState.EXITED)


def gate(of: Placement, kind: GateKind, **said: Any) -> PlacementGate:
    """Open since yesterday, asked about what the placement is now."""
    said = {
        "level": of.challenge.dbs,
        "starts_on": of.starts_on,
        "ends_on": of.ends_on,
        "site_id": of.site_id,
        "asked_at": NOW - DAY,
        "due_on": date(2026, 10, 26),
        **said,
    }
    if said.get("state") in SETTLED:
        said["settled_at"] = NOW - DAY
    return add(PlacementGate(placement=of, kind=kind, **said))


def dbs_seen(of: PlacementGate, **said: Any) -> DbsSeen:
    return add(DbsSeen(gate_id=of.id, **{"level": Dbs.BASIC, "seen_on": date(2026, 10, 19), **said}))


def visa_detail(of: PlacementGate, by: Person, **said: Any) -> VisaDetail:
    dates = {"starts_on": of.placement.starts_on, "ends_on": of.placement.ends_on, "hours_a_week": 6}
    said = {"address": "The hall, N7 8DB", "recorded_at": NOW - DAY, "recorded_by": by, **dates, **said}
    return add(VisaDetail(gate_id=of.id, **said))


def adjustment(of: PlacementGate, **said: Any) -> Adjustment:
    words = {"asked": "Breaks.", "agreed": "A break each hour.", "to_share": "A break each hour.", "agreed_at": NOW}
    return add(Adjustment(gate_id=of.id, **{**words, **said}))


def own_risk(of: PlacementGate, by: Person, **said: Any) -> OwnRisk:
    return add(OwnRisk(gate_id=of.id, raised_by=by, **{"what": "Faints in the heat.", "actions": "", **said}))


def move_asked(of: PlacementGate, by: Person, **said: Any) -> MoveAsked:
    return add(MoveAsked(gate_id=of.id, asked_by=by, **{"words": "The hall has closed.", **said}))
