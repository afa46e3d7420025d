"""A notice is declared once, in its area's notices.py, and found here by name.

Who gets it, what makes it due and what stops it are said in its template, beside its words: they are read by people.
"""

import enum
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from flask import Flask, current_app
from jinja2 import TemplateNotFound
from sqlalchemy import Select

from placements.people.models import Person

Context = Callable[[int, Person, datetime], Mapping[str, Any] | None]
SAID = ("subject", "body", "title", "to", "because", "until")  # blocks that every template has
STEPS = range(-365, 366)


class Pace(enum.StrEnum):
    """How soon a notice is sent."""

    NOW = "now"  # somebody waits for it, or somebody's safety hangs on it: day and night
    SOON = "soon"  # at once, but not at night
    DAILY = "daily"  # with all else of its day, at the hour that its reader chose


@dataclass(frozen=True)
class Notice:
    """What we tell people. `context(about_id, recipient, now)` gives the template's values; None once not true.

    The template is `mail/<area>/<notice>.html`. Its blocks: `subject` and `body`; for whoever asks why, `title` (what
    it is called), `to` (who gets it), `because` (what makes it due) and `until` (what stops it). What a block `words`
    within the body holds, a run may say in words of its own, with the placeholders of `fills`: name → where among the
    values it is found. `run` is where among them the run's key is found; a notice without it is no run's.
    `deadline` is where among them its deadline is found: where that was moved since it was queued, it is not said.
    Of one that is `private` nobody but its reader sees that it was sent.
    """

    name: str
    context: Context
    pace: Pace = Pace.SOON
    may_mute: bool = False
    private: bool = False
    run: str = ""
    fills: Mapping[str, str] = field(default_factory=dict, hash=False)
    deadline: str = ""

    @property
    def area(self) -> str:
        """The area that declares it."""
        return self.name.partition(".")[0]

    @property
    def template(self) -> str:
        """The template's path."""
        return f"mail/{self.name.replace('.', '/')}.html"


Timed = Select[int, int, datetime, int, datetime]  # what a TimedReminder's `due` selects
Due = Callable[[datetime], Select[int, int, datetime]]
TimedDue = Callable[[datetime, tuple[int, ...]], Timed]


@dataclass(frozen=True)
class Reminder:
    """A notice that falls due by itself. `due(now)` selects (about_id, recipient_id, due_at): what is due by `now`.

    `due_at` must follow from the data alone (a deadline less two days), so that asking again finds the same rows.
    `then` is the notice that follows where nothing came of this one: to whom it goes up.
    """

    notice: Notice
    due: Due
    then: str = ""


@dataclass(frozen=True)
class TimedReminder:
    """The same on `steps`: so many days (or `unit`) after what it `hangs_on`; before it where below zero.

    A run may set steps of its own, so `due(now, steps)` selects two columns more: run_id, and the deadline that it is
    said before and never after (NULL where there is none).
    """

    notice: Notice
    due: TimedDue
    steps: tuple[int, ...]
    hangs_on: str
    unit: str = "day"
    then: str = ""


def init_notices(app: Flask, notices: Iterable[Notice], reminders: Iterable[Reminder | TimedReminder]) -> None:
    """Keep what every area declares with the application. Raises ValueError naming what does not fit together."""
    known: dict[str, Notice] = {}
    for notice in notices:
        if notice.name in known:
            raise ValueError(f"notice declared twice: {notice.name}")
        _check(app, notice)
        known[notice.name] = notice
    kept = tuple(reminders)
    for reminder in kept:
        _check_reminder(reminder, known)
    app.extensions["placements.notices"] = known
    app.extensions["placements.reminders"] = kept


def _check(app: Flask, notice: Notice) -> None:
    """By the template's text: it is compiled when it is first sent."""
    loader = app.jinja_loader
    assert loader is not None
    try:
        text, *_ = loader.get_source(app.jinja_env, notice.template)
    except TemplateNotFound as missing:
        raise ValueError(f"notice {notice.name} has no template {notice.template}") from missing
    blocks = set(re.findall(r"{% block (\w+) %}", text))
    lacking = [block for block in SAID if block not in blocks]
    if lacking:
        raise ValueError(f"notice {notice.name} does not say: {', '.join(lacking)}")
    if ("words" in blocks) is not bool(notice.run):
        raise ValueError(f"notice {notice.name}: words that a run may change go with the run that they are about")
    if notice.may_mute and notice.pace is Pace.NOW:
        raise ValueError(f"notice {notice.name} cannot wait, so nobody may mute it")


def _check_reminder(reminder: Reminder | TimedReminder, known: Mapping[str, Notice]) -> None:
    name = reminder.notice.name
    if known.get(name) is not reminder.notice:
        raise ValueError(f"reminder of a notice that is not declared: {name}")
    if reminder.then and reminder.then not in known:
        raise ValueError(f"reminder {name} goes up to a notice that is not declared: {reminder.then}")
    if isinstance(reminder, TimedReminder) and not (reminder.steps and all(step in STEPS for step in reminder.steps)):
        raise ValueError(f"reminder {name} has no steps, or some beyond a year")
    if isinstance(reminder, TimedReminder) and not reminder.notice.run:
        raise ValueError(f"reminder {name} is timed by the run, but its notice is about none")


def notices() -> Mapping[str, Notice]:
    """Every notice by name."""
    return cast(Mapping[str, Notice], current_app.extensions["placements.notices"])


def reminders() -> tuple[Reminder | TimedReminder, ...]:
    """Every reminder."""
    return cast(tuple[Reminder | TimedReminder, ...], current_app.extensions["placements.reminders"])
