"""States of an application, and the verbs between them. Working on the draft moves nothing, so it is no verb."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class ApplicationState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"


A = ApplicationState

APPLICATION = Workflow(
    "application",
    ApplicationState,
    [
        verb("submit", [A.DRAFT, A.SUBMITTED, A.WITHDRAWN], A.SUBMITTED),
        verb("withdraw", [A.SUBMITTED], A.WITHDRAWN),
    ],
)
