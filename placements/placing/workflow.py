"""States of a placement and of its gates, and the verbs between them."""

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


class GateState(StrEnum):
    OPEN = "open"  # somebody has to settle it
    HELD = "held"
    BARRED = "barred"  # it was looked at, and what was found stands against the placement
    EXITED = "exited"  # settled by one of its exits


P, G = PlacementState, GateState
NOT_BEGUN = (P.PREPARING, P.CLEARED)
BEGUN = (P.ACTIVE, P.PAUSED)
GOING_ON = (*NOT_BEGUN, *BEGUN)

PLACEMENT = Workflow(
    "placement",
    PlacementState,
    [
        verb("clear", [P.PREPARING], P.CLEARED),
        verb("start", [P.CLEARED], P.ACTIVE),
        verb("change_dates", GOING_ON),
        verb("change_supervisor", GOING_ON),
        verb("change_tutor", GOING_ON),
        verb("pause", [P.ACTIVE], P.PAUSED),
        verb("resume", [P.PAUSED], P.ACTIVE),
        verb("complete", [P.ACTIVE], P.COMPLETED),
        verb("call_off", NOT_BEGUN, P.NOT_STARTED),
        verb("transfer", BEGUN, P.TRANSFERRED),  # ended early, and another place is looked for
        verb("move", GOING_ON, P.TRANSFERRED),  # to another organisation, at once
        verb("end_early", BEGUN, P.ENDED_EARLY),
    ],
)

GATE = Workflow(
    "check",
    GateState,
    [
        verb("hold", [G.OPEN, G.BARRED, G.EXITED], G.HELD),
        verb("bar", [G.OPEN, G.HELD, G.EXITED], G.BARRED),
        verb("leave", [G.OPEN, G.BARRED, G.HELD], G.EXITED),
        verb("ask_again", [G.HELD, G.EXITED], G.OPEN),
    ],
)
