"""The worker's part: a day that was asked for is rehearsed by a process of its own, and what it says is kept."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, insert, select

from placements.core.clock import today
from placements.db import begin_to_write, db
from placements.mail.models import PROBLEM_LENGTH
from placements.reminding.models import Forecast, ForecastLine

LONGEST = 600  # seconds
KEPT = timedelta(days=1)  # after the day

Rehearsed = Sequence[Mapping[str, Any]]


def rehearse(day: date) -> Rehearsed:
    """What will be sent on London's day, as it looks now. Raises RuntimeError with what went wrong."""
    settings: Any = current_app.extensions["placements.settings"]
    given = {item.name.upper(): _said(getattr(settings, item.name)) for item in fields(settings)}
    command = [sys.executable, "-m", "placements", "rehearse", "--on", day.isoformat()]
    done = subprocess.run(  # noqa: S603 - our own interpreter and arguments
        command, env=os.environ | given, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["it ended without a word"])[-1])
    return [json.loads(line) for line in done.stdout.splitlines()]


def _said(value: Any) -> str:
    return str(int(value) if isinstance(value, bool) else value)


def foresee_due(now: datetime, rehearsed: Callable[[date], Rehearsed] = rehearse) -> int:
    """Work out each day that was asked for, each committed by itself; forget what is over. Returns how many."""
    _forget(today(now) - KEPT)
    asked = select(Forecast.on, Forecast.asked_at).where(Forecast.is_asked).order_by(Forecast.asked_at)
    days = db.session.execute(asked).all()
    db.session.rollback()  # nothing is read any more while it is worked out
    for day, asked_at in days:
        lines, problem = _attempt(day, rehearsed)
        _keep(day, asked_at, lines, problem, now)
    return len(days)


def _attempt(day: date, rehearsed: Callable[[date], Rehearsed]) -> tuple[Rehearsed, str | None]:
    try:
        return rehearsed(day), None
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        return [], f"{error}"[:PROBLEM_LENGTH]


def _keep(day: date, asked_at: datetime, lines: Rehearsed, problem: str | None, now: datetime) -> None:
    begin_to_write()
    forecast = db.session.get_one(Forecast, day, with_for_update=True, populate_existing=True)
    db.session.execute(delete(ForecastLine).where(ForecastLine.on == day))
    if lines:
        read = [{**line, "on": day, **_instants(line)} for line in lines]
        db.session.execute(insert(ForecastLine), read)
    forecast.made_at, forecast.problem = now, problem
    forecast.is_asked = forecast.asked_at != asked_at  # who asked meanwhile is still waiting
    db.session.commit()


def _instants(line: Mapping[str, Any]) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(line[name]) for name in ("at", "due_at")}


def _forget(day: date) -> None:
    begin_to_write()
    for table, on in ((ForecastLine, ForecastLine.on), (Forecast, Forecast.on)):
        db.session.execute(delete(table).where(on < day))
    db.session.commit()
