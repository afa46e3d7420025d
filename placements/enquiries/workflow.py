"""States of an enquiry, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class EnquiryState(StrEnum):
    RECEIVED = "received"
    IN_CONVERSATION = "in_conversation"
    ACCEPTED = "accepted"
    ROUTED = "routed"
    CLOSED = "closed"


E = EnquiryState
WAITING = (E.RECEIVED, E.IN_CONVERSATION)

ENQUIRY = Workflow(
    "enquiry",
    EnquiryState,
    [
        verb("take_up", [E.RECEIVED], E.IN_CONVERSATION),
        verb("plan", [E.IN_CONVERSATION]),
        verb("accept", WAITING, E.ACCEPTED),
        verb("route", WAITING, E.ROUTED),
        verb("close", WAITING, E.CLOSED),
        verb("note", [*E]),
        verb("lapse", [E.RECEIVED], E.CLOSED),  # nobody confirmed the address
    ],
)
