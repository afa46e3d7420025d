"""States of a log entry, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class EntryState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    QUERIED = "queried"
    VERIFIED = "verified"  # by the university: the tutor, on other evidence, with a reason
    NOT_COUNTED = "not_counted"  # by the tutor's decision, with a reason
    DISCARDED = "discarded"  # by the student; kept for the ledger and shown nowhere


N = EntryState
WAITING = (N.SUBMITTED, N.QUERIED)
UNSETTLED = (N.DRAFT, *WAITING)  # its photos and files can still be added to and removed
SETTLED = (N.CONFIRMED, N.VERIFIED)  # its hours are confirmed, by whomever

ENTRY = Workflow(
    "log entry",
    EntryState,
    [
        verb("edit", [N.DRAFT, *WAITING, N.CONFIRMED, N.VERIFIED, N.NOT_COUNTED]),  # its reflection, at any time
        verb("submit", [N.DRAFT, *WAITING, N.CONFIRMED], N.SUBMITTED),  # and again, when what happened is changed
        verb("discard", [N.DRAFT, *WAITING], N.DISCARDED),
        verb("confirm", WAITING, N.CONFIRMED),
        verb("query", [N.SUBMITTED, N.CONFIRMED], N.QUERIED),
        verb("verify", [*WAITING, N.NOT_COUNTED], N.VERIFIED),
        verb("set_aside", [*WAITING, N.VERIFIED], N.NOT_COUNTED),
    ],
)
