"""A notice is declared once, in its area's notices.py, and found here by name."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import Flask, current_app
from jinja2 import TemplateNotFound
from sqlalchemy import Select

from placements.people.models import Person

Context = Callable[[int, Person, datetime], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Notice:
    """What we tell people. `context(about_id, recipient, now)` gives the template's values; None once not true.

    The template is `mail/<area>/<notice>.html`; its subject is the template's block of that name.
    """

    name: str
    context: Context

    @property
    def template(self) -> str:
        """The template's path."""
        return f"mail/{self.name.replace('.', '/')}.html"


Due = Callable[[datetime], Select[int, int, datetime]]


@dataclass(frozen=True)
class Reminder:
    """A notice that falls due by itself. `due(now)` selects (about_id, recipient_id, due_at): what is due by `now`.

    `due_at` must follow from the data alone (a deadline less two days), so that asking again finds the same rows.
    """

    notice: Notice
    due: Due


def init_notices(app: Flask, notices: Iterable[Notice], reminders: Iterable[Reminder]) -> None:
    """Keep what every area declares with the application. Raises ValueError for a name twice or without a template."""
    known: dict[str, Notice] = {}
    loader = app.jinja_loader
    assert loader is not None
    for notice in notices:
        if notice.name in known:
            raise ValueError(f"notice declared twice: {notice.name}")
        try:
            loader.get_source(app.jinja_env, notice.template)  # there is one; it is compiled when it is first sent
        except TemplateNotFound as missing:
            raise ValueError(f"notice {notice.name} has no template {notice.template}") from missing
        known[notice.name] = notice
    app.extensions["placements.notices"] = known
    app.extensions["placements.reminders"] = tuple(reminders)


def notices() -> Mapping[str, Notice]:
    """Every notice by name."""
    return cast(Mapping[str, Notice], current_app.extensions["placements.notices"])


def reminders() -> tuple[Reminder, ...]:
    """Every reminder."""
    return cast(tuple[Reminder, ...], current_app.extensions["placements.reminders"])
