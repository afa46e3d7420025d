"""Two who press at the same moment: of two rubrics one is saved and the other told; the first mark locks once."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from placements.cohorts.models import Component
from placements.core.errors import Conflict
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.specification import actions, queries
from tests.cohorts.people import cohort
from tests.databases import Copy
from tests.factories import NOW
from tests.races import at_once, let_go_until


def two_leaders(copy: Copy) -> list[Callable[[], None]]:
    """Both have opened the rubric, and call its first criterion something else."""
    with copy.app.app_context():
        part = cohort().run.components[0]
        key, seen = part.id, queries.seen_rubric(part)
        db.session.commit()

    def save(title: str) -> None:
        part = db.session.get_one(Component, key)
        first, *others = [(each, queries.line_of(each)) for each in part.criteria]
        wanted = [(first[0], replace(first[1], title=title)), *others]
        actions.set_rubric(part, wanted, seen=seen, actor=Principal(None), now=NOW)

    return [partial(save, "Mine"), partial(save, "Yours")]


def changes(copy: Copy, verb: str) -> int:
    with copy.app.app_context():
        return db.session.scalar(select(func.count()).select_from(History).where(History.verb == verb)) or 0


def test_of_two_rubrics_saved_at_once_one_is_kept_and_the_other_is_told(fresh_database: Copy) -> None:
    found = at_once(fresh_database, *two_leaders(fresh_database))
    assert sorted(type(each) for each in found if each) == [Conflict]
    assert found.count(None) == 1
    assert changes(fresh_database, "rubric changed") == 1


def test_without_holding_the_component_the_first_is_lost(fresh_database: Copy, monkeypatch: Any) -> None:
    """The negative control: both have read that nobody changed it."""
    all_have_read, really = Barrier(2), queries.seen_rubric

    def read_and_let_go(component: Component) -> str:
        found = really(component)
        let_go_until(all_have_read)
        return found

    acts = two_leaders(fresh_database)
    monkeypatch.setattr(actions, "_hold", lambda component: None)
    monkeypatch.setattr(queries, "seen_rubric", read_and_let_go)
    assert at_once(fresh_database, *acts) == [None, None]
    assert changes(fresh_database, "rubric changed") == 2


@pytest.fixture
def locks(fresh_database: Copy) -> list[Callable[[], None]]:
    with fresh_database.app.app_context():
        key = cohort().run.components[0].id
        db.session.commit()

    def lock() -> None:
        actions.lock(db.session.get_one(Component, key), now=NOW)

    return [lock, lock]


def test_two_first_marks_at_once_lock_once(fresh_database: Copy, locks: list[Callable[[], None]]) -> None:
    assert at_once(fresh_database, *locks) == [None, None]
    assert changes(fresh_database, "locked") == 1
