"""One form sent several times in the same moment: it is said and told once, and every press is answered as done."""

from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm.attributes import set_committed_value

from placements.challenges import reviewing
from placements.challenges.models import Challenge, ReviewComment
from placements.challenges.workflow import CHALLENGE, ChallengeState
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.mail.models import Notification
from tests import factories as make
from tests.challenges.stage import only_challenge, organisation, set_stage
from tests.databases import Copy
from tests.factories import NOW
from tests.races import at_once, let_go_until

TOGETHER = 4
WORDS = "How many volunteers are there?"
SAID = (reviewing.comment, reviewing.ask_for_changes, reviewing.decline)


def submitted(copy: Copy) -> int:
    """A challenge waits for review; the key of its champion."""
    stage = set_stage(copy.app)
    with copy.app.app_context():
        make.challenge(organisation(), state=ChallengeState.SUBMITTED, submitted_at=NOW, published_at=None)
        db.session.commit()
    return stage.champion.person_id


def press_together(copy: Copy, champion: int, verb: Callable[..., Any]) -> list[Any]:
    """The same form, as often as TOGETHER; how each was refused."""

    def press() -> None:
        verb(only_challenge(), WORDS, form_key="one form", actor=Principal(champion), now=NOW)

    return at_once(copy, *[press] * TOGETHER)


def rows(copy: Copy) -> list[int]:
    """How many comments, lines of history and notifications there are."""
    with copy.app.app_context():
        tables = (ReviewComment, History, Notification)
        return [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


@pytest.mark.parametrize("verb", SAID, ids=lambda verb: verb.__name__)
def test_words_sent_several_times_at_once_are_said_once(fresh_database: Copy, verb: Callable[..., Any]) -> None:
    champion = submitted(fresh_database)
    assert press_together(fresh_database, champion, verb) == [None] * TOGETHER
    assert rows(fresh_database) == [1, 1, 1]


def test_published_several_times_at_once_it_is_told_once(fresh_database: Copy) -> None:
    champion = submitted(fresh_database)
    with fresh_database.app.app_context():
        brief = only_challenge()
        brief.state, brief.supervisor = ChallengeState.APPROVED, brief.organisation.contacts[0].person
        db.session.commit()

    def press() -> None:
        reviewing.publish(only_challenge(), actor=Principal(champion), now=NOW)

    assert at_once(fresh_database, *[press] * TOGETHER) == [None] * TOGETHER
    assert rows(fresh_database) == [0, 1, 1]


def test_read_before_it_is_held_a_challenge_is_moved_more_than_once(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: each has read, in a transaction that ended, that nobody has asked for changes."""
    all_have_read = Barrier(TOGETHER)

    def read_and_let_go(challenge: Challenge, verb: str) -> bool:
        let_go_until(all_have_read)
        set_committed_value(challenge, "state", ChallengeState.SUBMITTED)
        return CHALLENGE.move(challenge, verb)

    monkeypatch.setattr(reviewing, "move", read_and_let_go)
    champion = submitted(fresh_database)
    answers = press_together(fresh_database, champion, reviewing.ask_for_changes)
    assert any(answers) or rows(fresh_database)[1] > 1
