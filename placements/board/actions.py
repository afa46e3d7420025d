"""From released marks to confirmed ones: the board, and the export to the student record system."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from placements.assessment.models import Mark
from placements.assessment.workflow import MARK
from placements.board.exporting import difference, export_rows, last_of
from placements.board.models import BoardDecision, BoardMeeting, MarkExport, Stage
from placements.board.policy import may_confirm
from placements.board.releasing import held
from placements.cohorts.models import ModuleRun
from placements.core.clock import say_date, today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record


@dataclass(frozen=True)
class Met:
    """A board as it is told: the day it met (London), who chaired it, and what else is to be kept."""

    on: date
    chair: str
    note: str = ""


def confirm(
    run: ModuleRun, marks: Sequence[Mark], met: Met, *, seen: str, actor: Principal, now: datetime
) -> BoardMeeting:
    """Record that a board confirmed the marks: all of the set, or none. Each stays written down as it was then.

    Raises Refused for a board that is still to come, and where the set has changed since it was looked at.
    """
    if met.on > today(now):
        raise Refused("Enter the day on which the board met. It cannot be in the future.", "board_on")
    chosen = held(run, marks, seen, lambda mark: may_confirm(actor, mark, now))
    said = f"the board of {say_date(met.on)}"
    meeting = BoardMeeting(
        run=run, met_on=met.on, chair=met.chair, note=met.note, recorded_by_id=actor.person_id, recorded_at=now
    )
    db.session.add(meeting)
    for mark in chosen:
        MARK.move(mark, "confirm")
        mark.confirmed_at, mark.board_on = now, met.on
        mark.version += 1
        meeting.decisions.append(BoardDecision(mark_id=mark.id, mark=mark.mark))
        student = mark.enrolment.person_id
        record("mark confirmed", mark.submission, actor=actor, now=now, person_id=student, reason=said)
    record("confirmed marks", run, actor=actor, now=now, reason=said)
    return meeting


def export(run: ModuleRun, stage: Stage, *, only_changes: bool = False, actor: Principal, now: datetime) -> MarkExport:
    """Keep what is sent to the student record system: the run's marks at that stage, or what is new or changed of them.

    Raises Refused where there is none, and where nothing has changed since the last export of that stage.
    """
    hold_row(run)
    rows, last = export_rows(run, stage), last_of(run, stage)
    if not rows and last is None:
        raise Refused(f"No mark of this run is {stage.value} now, so there is nothing to export.", "stage")
    if only_changes and last is None:
        raise Refused(f"No {stage.value} mark of this run was exported before. Export them all.", "what")
    if only_changes and last is not None and not difference(last.rows, rows):
        raise Refused("Nothing has changed since the last export of these marks.", "what")
    made = MarkExport(run=run, stage=stage, made_by_id=actor.person_id, made_at=now, rows=rows)
    made.since = last if only_changes else None
    db.session.add(made)
    record(f"exported {stage.value} marks", run, actor=actor, now=now)
    return made
