"""States of an attempt to solve a round."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class AttemptState(StrEnum):
    QUEUED = "queued"
    SOLVING = "solving"
    SOLVED = "solved"
    FAILED = "failed"


T = AttemptState

ATTEMPT = Workflow(
    "attempt",
    AttemptState,
    [
        verb("claim", [T.QUEUED, T.SOLVING], T.SOLVING),
        verb("finish", [T.SOLVING], T.SOLVED),
        verb("fail", [T.QUEUED, T.SOLVING], T.FAILED),
    ],
)
