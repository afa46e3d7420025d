"""States of a log entry, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class EntryState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    QUERIED = "queried"
    VERIFIED = "verified"  # by the university: the tutor, on other evidence, with a reason
    NOT_COUNTED = "not_counted"


N = EntryState

ENTRY = Workflow(
    "log entry",
    EntryState,
    [
        verb("edit", [N.DRAFT, N.SUBMITTED, N.CONFIRMED, N.QUERIED, N.NOT_COUNTED]),
        verb("submit", [N.DRAFT, N.SUBMITTED, N.CONFIRMED, N.QUERIED, N.NOT_COUNTED], N.SUBMITTED),
        verb("set_aside", [N.DRAFT, N.SUBMITTED], N.NOT_COUNTED),
        verb("confirm", [N.SUBMITTED, N.QUERIED], N.CONFIRMED),
        verb("query", [N.SUBMITTED, N.CONFIRMED], N.QUERIED),
        verb("verify", [N.SUBMITTED, N.QUERIED], N.VERIFIED),
        verb("discard", [N.DRAFT]),
    ],
)
