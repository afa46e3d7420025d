"""Whoever needs a place is put on the clearing list with an owner and a date; the places that are open to them."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from placements.cohorts.models import RunRole
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import Notification
from placements.offers import unplaced
from placements.offers.models import Clearing, ClearingReason
from placements.offers.queries import open_places, taken
from tests import factories as make
from tests.factories import DAY, NOW


@pytest.fixture
def leader(session: Any) -> Principal:
    return Principal(make.person().id)


def put_on(enrolment: Any, leader: Principal, **said: Any) -> Clearing:
    return unplaced.needs_a_place(enrolment, ClearingReason.UNPLACED, **{"actor": leader, "now": NOW, **said})


def told() -> list[tuple[str, int]]:
    rows = db.session.execute(select(Notification.notice, Notification.recipient_id).order_by(Notification.id))
    return [(notice, recipient) for notice, recipient in rows]


def test_the_groups_tutor_owns_it_and_is_told(leader: Principal) -> None:
    tutor = make.person()
    row = put_on(make.enrolment(make.group(tutor=tutor)), leader)
    assert (row.owner_id, row.by_on, row.closed_at) == (tutor.id, date(2026, 11, 3), None)
    assert told() == [("offers.your_clearing_list", tutor.id)]


def test_without_a_tutor_the_module_leader_owns_it(leader: Principal) -> None:
    run, lea = make.run(), make.person()
    make.run_role(RunRole.LEADER, lea, run)
    assert put_on(make.enrolment(make.group(run)), leader, by_on=date(2026, 12, 1)).owner_id == lea.id


def test_without_either_whoever_acts_owns_it(leader: Principal) -> None:
    assert put_on(make.enrolment(), leader).owner_id == leader.person_id


def test_nobody_is_given_a_later_date_than_the_runs_while_that_is_to_come(leader: Principal) -> None:
    run = make.run(placed_by_on=date(2026, 10, 30))
    assert put_on(make.enrolment(make.group(run)), leader, by_on=date(2026, 12, 1)).by_on == date(2026, 10, 30)
    assert put_on(make.enrolment(make.group(run)), leader, by_on=date(2026, 10, 28)).by_on == date(2026, 10, 28)
    assert put_on(make.enrolment(make.group(run)), leader).by_on == date(2026, 10, 30)


def test_whoever_comes_after_the_runs_date_is_seen_to_in_five_working_days(leader: Principal) -> None:
    run = make.run(placed_by_on=date(2026, 10, 19))
    assert put_on(make.enrolment(make.group(run)), leader).by_on == date(2026, 10, 27)


def test_a_run_that_names_no_date_has_placed_everybody_four_weeks_after_choices_close(leader: Principal) -> None:
    run = make.run(ranking_closes_at=NOW - 25 * DAY)
    assert put_on(make.enrolment(make.group(run)), leader).by_on == date(2026, 10, 23)


def test_who_stands_on_the_list_keeps_owner_and_date(leader: Principal) -> None:
    row = make.clearing(by_on=date(2026, 10, 30))
    again = unplaced.needs_a_place(row.enrolment, ClearingReason.DECLINED, actor=leader, now=NOW)
    assert (again.id, again.why, again.by_on) == (row.id, ClearingReason.DECLINED, date(2026, 10, 30))
    assert told() == []


def test_many_rows_for_one_owner_are_said_once(leader: Principal) -> None:
    group = make.group(tutor=make.person())
    for _ in range(3):
        put_on(make.enrolment(group), leader)
    assert told() == [("offers.your_clearing_list", group.tutor_id)]


def test_open_places_are_those_that_fit_with_room_left_and_no_interest_of_the_reader(session: Any) -> None:
    fits = make.challenge(title="A fits", places_max=2)
    make.offer(to=fits)
    make.challenge(title="B for the other level", suits_level_6=False)
    make.offer(to=make.challenge(title="C full", places_max=1))
    full = make.organisation(ceiling=1)
    make.offer(to=make.challenge(full, title="D of a full organisation", places_max=1))
    make.challenge(full, title="E of a full organisation", places_max=9)
    own = make.challenge(title="F of one's own", places_max=1)
    make.challenge(title="G of another year", academic_year="2025/26")
    make.challenge(make.organisation(approved_until=(NOW - DAY).date()), title="H of an organisation out of approval")
    make.challenge(title="I wide open", places_max=3)
    enrolment = make.enrolment()
    who = Principal(1, frozenset({("interest", own.organisation_id)}))
    found = open_places(enrolment, taken("2026/27"), who, NOW)
    assert [(place.challenge.title, place.left) for place in found] == [("A fits", 1), ("I wide open", 3)]
