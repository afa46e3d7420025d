"""States of a claim of mitigating circumstances, as the university decides it and we write it down."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class ClaimState(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # recorded by mistake


MITIGATION = Workflow(
    "claim",
    ClaimState,
    [
        verb("accept", [ClaimState.PENDING], ClaimState.ACCEPTED),
        verb("refuse", [ClaimState.PENDING], ClaimState.REFUSED),
        verb("withdraw", [ClaimState.PENDING], ClaimState.WITHDRAWN),
    ],
)
