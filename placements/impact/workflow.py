"""States of a result, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class ResultState(StrEnum):
    DRAFT = "draft"
    ASKED = "asked"  # the organisation is asked whether it is true
    VERIFIED = "verified"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


R = ResultState
STANDING = (R.DRAFT, R.ASKED, R.VERIFIED, R.PUBLISHED)

RESULT = Workflow(
    "result",
    ResultState,
    [
        verb("edit", STANDING, R.DRAFT),  # other words than were verified are verified again
        verb("ask", [R.DRAFT, R.ASKED], R.ASKED),
        verb("verify", [R.ASKED], R.VERIFIED),
        verb("send_back", [R.ASKED], R.DRAFT),
        verb("publish", [R.VERIFIED], R.PUBLISHED),
        verb("withdraw", STANDING, R.WITHDRAWN),
    ],
)
