"""What the board writes: a mark is ready or corrected, a release was stopped, a second person is needed. No marks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from placements.assessment.models import Mark
from placements.assessment.queries import RELEASED
from placements.board.models import Correction, StagedRelease
from placements.board.workflow import CorrectionState, StagedState
from placements.db import db
from placements.mail.notices import Notice, Pace
from placements.people.models import Person


def _mark_ready(mark_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    mark = db.session.get_one(Mark, mark_id)
    return {"component": mark.component} if mark.state in RELEASED else None


def _release_stopped(staged_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    staged = db.session.get_one(StagedRelease, staged_id)
    return {"staged": staged} if staged.state is StagedState.STOPPED else None


def _correction_asked(correction_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    correction = db.session.get_one(Correction, correction_id)
    return {"correction": correction} if correction.state is CorrectionState.ASKED else None


def _correction_refused(correction_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    correction = db.session.get_one(Correction, correction_id)
    return {"correction": correction} if correction.state is CorrectionState.REFUSED else None


def _mark_corrected(mark_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    mark = db.session.get_one(Mark, mark_id)
    return {"mark": mark} if mark.corrected_at else None


RUN = "correction.mark.enrolment.run_id"
FILLS = {"run": "correction.mark.enrolment.run.title"}

MARK_READY = Notice("board.mark_ready", _mark_ready, run="component.run_id", fills={"component": "component.title"})
RELEASE_STOPPED = Notice(
    "board.release_stopped", _release_stopped, run="staged.run_id", fills={"component": "staged.component.title"}
)
CORRECTION_ASKED = Notice(
    "board.correction_asked", _correction_asked, pace=Pace.DAILY, run=RUN, fills=FILLS, private=True
)
CORRECTION_REFUSED = Notice(
    "board.correction_refused", _correction_refused, pace=Pace.DAILY, run=RUN, fills=FILLS, private=True
)
MARK_CORRECTED = Notice(
    "board.mark_corrected", _mark_corrected, run="mark.enrolment.run_id", fills={"component": "mark.component.title"}
)

NOTICES = (MARK_READY, RELEASE_STOPPED, CORRECTION_ASKED, CORRECTION_REFUSED, MARK_CORRECTED)
