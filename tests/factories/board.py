"""What becomes of marks."""

from typing import Any

from placements.assessment.models import Mark
from placements.board.models import BoardMeeting, Correction, MarkExport, Stage, StagedRelease, Withholding
from placements.cohorts.models import Component, ModuleRun
from placements.people.models import Person
from tests.factories.base import DAY, NOW, add


def mark_export(of: ModuleRun, by: Person, **said: Any) -> MarkExport:
    said = {"stage": Stage.PROVISIONAL, "made_at": NOW, "rows": [], **said}
    return add(MarkExport(run=of, made_by=by, **said))


def withholding(of: Mark, by: Person, reason: str = "Something is looked into.", **said: Any) -> Withholding:
    """The row alone: the mark's own `withheld_at` is the caller's."""
    return add(Withholding(mark_id=of.id, by=by, at=NOW, reason=reason, **said))


def staged_release(of: ModuleRun, component: Component, by: Person, *marks: Mark, **said: Any) -> StagedRelease:
    said = {"release_at": NOW + DAY, "staged_at": NOW, "marks": [[each.id, each.version] for each in marks], **said}
    return add(StagedRelease(run=of, component=component, staged_by=by, **said))


def board_meeting(of: ModuleRun, by: Person, **said: Any) -> BoardMeeting:
    said = {"met_on": NOW.date(), "chair": "Professor Ada Bell", "recorded_at": NOW, **said}
    return add(BoardMeeting(run=of, recorded_by=by, **said))


def correction(of: Mark, by: Person, **said: Any) -> Correction:
    said = {"from_mark": of.mark, "to_mark": 62, "reason": "A page was not read.", "asked_at": NOW, **said}
    return add(Correction(mark=of, asked_by=by, **said))
