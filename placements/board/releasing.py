"""Releasing a set of marks, now or at a moment to come: all of the set, or none."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select

from placements.assessment.models import Mark
from placements.assessment.workflow import MARK
from placements.board import notices
from placements.board.models import StagedRelease
from placements.board.policy import may_release
from placements.board.readiness import waived_of, why_not
from placements.board.workflow import STAGED, StagedState
from placements.cohorts.models import Component, ModuleRun
from placements.cohorts.queries import leaders_of
from placements.cohorts.workflow import LEFT
from placements.core.clock import say_when
from placements.core.errors import Refused
from placements.core.policy import NOBODY, Principal
from placements.core.seen import fingerprint
from placements.db import db, hold_row
from placements.history.actions import record
from placements.mail.actions import tell

CHANGED = "A mark in this set has changed since you looked at it, so nothing was done. Look at the set again."


def fingerprint_of(marks: Sequence[Mark]) -> str:
    """What tells whether a set of marks, or any of them, is still what was looked at."""
    return fingerprint(sorted((mark.id, mark.version, mark.state.value, bool(mark.withheld_at)) for mark in marks))


def held(run: ModuleRun, marks: Sequence[Mark], seen: str, may: Callable[[Mark], bool]) -> list[Mark]:
    """The marks, held until the transaction ends. Raises Refused where they are not what was looked at, or may not."""
    chosen = [mark for mark in _hold([mark.id for mark in marks]) if mark.enrolment.run_id == run.id]
    if not chosen:
        raise Refused("There is no mark in this set. Choose at least one.")
    if fingerprint_of(chosen) != seen or not all(may(mark) for mark in chosen):
        raise Refused(CHANGED)
    return chosen


def _hold(keys: Sequence[int]) -> Sequence[Mark]:
    rows = select(Mark).where(Mark.id.in_(keys)).order_by(Mark.id).with_for_update(of=Mark)
    return db.session.scalars(rows.execution_options(populate_existing=True)).all()


def release(run: ModuleRun, marks: Sequence[Mark], *, seen: str, actor: Principal, now: datetime) -> int:
    """Show the marks to their students as provisional and mail each that theirs is ready: all of the set, or none.

    `seen`: the set's fingerprint when it was looked at. Returns how many. Raises Refused where the set has changed.
    """
    chosen = _free(run, marks, seen, actor, now)
    _release(run, chosen, actor, now)
    return len(chosen)


def stage(
    component: Component, marks: Sequence[Mark], release_at: datetime, *, seen: str, actor: Principal, now: datetime
) -> StagedRelease:
    """Have the set released at that moment, if every mark of it is still the same then. Nobody is told before.

    Raises Refused for a moment that has passed, and where the set has changed since it was looked at.
    """
    if release_at <= now:
        raise Refused("Enter a day and time that are still to come.", "on")
    chosen = _free(component.run, marks, seen, actor, now)
    staged = StagedRelease(
        run_id=component.run_id,
        component=component,
        marks=[[mark.id, mark.version] for mark in chosen],
        release_at=release_at,
        staged_by_id=actor.person_id,
        staged_at=now,
    )
    db.session.add(staged)
    record("staged a release", component.run, actor=actor, now=now, reason=f"for {say_when(release_at)}")
    return staged


def _free(run: ModuleRun, marks: Sequence[Mark], seen: str, actor: Principal, now: datetime) -> list[Mark]:
    """The marks, held, that may be released and wait for no moment."""
    waiting = select(StagedRelease).where(StagedRelease.run_id == run.id, StagedRelease.state == StagedState.STAGED)
    rows = waiting.order_by(StagedRelease.id).with_for_update(of=StagedRelease)
    found = db.session.scalars(rows.execution_options(populate_existing=True))
    staged = {key for each in found for key, _ in each.marks}
    chosen = held(
        run, marks, seen, lambda mark: may_release(actor, mark, now) and not why_not(mark) and mark.id not in staged
    )
    if waived_of(chosen):
        raise Refused(CHANGED)
    return chosen


def _release(run: ModuleRun, marks: Sequence[Mark], actor: Principal, now: datetime) -> None:
    for mark in marks:
        MARK.move(mark, "release")
        mark.released_at = now
        mark.version += 1
        record("mark released", mark.submission, actor=actor, now=now, person_id=mark.enrolment.person_id)
        tell(notices.MARK_READY, mark.id, [mark.enrolment.person_id], now)
    record("released marks", run, actor=actor, now=now)


def cancel(staged: StagedRelease, *, actor: Principal, now: datetime) -> None:
    """Release nothing at that moment. Raises Refused once it has come."""
    hold_row(staged)
    if STAGED.move(staged, "cancel"):
        staged.ended_at = now
        said = f"for {say_when(staged.release_at)}"
        record("cancelled a staged release", staged.run, actor=actor, now=now, reason=said)


def release_due(now: datetime) -> None:
    """Release every set whose moment has come; for the worker.

    A set in which a mark has changed is not released at all, and the run's leaders are told. What was waived meanwhile,
    and whoever has left, is no part of it any more.
    """
    due = select(StagedRelease).where(StagedRelease.state == StagedState.STAGED, StagedRelease.release_at <= now)
    for staged in db.session.scalars(due.order_by(StagedRelease.id).with_for_update(of=StagedRelease)).all():
        _release_staged(staged, now)


def _release_staged(staged: StagedRelease, now: datetime) -> None:
    there = _hold([key for key, _ in staged.marks])
    waived = waived_of(there)
    marks = [mark for mark in there if mark.enrolment.state not in LEFT and mark.id not in waived]
    changed = [mark for mark in marks if [mark.id, mark.version] not in staged.marks or why_not(mark)]
    gone = len(staged.marks) - len(there)
    staged.ended_at = now
    if changed or gone:
        STAGED.move(staged, "stop")
        staged.changed = len(changed) + gone
        record("stopped a staged release: a mark had changed", staged.run, actor=NOBODY, now=now)
        tell(notices.RELEASE_STOPPED, staged.id, db.session.scalars(leaders_of(staged.run_id)), now)
    else:
        STAGED.move(staged, "release")
        _release(staged.run, marks, Principal(staged.staged_by_id), now)
