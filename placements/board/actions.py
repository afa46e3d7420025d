"""From released marks to confirmed ones: the board, and the export to the student record system."""

from collections.abc import Sequence
from datetime import date, datetime

from placements.assessment.models import Mark
from placements.assessment.workflow import MARK
from placements.board.models import MarkExport, Stage
from placements.board.policy import may_confirm
from placements.board.queries import export_rows
from placements.board.releasing import held
from placements.cohorts.models import ModuleRun
from placements.core.clock import say_date, today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.actions import record


def confirm(
    run: ModuleRun, marks: Sequence[Mark], board_on: date, *, seen: str, actor: Principal, now: datetime
) -> int:
    """Record that the board of that day (London) confirmed the marks: all of the set, or none. Returns how many.

    Raises Refused for a board that is still to come, and where the set has changed since it was looked at.
    """
    if board_on > today(now):
        raise Refused("Enter the day on which the board met. It cannot be in the future.", "board_on")
    chosen = held(run, marks, seen, lambda mark: may_confirm(actor, mark, now))
    said = f"the board of {say_date(board_on)}"
    for mark in chosen:
        MARK.move(mark, "confirm")
        mark.confirmed_at, mark.board_on = now, board_on
        mark.version += 1
        student = mark.enrolment.person_id
        record("mark confirmed", mark.submission, actor=actor, now=now, person_id=student, reason=said)
    record("confirmed marks", run, actor=actor, now=now, reason=said)
    return len(chosen)


def export(run: ModuleRun, stage: Stage, *, actor: Principal, now: datetime) -> MarkExport:
    """Keep what is sent to the student record system: the run's marks at that stage. Raises Refused where none is."""
    rows = export_rows(run, stage)
    if not rows:
        raise Refused(f"No mark of this run is {stage.value} now, so there is nothing to export.", "stage")
    made = MarkExport(run=run, stage=stage, made_by_id=actor.person_id, made_at=now, rows=rows)
    db.session.add(made)
    record(f"exported {stage.value} marks", run, actor=actor, now=now)
    return made
