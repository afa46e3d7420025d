"""Offers taken back so that their places are given anew: who is told what, and that nothing is lost on the way."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from placements.challenges.workflow import ChallengeState
from placements.core.errors import Refused
from placements.core.policy import NOBODY, Principal
from placements.db import begin_to_write, db
from placements.offers import notices
from placements.offers.actions import accept, make_offers
from placements.offers.models import Offer
from placements.offers.replacing import make_room
from placements.offers.workflow import OfferState
from tests import factories as make
from tests.databases import Copy
from tests.factories import DAY, NOW
from tests.golden import check_golden, said

BY_ON = (NOW + 14 * DAY).date()


def moved(offer: Offer, to: int) -> Offer:
    """The offer that its student gets instead."""
    make_room([offer], [], [to], by_on=BY_ON, actor=NOBODY, now=NOW)
    instead_of = {offer.enrolment_id: offer}
    [made] = make_offers([(offer.enrolment, to)], NOW + 7 * DAY, instead_of=instead_of, actor=NOBODY, now=NOW)
    return made


@pytest.fixture
def offer(session: Any) -> Iterator[Offer]:
    tutor = make.person(given_name="Tom", family_name="Tutor", email="tom@example.org")
    student = make.person(given_name="Ada", family_name="Okoro", email="ada@example.org")
    old = make.challenge(make.organisation(name="The food bank"), title="Count the stock")
    yield make.offer(make.enrolment(make.group(tutor=tutor), student), old)


def test_one_mail_says_that_the_offer_has_changed_and_why(offer: Offer) -> None:
    offer.challenge.state = ChallengeState.PAUSED
    park = make.challenge(make.organisation(name="Friends of the park"), title="Map the trees")
    made = moved(offer, park.id)
    made.public_id = "offer-public"
    check_golden("offers/changed", said(notices.CHANGED, offer.id, offer.enrolment.person) or "")
    made.state = OfferState.DECLINED
    db.session.flush()
    assert said(notices.CHANGED, offer.id, offer.enrolment.person) is None


def test_whoever_has_answered_loses_nothing(offer: Offer) -> None:
    accept(offer, actor=Principal(offer.enrolment.person_id), now=NOW)
    with pytest.raises(Refused, match="Ada Okoro no longer has an offer to answer"):
        moved(offer, make.challenge().id)
    assert offer.state is OfferState.ACCEPTED


@pytest.mark.parametrize("_", range(3))
def test_accepting_and_being_moved_at_once_leaves_one_place(fresh_database: Copy, _: int) -> None:
    with fresh_database.app.app_context():
        held, elsewhere = make.offer(), make.challenge()
        key, student, place = held.id, held.enrolment.person_id, elsewhere.id
        db.session.commit()
    ready = Barrier(2)

    def act(what: str) -> str:
        with fresh_database.app.app_context():
            ready.wait(timeout=20)
            begin_to_write()
            mine = db.session.get_one(Offer, key)
            try:
                if what == "accept":
                    accept(mine, actor=Principal(student), now=NOW)
                else:
                    moved(mine, place)
                db.session.commit()
            except Refused:
                db.session.rollback()
                return "refused"
            return what

    with ThreadPoolExecutor(2) as pool:
        done = set(pool.map(act, ("accept", "move")))
    with fresh_database.app.app_context():
        states = sorted(db.session.scalars(select(Offer.state)))
    assert (done, states) in [
        ({"accept", "refused"}, [OfferState.ACCEPTED]),
        ({"move", "refused"}, [OfferState.MADE, OfferState.WITHDRAWN]),
    ]
