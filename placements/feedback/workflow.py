"""States of a supervisor's feedback, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class FeedbackState(StrEnum):
    REQUESTED = "requested"
    RECEIVED = "received"  # and shown to the student at once
    NOT_OBTAINABLE = "not_obtainable"  # the tutor has given up asking
    WAIVED = "waived"  # the module leader asks for it no longer


F = FeedbackState

FEEDBACK = Workflow(
    "feedback",
    FeedbackState,
    [
        verb("ask", [F.REQUESTED, F.NOT_OBTAINABLE, F.WAIVED], F.REQUESTED),
        verb("give", [F.REQUESTED, F.NOT_OBTAINABLE, F.WAIVED, F.RECEIVED], F.RECEIVED),  # given again: corrected
        verb("comment", [F.RECEIVED]),
        verb("give_up", [F.REQUESTED], F.NOT_OBTAINABLE),
        verb("waive", [F.REQUESTED, F.NOT_OBTAINABLE], F.WAIVED),
    ],
)
