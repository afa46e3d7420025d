"""Changing a mark after the board has confirmed it: one leader of the run asks with a reason, another agrees."""

from datetime import datetime

from sqlalchemy import select

from placements.assessment.models import Mark
from placements.assessment.versions import keep_version
from placements.assessment.workflow import MarkState, Why
from placements.board import notices
from placements.board.models import Correction
from placements.board.workflow import CORRECTION, CorrectionState
from placements.cohorts.queries import leaders_of
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.mail.actions import tell

STAFF_ONLY = "board.correction"


def ask(mark: Mark, to_mark: int, reason: str, *, actor: Principal, now: datetime) -> Correction:
    """Ask for another mark; nothing changes before somebody else agrees. The run's other leaders are written to.

    Raises Refused where the board has not confirmed the mark, where it is that already, or one is asked for already.
    """
    hold_row(mark)
    if mark.state is not MarkState.CONFIRMED or mark.mark is None:
        raise Refused("The board has not confirmed this mark, so its marker can still change it.")
    if to_mark == mark.mark:
        raise Refused("The mark is that already. Enter what it should be.", "to_mark")
    waiting = select(Correction.id).where(Correction.mark_id == mark.id, Correction.state == CorrectionState.ASKED)
    if db.session.scalar(waiting) is not None:
        raise Refused("A correction of this mark is asked for already. It is decided first.")
    said = {"from_mark": mark.mark, "to_mark": to_mark, "reason": reason}
    correction = Correction(mark=mark, asked_by_id=actor.person_id, asked_at=now, **said)
    db.session.add(correction)
    record("asked for a correction after the board", mark.submission, actor=actor, now=now, ability=STAFF_ONLY)
    others = [key for key in db.session.scalars(leaders_of(mark.enrolment.run_id)) if key != actor.person_id]
    tell(notices.CORRECTION_ASKED, correction.id, others, now)
    return correction


def agree(correction: Correction, *, actor: Principal, now: datetime) -> None:
    """Change the mark, and mail its student. What the board confirmed stays written down with the board.

    Raises Refused for who asked for it, and where the mark is another than it was then.
    """
    mark = correction.mark
    hold_row(mark)
    hold_row(correction)
    if actor.person_id == correction.asked_by_id:
        raise Refused("You asked for this correction, so somebody else has to agree to it.")
    if mark.mark != correction.from_mark:
        raise Refused("The mark is another now than when this was asked for. Refuse it, and ask again.")
    if CORRECTION.move(correction, "agree"):
        correction.decided_by_id, correction.decided_at = actor.person_id, now
        mark.mark, mark.corrected_at = correction.to_mark, now
        mark.version += 1
        keep_version(mark, Why.CORRECTED, actor=actor, now=now)
        said = f"from {correction.from_mark} to {correction.to_mark}. {correction.reason}"
        student = mark.enrolment.person_id
        record("corrected after the board", mark.submission, actor=actor, now=now, person_id=student, reason=said)
        tell(notices.MARK_CORRECTED, mark.id, [student], now)


def refuse(correction: Correction, answer: str, *, actor: Principal, now: datetime) -> None:
    """Leave the mark as it is, and say why to whoever asked. Raises Refused for who asked for it."""
    hold_row(correction)
    if actor.person_id == correction.asked_by_id:
        raise Refused("You asked for this correction. Withdraw it instead.")
    if CORRECTION.move(correction, "refuse"):
        correction.decided_by_id, correction.decided_at, correction.answer = actor.person_id, now, answer
        _settled("refused a correction", correction, actor, now)
        tell(notices.CORRECTION_REFUSED, correction.id, [correction.asked_by_id], now)


def withdraw(correction: Correction, *, actor: Principal, now: datetime) -> None:
    """Ask for it no longer."""
    hold_row(correction)
    if CORRECTION.move(correction, "withdraw"):
        correction.decided_by_id, correction.decided_at = actor.person_id, now
        _settled("withdrew a correction", correction, actor, now)


def _settled(verb: str, correction: Correction, actor: Principal, now: datetime) -> None:
    record(verb, correction.mark.submission, actor=actor, now=now, ability=STAFF_ONLY)
