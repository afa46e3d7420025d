"""States of one version of a Challenge Agreement."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class AgreementState(StrEnum):
    DRAFT = "draft"
    SIGNING = "signing"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"  # a later version came into force
    TAKEN_BACK = "taken_back"  # before all had signed: its signatures are void, and kept


G = AgreementState
OPEN = (G.DRAFT, G.SIGNING)  # being worked on; at most one of a placement

AGREEMENT = Workflow(
    "Challenge Agreement",
    AgreementState,
    [
        verb("edit", [G.DRAFT]),
        verb("comment", OPEN),
        verb("propose", [G.DRAFT], G.SIGNING),
        verb("sign", [G.SIGNING]),
        verb("take_back", [G.SIGNING], G.TAKEN_BACK),
        verb("ask_for_changes", [G.SIGNING], G.TAKEN_BACK),
        verb("come_into_force", [G.SIGNING], G.IN_FORCE),
        verb("supersede", [G.IN_FORCE], G.SUPERSEDED),
    ],
)
