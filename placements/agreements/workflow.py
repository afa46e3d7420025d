"""States of one version of a Challenge Agreement."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class AgreementState(StrEnum):
    DRAFT = "draft"
    SIGNING = "signing"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"


G = AgreementState

AGREEMENT = Workflow(
    "Challenge Agreement",
    AgreementState,
    [
        verb("edit", [G.DRAFT]),
        verb("propose", [G.DRAFT], G.SIGNING),
        verb("take_back", [G.SIGNING], G.DRAFT),
        verb("sign", [G.SIGNING]),
        verb("come_into_force", [G.SIGNING], G.IN_FORCE),
        verb("supersede", [G.IN_FORCE, G.SIGNING], G.SUPERSEDED),
    ],
)
