"""Several press at the same moment: one owns it, one report comes by a link, and each is told once."""

from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from placements.concerns import actions
from placements.concerns.models import Concern
from placements.concerns.queries import REPORT_BY_LINK, asked_by
from placements.concerns.rules import About, Kind, Report, Severity
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.links.models import Link
from tests.concerns.scene import Concerned, only
from tests.databases import Copy
from tests.factories import NOW
from tests.races import at_once, let_go_until

TOGETHER = 3
SAID = Report(Kind.FIT, Severity.SOON, About.NOBODY, None, "It is not what we agreed.")


def waiting(copy: Copy) -> list[int]:
    """A concern that nobody owns; the keys of those who can."""
    with copy.app.app_context():
        scene = Concerned()
        scene.tell()
        db.session.commit()
        return [scene.tutor.person_id, scene.leader.person_id, scene.safeguarding.person_id]


def own(person_id: int) -> None:
    actions.own(only(), actor=Principal(person_id), now=NOW)


def taken_on(copy: Copy) -> int:
    """How often somebody took it on."""
    with copy.app.app_context():
        return db.session.scalar(select(func.count()).where(History.verb == "took it on")) or 0


def test_of_three_who_take_it_on_at_once_one_owns_it(fresh_database: Copy) -> None:
    people = waiting(fresh_database)
    answers = at_once(fresh_database, *[partial(own, person) for person in people])
    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", "Refused", "Refused"]
    assert taken_on(fresh_database) == 1


def test_the_same_one_pressing_three_times_takes_it_on_once(fresh_database: Copy) -> None:
    person = waiting(fresh_database)[0]
    assert at_once(fresh_database, *[partial(own, person)] * TOGETHER) == [None] * TOGETHER
    assert taken_on(fresh_database) == 1


def test_read_before_the_row_is_held_several_take_it_on(fresh_database: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: all have read, in a transaction that ended, that nobody owns it."""
    all_have_read = Barrier(TOGETHER)

    def read_and_let_go(concern: Concern, *_columns: Any) -> None:
        seen = concern.state, concern.owner_id
        let_go_until(all_have_read)
        assert concern.id
        concern.state, concern.owner_id = seen

    people = waiting(fresh_database)
    monkeypatch.setattr(actions, "hold_row", read_and_let_go)
    at_once(fresh_database, *[partial(own, person) for person in people])
    assert taken_on(fresh_database) > 1


def test_by_one_link_one_thing_is_told(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        Concerned().link()
        db.session.commit()

    def report(number: int) -> None:
        link = db.session.scalars(select(Link).where(Link.purpose == REPORT_BY_LINK)).one()
        asked = asked_by(link)
        actions.report_by_link(asked, asked.placements[0], SAID, f"key-{number}", now=NOW)

    answers = at_once(fresh_database, *[partial(report, number) for number in range(TOGETHER)])
    assert [type(answer) for answer in answers].count(Refused) == TOGETHER - 1
    with fresh_database.app.app_context():
        assert db.session.scalar(select(func.count(Concern.id))) == 1
