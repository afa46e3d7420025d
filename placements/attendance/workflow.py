"""States of a planned day and of a contact point, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class DayState(StrEnum):
    PLANNED = "planned"
    CANCELLED = "cancelled"  # somebody said in time that it does not take place


class ContactState(StrEnum):
    PLANNED = "planned"
    DONE = "done"
    MISSED = "missed"


DAY = Workflow(
    "planned day",
    DayState,
    [
        verb("move", [DayState.PLANNED]),
        verb("remove", [DayState.PLANNED]),
        verb("cancel", [DayState.PLANNED], DayState.CANCELLED),
        verb("restore", [DayState.CANCELLED], DayState.PLANNED),
    ],
)
CONTACT = Workflow(
    "contact point",
    ContactState,
    [
        verb("finish", [ContactState.PLANNED], ContactState.DONE),
        verb("miss", [ContactState.PLANNED], ContactState.MISSED),
        verb("add_note", [ContactState.PLANNED, ContactState.DONE]),
    ],
)
