"""A place that comes free goes to one student, and a student who waits for two gets one, whoever is at it meanwhile."""

from collections.abc import Callable, Iterator
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from placements.challenges.models import Challenge
from placements.clearing import actions as clearing
from placements.cohorts.actions import move_enrolment
from placements.cohorts.models import Enrolment
from placements.core.policy import NOBODY, Principal
from placements.db import db
from placements.offers import actions, waiting
from placements.offers.models import Clearing, Offer
from placements.offers.workflow import OfferState
from tests import factories as make
from tests.databases import Copy
from tests.factories import DAY, NOW
from tests.races import at_once, let_go_until

TOGETHER = 4


class Scene:
    """`number` challenges with one place, each offered to somebody; `waiting` students chose them all, in this order."""

    def __init__(self, number: int, waiting: int) -> None:
        tutor = make.person()
        self.group = make.group(tutor=tutor)
        self.challenges = [make.challenge(places_max=1) for _ in range(number)]
        self.offers = [make.offer(make.enrolment(self.group), each, deadline_at=NOW + DAY) for each in self.challenges]
        self.waiting = [make.enrolment(self.group) for _ in range(waiting)]
        for each in self.waiting:
            make.application(each, self.challenges)
            make.clearing(each)
        self.elsewhere = make.challenge()
        db.session.commit()
        self.keys = [each.id for each in self.offers]
        self.holder_key = self.offers[0].enrolment_id
        self.waiting_keys = [each.id for each in self.waiting]
        self.elsewhere_key, self.leader = self.elsewhere.id, Principal(tutor.id)


@pytest.fixture
def scene(fresh_database: Copy) -> Callable[..., Scene]:
    def build(**said: int) -> Scene:
        with fresh_database.app.app_context():
            return Scene(**said)

    return build


def decline(key: int) -> None:
    actions.decline(db.session.get_one(Offer, key), "", actor=NOBODY, now=NOW)


def place(made: Scene, key: int) -> None:
    pair = (db.session.get_one(Enrolment, key), made.elsewhere_key)
    actions.make_offers([pair], NOW + DAY, why="Near home.", actor=made.leader, now=NOW)


def open_offers(copy: Copy) -> list[tuple[int, int]]:
    """(student, challenge) of each offer that waits for an answer."""
    with copy.app.app_context():
        rows = select(Offer.enrolment_id, Offer.challenge_id).where(Offer.state == OfferState.MADE)
        return sorted((student, challenge) for student, challenge in db.session.execute(rows))


def test_workers_who_lapse_at_once_promote_once(fresh_database: Copy, scene: Callable[..., Scene]) -> None:
    scene(number=1, waiting=3)
    answers = at_once(fresh_database, *[partial(actions.lapse_due, NOW + DAY)] * TOGETHER)
    assert answers == [None] * TOGETHER
    assert len(open_offers(fresh_database)) == 1


def test_one_who_declines_and_a_worker_promote_once(fresh_database: Copy, scene: Callable[..., Scene]) -> None:
    made = scene(number=1, waiting=3)
    at_once(fresh_database, partial(decline, made.keys[0]), partial(actions.lapse_due, NOW + DAY))
    assert len(open_offers(fresh_database)) == 1


def leave(key: int) -> None:
    move_enrolment(db.session.get_one(Enrolment, key), "withdraw", actor=NOBODY, now=NOW)


def test_the_place_of_who_leaves_is_passed_on_once_by_several_workers(
    fresh_database: Copy, scene: Callable[..., Scene]
) -> None:
    made = scene(number=1, waiting=3)
    assert at_once(fresh_database, partial(leave, made.holder_key)) == [None]
    assert open_offers(fresh_database) == []
    answers = at_once(fresh_database, *[partial(actions.lapse_due, NOW)] * TOGETHER)
    assert answers == [None] * TOGETHER
    assert len(open_offers(fresh_database)) == 1


def test_who_leaves_while_the_offer_lapses_frees_one_place(fresh_database: Copy, scene: Callable[..., Scene]) -> None:
    made = scene(number=1, waiting=3)
    lapse = partial(actions.lapse_due, NOW + DAY)
    assert at_once(fresh_database, partial(leave, made.holder_key), lapse, lapse) == [None] * 3
    at_once(fresh_database, lapse)
    assert len(open_offers(fresh_database)) == 1


@pytest.mark.parametrize("_", range(3))
def test_who_leaves_while_a_place_comes_free_for_them_is_left_with_none(
    fresh_database: Copy, scene: Callable[..., Scene], _: int
) -> None:
    made = scene(number=1, waiting=1)
    [ben] = made.waiting_keys
    assert at_once(fresh_database, partial(decline, made.keys[0]), partial(leave, ben)) == [None] * 2
    assert open_offers(fresh_database) == []


@pytest.mark.parametrize("_", range(3))
def test_who_leaves_while_a_tutor_places_them_is_left_with_none(
    fresh_database: Copy, scene: Callable[..., Scene], _: int
) -> None:
    made = scene(number=1, waiting=1)
    [ben] = made.waiting_keys

    def by_hand() -> None:
        row = db.session.scalars(select(Clearing).where(Clearing.enrolment_id == ben)).one()
        challenge = db.session.get_one(Challenge, made.elsewhere_key)
        clearing.place(row, challenge, NOW + DAY, "Near home.", actor=made.leader, now=NOW)

    left, placed = at_once(fresh_database, partial(leave, ben), by_hand)
    assert left is None
    assert placed is None or "does not need a place" in str(placed)
    assert made.elsewhere_key not in [challenge for _, challenge in open_offers(fresh_database)]


def test_who_waits_for_two_that_come_free_at_once_gets_one(fresh_database: Copy, scene: Callable[..., Scene]) -> None:
    made = scene(number=TOGETHER, waiting=TOGETHER - 1)
    answers = at_once(fresh_database, *[partial(decline, key) for key in made.keys])
    assert answers == [None] * TOGETHER
    assert sorted(student for student, _ in open_offers(fresh_database)) == made.waiting_keys


def test_whom_a_tutor_places_by_hand_meanwhile_gets_one_offer(
    fresh_database: Copy, scene: Callable[..., Scene]
) -> None:
    made = scene(number=1, waiting=1)
    [ben] = made.waiting_keys
    declined, by_hand = at_once(fresh_database, partial(decline, made.keys[0]), partial(place, made, ben))
    assert declined is None
    assert by_hand is None or "has an offer already" in str(by_hand)
    assert [student for student, _ in open_offers(fresh_database)] == [ben]


def read_only(challenge_ids: list[int]) -> dict[int, Challenge]:
    return {key: db.session.get_one(Challenge, key) for key in challenge_ids}


def test_read_before_it_is_held_a_student_is_put_two_places(
    fresh_database: Copy, scene: Callable[..., Scene], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: turns are read in a transaction that ends before the one that offers begins."""
    made = scene(number=2, waiting=1)
    both_have_read, turns = Barrier(2), waiting._turns

    def read_and_let_go(*given: Any) -> Iterator[Any]:
        found = list(turns(*given))
        let_go_until(both_have_read)
        return iter(found)

    monkeypatch.setattr(waiting, "_turns", read_and_let_go)
    monkeypatch.setattr(waiting, "locked_challenges", read_only)
    monkeypatch.setattr(actions, "locked_challenges", read_only)
    monkeypatch.setattr(waiting, "locked_clearing", lambda _: made.waiting_keys)
    monkeypatch.setattr(actions, "_hold", lambda offer: None)

    def decline_for_good(key: int) -> None:
        db.session.get_one(Offer, key).state = OfferState.DECLINED
        db.session.commit()
        waiting.promote([db.session.get_one(Offer, key)], now=NOW)

    answers = at_once(fresh_database, *[partial(decline_for_good, key) for key in made.keys])
    assert [type(each) for each in answers if each] == [IntegrityError]
