"""States of a release that waits for its moment, and of a correction that waits for a second person."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class StagedState(StrEnum):
    STAGED = "staged"
    RELEASED = "released"
    STOPPED = "stopped"  # a mark had changed
    CANCELLED = "cancelled"


class CorrectionState(StrEnum):
    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


S, C = StagedState, CorrectionState

STAGED = Workflow(
    "release",
    StagedState,
    [
        verb("release", [S.STAGED], S.RELEASED),
        verb("stop", [S.STAGED], S.STOPPED),
        verb("cancel", [S.STAGED], S.CANCELLED),
    ],
)

CORRECTION = Workflow(
    "correction",
    CorrectionState,
    [
        verb("agree", [C.ASKED], C.AGREED),
        verb("refuse", [C.ASKED], C.REFUSED),
        verb("withdraw", [C.ASKED], C.WITHDRAWN),
    ],
)
