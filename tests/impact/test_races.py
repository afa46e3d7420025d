"""Two people of an organisation answer, and two officers publish, in the same moment: it is said and told once."""

from collections.abc import Callable
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from placements.challenges.models import Challenge
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.impact import actions
from placements.impact.models import Result
from placements.impact.workflow import ResultState
from placements.mail.models import Notification
from tests.databases import Copy
from tests.factories import NOW
from tests.impact.scene import WORDS, Told
from tests.races import at_once, let_go_until

TOGETHER = 4


def waiting(copy: Copy, state: ResultState) -> int:
    """A result in that state; the key of its organisation's contact."""
    with copy.app.app_context():
        made = Told(state=state)
        made.result.asked_id = made.contact.person_id
        db.session.commit()
        return made.contact.person_id


def verify(contact: int, may_publish: bool) -> None:
    result = db.session.scalars(select(Result)).one()
    actions.verify(result, may_publish=may_publish, seen=1, actor=Principal(contact), now=NOW)


def publish(contact: int, _may_publish: bool) -> None:
    actions.publish(db.session.scalars(select(Result)).one(), actor=Principal(contact), now=NOW)


def press_together(copy: Copy, verb: Callable[[int, bool], None], contact: int) -> list[Any]:
    return at_once(copy, *[partial(verb, contact, number % 2 == 0) for number in range(TOGETHER)])


def rows(copy: Copy) -> list[int]:
    """How many lines of history and notifications there are."""
    with copy.app.app_context():
        return [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (History, Notification)]


VERBS = [(verify, ResultState.ASKED), (publish, ResultState.VERIFIED)]


@pytest.mark.parametrize(("verb", "before"), VERBS, ids=["verify", "publish"])
def test_pressed_together_it_is_done_once(
    fresh_database: Copy, verb: Callable[[int, bool], None], before: ResultState
) -> None:
    contact = waiting(fresh_database, before)
    assert press_together(fresh_database, verb, contact) == [None] * TOGETHER
    assert rows(fresh_database) == [1, 1]


@pytest.mark.parametrize(("verb", "before"), VERBS, ids=["verify", "publish"])
def test_read_before_the_row_is_held_it_is_done_several_times(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch, verb: Callable[[int, bool], None], before: ResultState
) -> None:
    """The negative control: all have read, in a transaction that ended, that nobody has pressed."""
    all_have_read = Barrier(TOGETHER)

    def read_and_let_go(result: Result) -> None:
        seen = result.state, result.may_publish
        let_go_until(all_have_read)
        assert result.id
        result.state, result.may_publish = seen

    contact = waiting(fresh_database, before)
    monkeypatch.setattr(actions, "hold_row", read_and_let_go)
    press_together(fresh_database, verb, contact)
    assert rows(fresh_database)[0] > 1


def test_of_two_who_write_at_once_the_second_finds_the_first_s(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        made = Told()
        key, officer = made.challenge.id, made.officer
        db.session.delete(made.result)
        db.session.commit()

    def write(number: int) -> None:
        actions.write(db.session.get_one(Challenge, key), WORDS, f"key-{number}", actor=officer, now=NOW)

    answers = at_once(fresh_database, *[partial(write, number) for number in range(TOGETHER)])
    assert [type(answer) for answer in answers].count(Refused) == TOGETHER - 1
    with fresh_database.app.app_context():
        assert db.session.scalar(select(func.count(Result.id))) == 1
