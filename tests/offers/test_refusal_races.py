"""Two who press at the same moment: an organisation twice, a leader twice, and a student who accepts meanwhile."""

from dataclasses import dataclass
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.cohorts.workflow import EnrolmentState
from placements.core.policy import Principal
from placements.db import db
from placements.links.models import Link
from placements.mail.models import Notification
from placements.offers import actions, refusing
from placements.offers.hosts import asked_by
from placements.offers.models import HostRefusal, Offer, RefusalKind
from placements.offers.workflow import OfferState
from tests import factories as make
from tests.databases import Copy
from tests.factories import DAY, NOW
from tests.offers.hosts import Hosts, host_refusal
from tests.races import at_once, let_go_until

TOGETHER = 4


def count(copy: Copy, what: Any) -> int:
    with copy.app.app_context():
        return db.session.scalar(select(func.count()).select_from(what)) or 0


@dataclass(frozen=True)
class Keys:
    """What each transaction reads anew, by its key."""

    challenge: int
    sue: int
    lea: int
    ada: int
    link: int
    refusal: int | None

    def by_link(self) -> None:
        asked = asked_by(db.session.get_one(Link, self.link))
        refusing.refuse_by_link(asked, RefusalKind.TIME, "We move house.", now=NOW)

    def signed_in(self) -> None:
        challenge = db.session.get_one(Challenge, self.challenge)
        refusing.refuse(challenge, RefusalKind.WORK, "It is done.", actor=Principal(self.sue), now=NOW)

    def take_back(self) -> None:
        refusal = db.session.get_one(HostRefusal, self.refusal)
        refusing.take_back(refusal, actor=Principal(self.lea), now=NOW)

    def accept(self) -> None:
        offer = db.session.get_one(Offer, self.ada)
        actions.accept(offer, actor=Principal(offer.enrolment.person_id), now=NOW)


def made(copy: Copy, *, is_refused: bool = False) -> Keys:
    """The food bank, with Sue's link."""
    with copy.app.app_context():
        hosts = Hosts()
        hosts.link()
        refusal = host_refusal(hosts.challenge).id if is_refused else None
        link = db.session.scalars(select(Link.id)).one()
        keys = Keys(hosts.challenge.id, hosts.sue.person.id, hosts.lea.person.id, hosts.ada.id, link, refusal)
        db.session.commit()
        return keys


def test_a_link_pressed_several_times_says_it_once(fresh_database: Copy) -> None:
    keys = made(fresh_database)
    answers = at_once(fresh_database, *[keys.by_link] * TOGETHER)
    refused = [str(each) for each in answers if each]
    assert refused == ["Nothing waits for this answer any more."] * (TOGETHER - 1)
    assert count(fresh_database, HostRefusal) == 1


def test_said_by_link_and_signed_in_at_once_it_is_one(fresh_database: Copy) -> None:
    keys = made(fresh_database)
    by_link, signed_in = at_once(fresh_database, keys.by_link, keys.signed_in)
    assert signed_in is None
    assert not isinstance(by_link, IntegrityError)
    assert count(fresh_database, HostRefusal) == 1


def test_read_before_the_challenge_is_held_the_database_has_to_refuse_the_second(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: whether it was said is read in a transaction that ends before the one that says it."""
    keys, both_have_read, latest = made(fresh_database), Barrier(2), refusing.latest_refusal

    def read_and_let_go(challenge_id: int) -> HostRefusal | None:
        found = latest(challenge_id)
        let_go_until(both_have_read)
        return found

    monkeypatch.setattr(refusing, "latest_refusal", read_and_let_go)
    answers = at_once(fresh_database, keys.signed_in, keys.signed_in)
    assert [type(each) for each in answers if each] == [IntegrityError]


@pytest.mark.parametrize("_", range(3))
def test_placed_by_hand_while_it_is_said_a_student_is_refused_or_taken_back_with_the_others(
    fresh_database: Copy, _: int
) -> None:
    keys = made(fresh_database)
    with fresh_database.app.app_context():
        cyd = make.enrolment(db.session.get_one(Offer, keys.ada).enrolment.group).id
        db.session.commit()

    def by_hand() -> None:
        pair = (db.session.get_one(Enrolment, cyd), keys.challenge)
        actions.make_offers([pair], NOW + DAY, why="Near.", actor=Principal(keys.lea), now=NOW)

    said, placed = at_once(fresh_database, keys.signed_in, by_hand)
    assert said is None
    assert placed is None or "cannot take students" in str(placed)
    with fresh_database.app.app_context():
        refusing.take_back(db.session.scalars(select(HostRefusal)).one(), actor=Principal(keys.lea), now=NOW)
        db.session.commit()
        assert db.session.scalars(select(Offer).where(Offer.state == OfferState.MADE)).all() == []


def test_two_leaders_take_back_once(fresh_database: Copy) -> None:
    keys = made(fresh_database, is_refused=True)
    assert at_once(fresh_database, *[keys.take_back] * TOGETHER) == [None] * TOGETHER
    with fresh_database.app.app_context():
        told = db.session.scalars(select(Notification.notice).order_by(Notification.notice)).all()
    assert told.count("offers.withdrawn") == 2
    assert told.count("offers.refusal_settled") == 1


def test_who_accepts_while_the_offers_are_taken_back_has_a_place_or_a_sentence(fresh_database: Copy) -> None:
    keys = made(fresh_database, is_refused=True)
    accepted, taken_back = at_once(fresh_database, keys.accept, keys.take_back)
    assert taken_back is None
    with fresh_database.app.app_context():
        ada = db.session.get_one(Offer, keys.ada)
        assert ada.state is (OfferState.WITHDRAWN if accepted else OfferState.ACCEPTED)
        assert (ada.enrolment.state is EnrolmentState.PLACED) is (accepted is None)
