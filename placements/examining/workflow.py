"""States of an examiner's report, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class ReportState(StrEnum):
    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    ANSWERED = "answered"


R = ReportState

REPORT = Workflow(
    "report",
    ReportState,
    [
        verb("write", [R.DRAFTED]),
        verb("submit", [R.DRAFTED], R.SUBMITTED),
        verb("respond", [R.SUBMITTED], R.ANSWERED),
    ],
)
