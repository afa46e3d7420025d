"""Case files, believable: one that waits, or one that the worker has made of the bytes that a test gives it."""

from typing import Any

from placements.cases.models import CaseExport
from placements.cases.workflow import ExportState
from placements.cohorts.models import Enrolment
from placements.core.policy import NOBODY
from placements.files.actions import keep, put
from placements.people.models import Person
from tests.factories.base import DAY, NOW, add


def case_export(of: Enrolment, by: Person, content: bytes = b"", **said: Any) -> CaseExport:
    """Asked for yesterday; with content it was made a minute later and is kept for a year."""
    said = {"reason": "Complaint 2026-117", "asked_at": NOW - DAY, **said}
    if content:
        file = keep(put("Case.zip", content), actor=NOBODY, now=NOW)
        made = {"state": ExportState.MADE, "file": file, "sha256": file.sha256, "size": file.size}
        said = {**made, "made_at": NOW - DAY, "kept_until": (NOW + 364 * DAY).date(), **said}
    return add(CaseExport(enrolment=of, asked_by=by, **said))
