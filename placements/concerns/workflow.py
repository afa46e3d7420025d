"""States of a concern, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class ConcernState(StrEnum):
    RAISED = "raised"
    OWNED = "owned"
    IN_ACTION = "in_action"
    RESOLVED = "resolved"
    REFERRED = "referred"


C = ConcernState
TAKEN_ON = (C.OWNED, C.IN_ACTION)
OPEN = (C.RAISED, *TAKEN_ON)
CLOSED = (C.RESOLVED, C.REFERRED)

CONCERN = Workflow(
    "concern",
    ConcernState,
    [
        verb("own", [C.RAISED], C.OWNED),
        verb("note", TAKEN_ON, C.IN_ACTION),  # the first note is the first thing done
        verb("pass_on", TAKEN_ON),
        verb("resolve", TAKEN_ON, C.RESOLVED),
        verb("refer", TAKEN_ON, C.REFERRED),
    ],
)
