"""States of a second mark, and of what two markers agree on; and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class Role(StrEnum):
    SECOND = "second"
    THIRD = "third"  # where the two cannot agree


class SecondState(StrEnum):
    ALLOTTED = "allotted"
    DRAFTED = "drafted"
    SUBMITTED = "submitted"


class How(StrEnum):
    """How two marks became one."""

    AUTOMATIC = "automatic"
    DISCUSSED = "discussed"
    THIRD_MARKER = "third_marker"


class SettlementState(StrEnum):
    PROPOSED = "proposed"
    SETTLED = "settled"
    DECLINED = "declined"
    OVERTAKEN = "overtaken"  # the work is to be marked again


S, T = SecondState, SettlementState

SECOND = Workflow(
    "second mark",
    SecondState,
    [
        verb("hand_on", [S.ALLOTTED, S.DRAFTED], S.ALLOTTED),  # to another marker, who begins anew
        verb("draft", [S.ALLOTTED, S.DRAFTED], S.DRAFTED),
        verb("submit", [S.ALLOTTED, S.DRAFTED], S.SUBMITTED),
        verb("reopen", [S.SUBMITTED], S.DRAFTED),
    ],
)
SETTLEMENT = Workflow(
    "proposed mark",
    SettlementState,
    [
        verb("agree", [T.PROPOSED], T.SETTLED),
        verb("decline", [T.PROPOSED], T.DECLINED),
        verb("overtake", [T.PROPOSED, T.SETTLED], T.OVERTAKEN),
    ],
)
