"""From submitted marks to confirmed ones: releasing a set, the board, and the export to the student record system."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlalchemy import select

from placements.assessment.models import Mark
from placements.assessment.workflow import MARK
from placements.board import notices
from placements.board.models import MarkExport, Stage
from placements.board.policy import may_confirm, may_release
from placements.board.queries import export_rows
from placements.cohorts.models import ModuleRun
from placements.core.clock import say_date, today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.core.seen import fingerprint
from placements.db import db
from placements.history.actions import record
from placements.mail.actions import tell

CHANGED = "A mark in this set has changed since you looked at it, so nothing was done. Look at the set again."


def fingerprint_of(marks: Sequence[Mark]) -> str:
    """What tells whether a set of marks, or any of them, is still what was looked at."""
    return fingerprint(sorted((mark.id, mark.version, mark.state.value) for mark in marks))


def release(run: ModuleRun, marks: Sequence[Mark], *, seen: str, actor: Principal, now: datetime) -> int:
    """Show the marks to their students as provisional and mail each that theirs is ready: all of the set, or none.

    `seen`: the set's fingerprint when it was looked at. Returns how many. Raises Refused where the set has changed.
    """
    chosen = _locked(run, marks, seen, lambda mark: may_release(actor, mark, now))
    for mark in chosen:
        MARK.move(mark, "release")
        mark.released_at = now
        mark.version += 1
        record("mark released", mark.submission, actor=actor, now=now, person_id=mark.enrolment.person_id)
        tell(notices.MARK_READY, mark.id, [mark.enrolment.person_id], now)
    record("released marks", run, actor=actor, now=now)
    return len(chosen)


def confirm(
    run: ModuleRun, marks: Sequence[Mark], board_on: date, *, seen: str, actor: Principal, now: datetime
) -> int:
    """Record that the board of that day (London) confirmed the marks: all of the set, or none. Returns how many.

    Raises Refused for a board that is still to come, and where the set has changed since it was looked at.
    """
    if board_on > today(now):
        raise Refused("Enter the day on which the board met. It cannot be in the future.", "board_on")
    chosen = _locked(run, marks, seen, lambda mark: may_confirm(actor, mark, now))
    said = f"the board of {say_date(board_on)}"
    for mark in chosen:
        MARK.move(mark, "confirm")
        mark.confirmed_at, mark.board_on = now, board_on
        mark.version += 1
        student = mark.enrolment.person_id
        record("mark confirmed", mark.submission, actor=actor, now=now, person_id=student, reason=said)
    record("confirmed marks", run, actor=actor, now=now, reason=said)
    return len(chosen)


def _locked(run: ModuleRun, marks: Sequence[Mark], seen: str, may: Callable[[Mark], bool]) -> list[Mark]:
    """The marks, held until the transaction ends, if they are what was looked at and each may be moved."""
    rows = db.session.scalars(
        select(Mark)
        .where(Mark.id.in_([mark.id for mark in marks]))
        .order_by(Mark.id)
        .with_for_update(of=Mark)
        .execution_options(populate_existing=True)
    )
    chosen = [mark for mark in rows if mark.enrolment.run_id == run.id]
    if not chosen:
        raise Refused("There is no mark in this set. Choose at least one.")
    if fingerprint_of(chosen) != seen or not all(may(mark) for mark in chosen):
        raise Refused(CHANGED)
    return chosen


def export(run: ModuleRun, stage: Stage, *, actor: Principal, now: datetime) -> MarkExport:
    """Keep what is sent to the student record system: the run's marks at that stage. Raises Refused where none is."""
    rows = export_rows(run, stage)
    if not rows:
        raise Refused(f"No mark of this run is {stage.value} now, so there is nothing to export.", "stage")
    made = MarkExport(run=run, stage=stage, made_by_id=actor.person_id, made_at=now, rows=rows)
    db.session.add(made)
    record(f"exported {stage.value} marks", run, actor=actor, now=now)
    return made
