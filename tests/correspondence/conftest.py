"""Four kinds of notice that are always true: two are news, one is a duty, one is nobody else's business."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader

from placements.mail.notices import Notice, Pace, init_notices

TEMPLATE = (
    "{% block subject %}SUBJECT {{ n }}{% endblock %}{% block body %}<p>Fact {{ n }}.</p>{% endblock %}"
    "{% block title %}TITLE{% endblock %}{% block to %}whoever it is{% endblock %}"
    "{% block because %}BECAUSE{% endblock %}{% block until %}it has been said{% endblock %}"
)


@dataclass(frozen=True)
class Kinds:
    """The four, by what they are."""

    weekly: Notice
    party: Notice
    duty: Notice
    hush: Notice


def _context(n: int, _recipient: Any, _now: datetime) -> dict[str, Any]:
    return {"n": n}


KINDS = Kinds(
    weekly=Notice("kinds.weekly", _context, Pace.DAILY, may_mute=True),
    party=Notice("kinds.party", _context, Pace.DAILY, may_mute=True),
    duty=Notice("kinds.duty", _context, Pace.NOW),
    hush=Notice("kinds.hush", _context, Pace.DAILY, private=True),
)
SAID = {
    "weekly": ("News of the week", "a week is over"),
    "party": ("Invitation to a party", "there is a party"),
    "duty": ("Something to do", "something is to be done"),
    "hush": ("~hush-title~", "~hush-because~"),
}


@pytest.fixture
def kinds(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kinds]:
    """They are declared beside all others while the test runs."""
    templates = {
        f"mail/kinds/{name}.html": TEMPLATE.replace("SUBJECT", f"~subject-of-{name}~")
        .replace("TITLE", title)
        .replace("BECAUSE", because)
        for name, (title, because) in SAID.items()
    }
    monkeypatch.setattr(app, "jinja_loader", ChoiceLoader([DictLoader(templates), app.jinja_loader]))
    monkeypatch.setattr(app.jinja_env, "loader", app.jinja_loader)
    before = app.extensions["placements.notices"], app.extensions["placements.reminders"]
    own = (KINDS.weekly, KINDS.party, KINDS.duty, KINDS.hush)
    init_notices(app, [*before[0].values(), *own], before[1])
    yield KINDS
    app.extensions["placements.notices"], app.extensions["placements.reminders"] = before
    app.jinja_env.cache.clear()
