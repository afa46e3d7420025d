"""States of a placement, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class PlacementState(StrEnum):
    PREPARING = "preparing"
    CLEARED = "cleared"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    NOT_STARTED = "not_started"
    TRANSFERRED = "transferred"
    ENDED_EARLY = "ended_early"


P = PlacementState
GOING_ON = (P.PREPARING, P.CLEARED, P.ACTIVE, P.PAUSED)

PLACEMENT = Workflow(
    "placement",
    PlacementState,
    [
        verb("clear", [P.PREPARING], P.CLEARED),
        verb("start", [P.CLEARED], P.ACTIVE),
        verb("pause", [P.ACTIVE], P.PAUSED),
        verb("resume", [P.PAUSED], P.ACTIVE),
        verb("complete", [P.ACTIVE], P.COMPLETED),
        verb("call_off", [P.PREPARING, P.CLEARED], P.NOT_STARTED),
        verb("transfer", [P.PREPARING, P.CLEARED, P.ACTIVE, P.PAUSED], P.TRANSFERRED),
        verb("end_early", [P.ACTIVE, P.PAUSED], P.ENDED_EARLY),
    ],
)
