"""Two who want the last place at the same moment: one gets it. Without the lock, both would."""

from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import func, select

from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.core.policy import Principal
from placements.db import db
from placements.offers import actions
from placements.offers.models import Offer
from placements.offers.workflow import OfferState
from tests import factories as make
from tests.databases import Copy
from tests.factories import NOW
from tests.races import at_once, let_go_until

TOGETHER, CROWD = 8, 50


def offers_of_one_place(copy: Copy, number: int = TOGETHER) -> list[int]:
    """As many open offers of one place, left over from when there were more places."""
    with copy.app.app_context():
        challenge = make.challenge(places_max=number)
        group = make.group(tutor=make.person())
        keys = [make.offer(make.enrolment(group), challenge).id for _ in range(number)]
        challenge.places_max = 1
        db.session.commit()
        return keys


def accepted(copy: Copy) -> int:
    with copy.app.app_context():
        rows = select(func.count()).select_from(Offer).where(Offer.state == OfferState.ACCEPTED)
        return db.session.scalar(rows) or 0


def test_of_fifty_who_accept_the_last_place_one_gets_it_and_each_other_a_sentence(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty connections at once; whoever is neither let in nor refused (“database is locked”, say) fails the test."""
    keys = offers_of_one_place(fresh_database, CROWD)
    with fresh_database.app.app_context():
        monkeypatch.setattr(db.engine.pool, "_max_overflow", CROWD)

    def accept(number: int) -> None:
        offer = db.session.get_one(Offer, keys[number])
        actions.accept(offer, actor=Principal(offer.enrolment.person_id), now=NOW)

    answers = at_once(fresh_database, *[partial(accept, number) for number in range(CROWD)])
    assert accepted(fresh_database) == 1
    said = [str(each).partition(".")[0] for each in answers if each is not None]
    assert said == ["Every place in this challenge is taken"] * 49


def test_the_last_place_is_offered_once(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        leader = Principal(make.person().id)
        challenge_id = make.challenge(places_max=1).id
        keys = [make.enrolment().id for _ in range(TOGETHER)]
        db.session.commit()

    def offer(number: int) -> None:
        enrolment = db.session.get_one(Enrolment, keys[number])
        actions.make_offers([(enrolment, challenge_id)], NOW + make.DAY, actor=leader, now=NOW)

    answers = at_once(fresh_database, *[partial(offer, number) for number in range(TOGETHER)])
    assert answers.count(None) == 1
    with fresh_database.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Offer)) == 1


def read_only(keys: list[int]) -> dict[int, Challenge]:
    return {key: db.session.get_one(Challenge, key) for key in keys}


def test_counted_before_it_is_held_the_last_place_is_accepted_more_than_once(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the places are counted in a transaction that ends before the one that writes begins."""
    all_have_counted, count = Barrier(TOGETHER), actions.taken

    def count_and_let_go(*given: object) -> object:
        counted = count(*given)  # type: ignore[arg-type]
        let_go_until(all_have_counted)
        return counted

    monkeypatch.setattr(actions, "taken", count_and_let_go)
    monkeypatch.setattr(actions, "locked_challenges", read_only)
    monkeypatch.setattr(actions, "_hold", lambda offer: None)
    keys = offers_of_one_place(fresh_database)

    def accept(number: int) -> None:
        db.session.rollback()  # what held everybody else off
        offer = db.session.get_one(Offer, keys[number])
        actions.accept(offer, actor=Principal(offer.enrolment.person_id), now=NOW)

    at_once(fresh_database, *[partial(accept, number) for number in range(TOGETHER)])
    assert accepted(fresh_database) > 1
