"""States of a brief, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class ChallengeState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    PUBLISHED = "published"
    PAUSED = "paused"
    CLOSED = "closed"
    ARCHIVED = "archived"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


C = ChallengeState
EDITABLE = (C.DRAFT, C.CHANGES_REQUESTED)
OVER = (C.CLOSED, C.ARCHIVED, C.DECLINED, C.WITHDRAWN)

CHALLENGE = Workflow(
    "challenge",
    ChallengeState,
    [
        verb("edit", EDITABLE),
        verb("submit", EDITABLE, C.SUBMITTED),
        verb("comment", [C.SUBMITTED, C.CHANGES_REQUESTED]),
        verb("ask_for_changes", [C.SUBMITTED], C.CHANGES_REQUESTED),
        verb("approve", [C.SUBMITTED], C.APPROVED),
        verb("decline", [C.SUBMITTED], C.DECLINED),
        verb("assess", [C.SUBMITTED, C.CHANGES_REQUESTED, C.APPROVED, C.PUBLISHED, C.PAUSED, C.CLOSED]),
        verb("name_supervisor", [C.SUBMITTED, C.APPROVED, C.PUBLISHED, C.PAUSED]),
        verb("promise_places", [C.PUBLISHED]),
        verb("publish_later", [C.APPROVED]),
        verb("publish", [C.APPROVED], C.PUBLISHED),
        verb("pause", [C.PUBLISHED], C.PAUSED),
        verb("hold", [C.PAUSED]),
        verb("resume", [C.PAUSED], C.PUBLISHED),
        verb("close", [C.PUBLISHED, C.PAUSED], C.CLOSED),
        verb("withdraw", [C.DRAFT, C.SUBMITTED, C.CHANGES_REQUESTED, C.APPROVED, C.PUBLISHED, C.PAUSED], C.WITHDRAWN),
        verb("archive", [C.CLOSED, C.DECLINED, C.WITHDRAWN], C.ARCHIVED),
    ],
)
