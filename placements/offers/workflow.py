"""States of an offer, and of what an organisation says against its offers; and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class OfferState(StrEnum):
    MADE = "made"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


F = OfferState
LIVE = (F.MADE, F.ACCEPTED)  # they hold a place

OFFER = Workflow(
    "offer",
    OfferState,
    [
        verb("accept", [F.MADE], F.ACCEPTED),
        verb("decline", [F.MADE], F.DECLINED),
        verb("lapse", [F.MADE], F.EXPIRED),
        verb("reinstate", [F.EXPIRED], F.MADE),
        verb("withdraw", [F.MADE], F.WITHDRAWN),
        verb("give_back", [F.ACCEPTED], F.WITHDRAWN),  # the placement came to nothing or ended: its place is free
    ],
)


class RefusalState(StrEnum):
    OPEN = "open"
    TAKEN_BACK = "taken_back"
    STANDS = "stands"


R = RefusalState

REFUSAL = Workflow(
    "refusal",
    RefusalState,
    [
        verb("take_back", [R.OPEN], R.TAKEN_BACK),
        verb("let_stand", [R.OPEN], R.STANDS),
    ],
)
