"""States of a moderation, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class ModerationState(StrEnum):
    DRAWN = "drawn"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"  # by the moderator, who said what is to become of the set
    SETTLED = "settled"  # that was done: the marks may be released, or are marked again
    DISCARDED = "discarded"


class Outcome(StrEnum):
    STAND = "stand"
    ADJUST = "adjust"
    REMARK = "remark"


M = ModerationState

MODERATION = Workflow(
    "moderation",
    ModerationState,
    [
        verb("ask", [M.DRAWN, M.IN_PROGRESS]),
        verb("note", [M.DRAWN, M.IN_PROGRESS], M.IN_PROGRESS),
        verb("close", [M.IN_PROGRESS], M.CLOSED),
        verb("discard", [M.DRAWN, M.IN_PROGRESS], M.DISCARDED),
        verb("adjust", [M.CLOSED]),
        verb("settle", [M.CLOSED], M.SETTLED),
    ],
)
