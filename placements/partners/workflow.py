"""States of an enquiry and of an organisation, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class EnquiryState(StrEnum):
    RECEIVED = "received"
    IN_CONVERSATION = "in_conversation"
    ACCEPTED = "accepted"
    ROUTED = "routed"
    CLOSED = "closed"


class OrganisationState(StrEnum):
    PROSPECTIVE = "prospective"
    APPROVED = "approved"
    PAUSED = "paused"
    ARCHIVED = "archived"
    DECLINED = "declined"


E, O = EnquiryState, OrganisationState  # noqa: E741 - one letter each reads best in a table
WAITING = (E.RECEIVED, E.IN_CONVERSATION)
CURRENT = (O.PROSPECTIVE, O.APPROVED, O.PAUSED)

ENQUIRY = Workflow(
    "enquiry",
    EnquiryState,
    [
        verb("take_up", [E.RECEIVED], E.IN_CONVERSATION),
        verb("plan", [E.IN_CONVERSATION]),
        verb("accept", WAITING, E.ACCEPTED),
        verb("route", WAITING, E.ROUTED),
        verb("close", WAITING, E.CLOSED),
    ],
)

ORGANISATION = Workflow(
    "organisation",
    OrganisationState,
    [
        verb("edit", CURRENT),
        verb("approve", CURRENT, O.APPROVED),  # again while it is approved: until a later day
        verb("decline", [O.PROSPECTIVE], O.DECLINED),
        verb("pause", [O.APPROVED], O.PAUSED),
        verb("archive", [*CURRENT, O.DECLINED], O.ARCHIVED),
    ],
)
