"""A lease is one process's at a time; what is committed under one that changed hands does not hold."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.db import db
from placements.leases import Lease, LostLease, held_by, let_go, new_holder, take, under
from placements.people.models import Person
from tests import factories as make
from tests.databases import Copy
from tests.factories import NOW
from tests.races import at_once

LASTS = timedelta(seconds=30)
SECOND = timedelta(seconds=1)


def taken(holder: str, after: timedelta = timedelta()) -> int | None:
    """Its epoch, where that holder gets the lease so long after NOW."""
    hold = take("clock", holder, NOW + after, LASTS)
    db.session.commit()
    return hold and hold.epoch


def test_whoever_comes_first_holds_it_until_its_end_and_may_renew_it(session: Any) -> None:
    assert taken("a") == 1
    assert taken("b", LASTS - SECOND) is None
    assert taken("a", LASTS - SECOND) == 1
    assert taken("b", LASTS) is None
    assert taken("b", 2 * LASTS - SECOND) == 2
    assert taken("a", 2 * LASTS) is None
    assert taken("a", 9 * LASTS) == 3


def test_who_was_late_and_found_nobody_in_its_place_goes_on_as_before(session: Any) -> None:
    assert [taken("a"), taken("a", 9 * LASTS)] == [1, 1]


def test_a_lease_says_whether_it_is_new_and_when_it_was_renewed_last(session: Any) -> None:
    holds = [take("clock", holder, NOW + after, LASTS) for holder, after in (("a", 0 * LASTS), ("a", LASTS / 2))]
    holds.append(take("clock", "b", NOW + 2 * LASTS, LASTS))
    assert [(hold.is_new, hold.ticked_before) for hold in holds if hold] == [
        (True, None),
        (False, NOW),
        (True, NOW + LASTS / 2),
    ]


def test_a_lease_that_was_let_go_is_free_at_once_and_nobody_elses_is_let_go(session: Any) -> None:
    taken("a")
    let_go("clock", "b", NOW + SECOND)
    holder = held_by("clock", NOW + SECOND)
    assert holder is not None
    assert holder.holder == "a"
    let_go("clock", "a", NOW + SECOND)
    assert held_by("clock", NOW + SECOND) is None
    assert taken("b", SECOND) == 2


def test_two_leases_know_nothing_of_each_other(session: Any) -> None:
    assert taken("a") == 1
    assert take("another", "b", NOW, LASTS) is not None


def test_no_two_processes_call_themselves_the_same() -> None:
    assert len({new_holder() for _ in range(100)}) == 100


def named(session: Any, name: str) -> bool:
    return session.scalar(select(Person.id).where(Person.given_name == name)) is not None


def test_what_is_committed_under_a_lease_holds_while_nobody_else_took_it(session: Any) -> None:
    hold = take("clock", "a", NOW, LASTS)
    session.commit()
    assert hold is not None
    with under(hold):
        make.person(given_name="Timely")
        session.commit()
        taken("a", 9 * LASTS)
        make.person(given_name="Unmissed")
        session.commit()
    assert named(session, "Timely")
    assert named(session, "Unmissed")


def test_what_is_committed_under_a_lease_that_changed_hands_does_not_hold(session: Any) -> None:
    hold = take("clock", "a", NOW, LASTS)
    session.commit()
    taken("b", 2 * LASTS)
    assert hold is not None
    with under(hold):
        make.person(given_name="Late")
        with pytest.raises(LostLease, match="the lease “clock” has changed hands since its epoch 1"):
            session.commit()
        session.rollback()
    make.person(given_name="Outside")
    session.commit()
    assert not named(session, "Late")
    assert named(session, "Outside")


def test_of_eight_who_take_it_at_once_one_has_it(fresh_database: Copy) -> None:
    got: list[str] = []

    def try_it(holder: str) -> None:
        hold = take("clock", holder, NOW, LASTS)
        if hold is not None:
            got.append(holder)

    for moment in range(2):  # when there is no row yet, and when it is free again
        got.clear()
        assert (
            at_once(fresh_database, *[lambda n=n, moment=moment: try_it(f"{moment}.{n}") for n in range(8)])
            == [None] * 8
        )
        assert len(got) == 1
        with fresh_database.app.app_context():
            assert db.session.scalars(select(Lease.epoch)).one() == moment + 1
            let_go("clock", got[0], NOW)
            db.session.commit()
