"""States of a run and of an enrolment, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class RunState(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


class EnrolmentState(StrEnum):
    REGISTERED = "registered"
    SEEKING = "seeking"
    PLACED = "placed"
    COMPLETED = "completed"
    DEFERRED = "deferred"
    WITHDRAWN = "withdrawn"
    NOT_PLACED = "not_placed"  # with a recorded alternative


S = EnrolmentState
STUDYING = (S.REGISTERED, S.SEEKING, S.PLACED, S.NOT_PLACED)
LEFT = (S.DEFERRED, S.WITHDRAWN)
WITHOUT_A_PLACE = (S.REGISTERED, S.SEEKING)  # and with nothing agreed instead

RUN = Workflow(
    "module run",
    RunState,
    [
        verb("open", [RunState.PLANNED], RunState.OPEN),
        verb("close", [RunState.OPEN], RunState.CLOSED),
    ],
)

ENROLMENT = Workflow(
    "enrolment",
    EnrolmentState,
    [
        verb("seek", [S.REGISTERED, S.PLACED, S.NOT_PLACED], S.SEEKING),
        verb("place", [S.REGISTERED, S.SEEKING, S.NOT_PLACED], S.PLACED),
        verb("complete", [S.PLACED], S.COMPLETED),
        verb("give_alternative", [S.REGISTERED, S.SEEKING], S.NOT_PLACED),
        verb("defer", [*STUDYING, S.COMPLETED, S.WITHDRAWN], S.DEFERRED),
        verb("withdraw", [*STUDYING, S.COMPLETED, S.DEFERRED], S.WITHDRAWN),
        verb("return", LEFT, S.REGISTERED),
    ],
)
