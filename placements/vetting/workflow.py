"""States of a check and of a memorandum, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class CheckState(StrEnum):
    """A check that nobody has answered has no row: it is due. Whether a passed one has run out is computed."""

    ANSWERED = "answered"  # waits for us
    PASSED = "passed"
    CONDITIONAL = "conditional"
    FAILED = "failed"


class MemorandumState(StrEnum):
    DRAFT = "draft"
    SIGNED = "signed"
    ENDED = "ended"


K, M = CheckState, MemorandumState
HOLDS = (K.PASSED, K.CONDITIONAL)

CHECK = Workflow(
    "check",
    CheckState,
    [
        verb("answer", [*K], K.ANSWERED),
        verb("pass", [*K], K.PASSED),
        verb("pass_on_condition", [*K], K.CONDITIONAL),
        verb("fail", [*K], K.FAILED),
        verb("renew", HOLDS),  # the organisation says that all of it is still true
    ],
)

MEMORANDUM = Workflow(
    "memorandum",
    MemorandumState,
    [
        verb("sign", [M.DRAFT], M.SIGNED),
        verb("end", [M.DRAFT, M.SIGNED], M.ENDED),
    ],
)
