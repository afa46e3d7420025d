"""Who settles which of the university's own checks, and who may read what was found."""

from datetime import datetime
from typing import Any

from placements.clearance.models import KEEPERS, OPENERS
from placements.core.policy import Abilities, Predicate, Principal, condition, has_role, state
from placements.placing.models import Placement, PlacementGate
from placements.placing.policy import (
    is_student,
    is_tutor,
    leads,
    may_manage,
    of_its_placement,
    stands_outside,
)
from placements.placing.rules import GateKind


@condition
def keeps(who: Principal, gate: PlacementGate, now: datetime) -> bool:
    """Has the role that settles it."""
    return who.has(KEEPERS[gate.kind])


def is_of(kind: GateKind) -> Predicate:
    """It is a gate of that kind."""

    def is_of_kind(who: Principal, gate: PlacementGate, now: datetime) -> bool:
        return gate.kind is kind

    return condition(is_of_kind)


@state
def goes_on(who: Principal, thing: Any, now: datetime) -> bool:
    """The placement has neither ended nor been called off."""
    placement = thing if isinstance(thing, Placement) else thing.placement
    return bool(placement.goes_on)


may_settle = keeps & of_its_placement(stands_outside, lambda gate: gate.placement) & goes_on

ABILITIES: Abilities = {
    "clearance.queue": has_role(*KEEPERS.values()),
    "clearance.gate": keeps,
    "clearance.open_gate": has_role(*OPENERS),
    "clearance.record_dbs": may_settle & is_of(GateKind.DBS),
    "clearance.without_dbs": may_settle & is_of(GateKind.DBS),
    "clearance.record_visa": may_settle & is_of(GateKind.VISA),
    "clearance.agree_adjustment": may_settle & is_of(GateKind.ADJUSTMENT),
    "clearance.assess_risk": may_settle & is_of(GateKind.OWN_RISK),
    "clearance.answer_move": may_settle & is_of(GateKind.MOVE),
    "clearance.checks": is_student | is_tutor | leads,
    "clearance.ask_adjustment": is_student & goes_on,
    "clearance.answer_adjustment": is_student & goes_on,
    "clearance.raise_risk": may_manage & goes_on,
    "clearance.ask_to_move": leads & stands_outside & goes_on,
}
