"""States of an organisation, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class OrganisationState(StrEnum):
    PROSPECTIVE = "prospective"
    APPROVED = "approved"
    PAUSED = "paused"
    ARCHIVED = "archived"
    DECLINED = "declined"


O = OrganisationState  # noqa: E741 - one letter reads best in a table
CURRENT = (O.PROSPECTIVE, O.APPROVED, O.PAUSED)

ORGANISATION = Workflow(
    "organisation",
    OrganisationState,
    [
        verb("edit", CURRENT),
        verb("approve", [O.PROSPECTIVE, O.PAUSED], O.APPROVED),  # until when follows from its checks
        verb("decline", [O.PROSPECTIVE], O.DECLINED),
        verb("pause", [O.APPROVED], O.PAUSED),
        verb("archive", [*CURRENT, O.DECLINED], O.ARCHIVED),
        verb("merge", [*CURRENT, O.DECLINED], O.ARCHIVED),  # it was another one's double
    ],
)
