"""Keeping one mark back from release, board and export, so that to all others it looks like one not released yet."""

from datetime import datetime

from sqlalchemy import select

from placements.assessment.models import Mark
from placements.assessment.workflow import MARK
from placements.board.models import StagedRelease, Withholding
from placements.board.policy import WITHHOLDS
from placements.board.queries import withholding_of
from placements.board.workflow import StagedState
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record


def withhold(mark: Mark, reason: str, *, actor: Principal, now: datetime) -> None:
    """Keep the mark back; one that was released goes back to before its release. No mail, and no version counts it.

    It leaves a release that waits for its moment; the others of that set are released all the same. Raises Refused once
    the board has confirmed it.
    """
    taken_out = _leave_what_is_staged(mark)
    hold_row(mark)
    if mark.withheld_at is not None:
        raise Refused("This mark is withheld already.")
    MARK.move(mark, "withhold")
    if MARK.allows(mark.state, "take_back"):
        MARK.move(mark, "take_back")  # `released_at` stays: its student has seen it, and is told at once
    mark.withheld_at = now
    db.session.add(Withholding(mark_id=mark.id, reason=reason, by_id=actor.person_id, at=now))
    said = "taken out of a staged release" if taken_out else None
    record("withheld the mark", mark.submission, actor=actor, now=now, ability=WITHHOLDS, reason=said)


def _leave_what_is_staged(mark: Mark) -> bool:
    waiting = select(StagedRelease).where(
        StagedRelease.component_id == mark.component_id, StagedRelease.state == StagedState.STAGED
    )
    was_staged = False
    rows = waiting.order_by(StagedRelease.id).with_for_update(of=StagedRelease)
    for staged in db.session.scalars(rows.execution_options(populate_existing=True)):
        kept = [pair for pair in staged.marks if pair[0] != mark.id]
        was_staged = was_staged or len(kept) < len(staged.marks)
        staged.marks = kept
    return was_staged


def end_withholding(mark: Mark, reason: str, *, actor: Principal, now: datetime) -> None:
    """Let the mark take its course again: it can be released, and nobody is written to before it is."""
    hold_row(mark)
    open_one = withholding_of(mark)
    if mark.withheld_at is None or open_one is None:
        raise Refused("This mark is not withheld any more.")
    mark.withheld_at = None
    open_one.ended_by_id, open_one.ended_at, open_one.end_reason = actor.person_id, now, reason
    record("no longer withheld", mark.submission, actor=actor, now=now, ability=WITHHOLDS)
