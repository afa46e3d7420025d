"""States of a proposal, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class ProposalState(StrEnum):
    PROPOSED = "proposed"
    MORE_ASKED = "more_asked"
    ORGANISATION_CHECKED = "organisation_checked"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


S = ProposalState
OPEN = (S.PROPOSED, S.MORE_ASKED, S.ORGANISATION_CHECKED)  # at most one of a student's

PROPOSAL = Workflow(
    "proposal",
    ProposalState,
    [
        verb("ask_more", [S.PROPOSED, S.ORGANISATION_CHECKED], S.MORE_ASKED),
        verb("answer", [S.MORE_ASKED], S.PROPOSED),
        verb("find_organisation", [S.PROPOSED, S.MORE_ASKED]),
        verb("verify", [S.PROPOSED, S.MORE_ASKED]),
        verb("check", [S.PROPOSED], S.ORGANISATION_CHECKED),
        verb("approve", [S.ORGANISATION_CHECKED], S.APPROVED),
        verb("refuse", OPEN, S.REFUSED),
        verb("withdraw", OPEN, S.WITHDRAWN),
    ],
)
