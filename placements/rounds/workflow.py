"""States of a round, and the kinds of what is changed in one."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class RoundState(StrEnum):
    DRAFT = "draft"
    STAGED = "staged"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class AdjustmentKind(StrEnum):
    """What a module leader changes in a round's inputs; each is the `solver.changes.Kind` of the same name."""

    FORBID = "forbid"
    PLACES = "places"
    MINIMUM = "minimum"
    CEILING = "ceiling"


R = RoundState

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
