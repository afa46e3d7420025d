"""States of a round and of an attempt to solve it."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class RoundState(StrEnum):
    DRAFT = "draft"
    STAGED = "staged"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class AttemptState(StrEnum):
    QUEUED = "queued"
    SOLVING = "solving"
    SOLVED = "solved"
    FAILED = "failed"


class AdjustmentKind(StrEnum):
    """What a module leader changes in a round's inputs; each is the `solver.changes.Kind` of the same name."""

    FORBID = "forbid"
    PLACES = "places"
    MINIMUM = "minimum"
    CEILING = "ceiling"


R, T = RoundState, AttemptState

ROUND = Workflow(
    "round",
    RoundState,
    [
        verb("run", [R.DRAFT, R.STAGED]),
        verb("stage", [R.DRAFT, R.STAGED], R.STAGED),
        verb("choose_rule", [R.DRAFT, R.STAGED]),
        verb("adjust", [R.DRAFT, R.STAGED]),
        verb("override", [R.STAGED]),
        verb("publish", [R.STAGED], R.PUBLISHED),
        verb("repair", [R.PUBLISHED]),
        verb("discard", [R.DRAFT, R.STAGED], R.DISCARDED),
    ],
)

ATTEMPT = Workflow(
    "attempt",
    AttemptState,
    [
        verb("claim", [T.QUEUED, T.SOLVING], T.SOLVING),
        verb("finish", [T.SOLVING], T.SOLVED),
        verb("fail", [T.QUEUED, T.SOLVING], T.FAILED),
    ],
)
