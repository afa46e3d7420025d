"""A placement in preparation with all that anybody can see holding, and the four who keep its other gates."""

from typing import Any

from placements.accounts.models import GlobalRole
from placements.core.policy import Principal
from placements.placing.models import PlacementGate
from placements.placing.rules import GateKind
from tests.factories import DAY, NOW
from tests.placing.scene import Scene

KEEPER = {
    GateKind.DBS: "safeguarding",
    GateKind.VISA: "visa",
    GateKind.ADJUSTMENT: "adviser",
    GateKind.OWN_RISK: "safety",
    GateKind.MOVE: "visa",
}


class Cleared(Scene):
    """Ada's place; its Agreement is in force since yesterday, so that only the university's own checks are left."""

    def __init__(self, **said: Any) -> None:
        super().__init__(**{"agreed_at": NOW - DAY, **said})
        self.student.person.student_number = "26001234"
        self.safeguarding = self._somebody("Safa", "Guard", GlobalRole.SAFEGUARDING)
        self.visa = self._somebody("Vio", "Officer", GlobalRole.VISA_OFFICER)
        self.adviser = self._somebody("Adi", "Adviser", GlobalRole.DISABILITY_ADVISER)
        self.safety = self._somebody("Sam", "Safety", GlobalRole.SAFETY_OFFICER)

    def as_(self, name: str) -> Principal:
        """Somebody of the scene, by key alone: for actions, which ask no role."""
        return Principal(getattr(self, name).person_id)

    def gate(self, kind: GateKind) -> PlacementGate:
        """The placement's gate of that kind."""
        return next(gate for gate in self.placement.gates if gate.kind is kind)
