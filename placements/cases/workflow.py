"""States of a case file, and the verbs between them."""

from enum import StrEnum

from placements.core.workflow import Workflow, verb


class ExportState(StrEnum):
    ASKED = "asked"
    MADE = "made"
    STOPPED = "stopped"  # whoever asked leads the run no more, so nothing was made
    DELETED = "deleted"  # its year is over


S = ExportState

EXPORT = Workflow(
    "case file",
    ExportState,
    [
        verb("make", [S.ASKED], S.MADE),
        verb("stop", [S.ASKED], S.STOPPED),
        verb("delete", [S.MADE], S.DELETED),
    ],
)
