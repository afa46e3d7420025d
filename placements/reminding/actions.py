"""Saying a thing a run's own way, as usual again, and asking what a day will bring."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from placements.cohorts.models import ModuleRun
from placements.core.clock import today
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, insert_new
from placements.history.actions import record
from placements.mail.models import OwnNotice
from placements.mail.notices import Notice
from placements.mail.wording import words_of
from placements.reminding.models import Forecast
from placements.reminding.queries import Listed, seen_own
from placements.reminding.rules import MOST_DAYS


def say_own_way(
    run: ModuleRun,
    listed: Listed,
    *,
    is_off: bool,
    steps: Sequence[int],
    subject: str,
    words: str,
    seen: str,
    actor: Principal,
    now: datetime,
) -> None:
    """Let the run say a notice so from now on; what is as usual stays so where the usual changes.

    Raises Conflict where somebody changed it since it was read (`seen`).
    """
    own = _held(run, listed.notice)
    if seen_own(own if _differs(own) else None) != seen:
        raise Conflict("Somebody changed this while you wrote. What they saved is shown below; yours is still here.")
    own.is_off = is_off
    is_usual = listed.timed is None or tuple(steps) == tuple(sorted(listed.timed.steps))
    own.steps = None if is_usual else " ".join(str(step) for step in steps)
    own.subject, own.words = subject or None, words or None
    record(f"changed how “{words_of(listed.notice).title}” is said", run, actor=actor, now=now)


def restore(run: ModuleRun, notice: Notice, *, actor: Principal, now: datetime) -> None:
    """Let the run say it as usual again."""
    own = _held(run, notice)
    if _differs(own):
        own.is_off, own.steps, own.subject, own.words = False, None, None, None
        record(f"said “{words_of(notice).title}” as usual again", run, actor=actor, now=now)


def _held(run: ModuleRun, notice: Notice) -> OwnNotice:
    insert_new(OwnNotice, [{"run_id": run.id, "notice": notice.name, "is_off": False}])
    row = select(OwnNotice).filter_by(run_id=run.id, notice=notice.name).with_for_update()
    return db.session.scalars(row.execution_options(populate_existing=True)).one()


def _differs(own: OwnNotice) -> bool:
    return bool(own.is_off or own.steps or own.subject or own.words)


def ask(day: date, *, now: datetime) -> None:
    """Have the worker work out what will be sent on London's `day`. Raises Refused for one that is past or too far."""
    if not today(now) <= day or (day - today(now)).days > MOST_DAYS:
        raise Refused(f"Choose today or a day within the next {MOST_DAYS}: further off, too much is still open", "day")
    insert_new(Forecast, [{"on": day, "asked_at": now, "is_asked": True}])
    asked = db.session.get_one(Forecast, day, with_for_update=True, populate_existing=True)
    asked.asked_at, asked.is_asked, asked.problem = now, True, None
