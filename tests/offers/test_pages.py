"""Offers as people meet them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from placements.cohorts.models import RunRole
from placements.db import db
from placements.offers.models import Offer
from placements.offers.workflow import OfferState
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.conftest import Clock
from tests.databases import seeding
from tests.factories import DAY, NOW


class Scene:
    """A run with leader, tutor and one student; and somebody who has nothing to do with it."""

    def __init__(self) -> None:
        self.run = make.run(ranking_closes_at=NOW - DAY)
        self.leader = make.account(make.person(given_name="Lea", family_name="Leader"))
        self.tutor = make.account(make.person(given_name="Tom", family_name="Tutor"))
        make.run_role(RunRole.LEADER, self.leader.person, self.run)
        self.group = make.group(self.run, self.tutor.person)
        self.student = make.account(make.person(given_name="Ada", family_name="Okoro"))
        self.enrolment = make.enrolment(self.group, self.student.person)
        self.stranger = make.account(make.person(given_name="Sam", family_name="Stranger"))
        make.enrolment(who=self.stranger.person)
        self.challenge = make.challenge(make.organisation(name="The food bank"), title="Count the stock")


@pytest.fixture
def scene(database: Flask) -> Callable[..., Scene]:
    """Make the scene and whatever `more` adds to it, committed; what a test reads of it stays loaded."""

    def build(*more: Callable[[Scene], object]) -> Scene:
        with seeding(database):
            made = Scene()
            for add in more:
                add(made)
        return made

    return build


def an_offer(scene: Scene) -> None:
    scene.offer = make.offer(scene.enrolment, scene.challenge)  # type: ignore[attr-defined]


def a_row(scene: Scene) -> None:
    scene.row = make.clearing(scene.enrolment, scene.tutor.person)  # type: ignore[attr-defined]


def the_offer(database: Flask) -> Offer:
    with database.app_context():
        return db.session.scalars(select(Offer).order_by(Offer.id.desc())).first()  # type: ignore[return-value]


def test_a_student_accepts(database: Flask, client: PageClient, scene: Callable[..., Scene]) -> None:
    made = scene(an_offer)
    client.sign_in_as(made.student)
    listed = client.page("/offers")
    assert "Accept or decline your offer by Mon 26 Oct 2026, 8am (in 6 days)." in listed.text
    page = client.page(listed.link("Count the stock"))
    assert page.h1 == "Count the stock"
    assert "If you do not answer by Mon 26 Oct 2026, 8am, the offer runs out" in page.text
    assert "Made by hand" not in page.text
    done = client.submit(page.form("Accept this place"))
    assert "This place is yours." in done.text
    assert "Accept this place" not in done.text
    assert the_offer(database).state is OfferState.ACCEPTED


def test_a_student_declines_having_read_what_follows(
    database: Flask, client: PageClient, scene: Callable[..., Scene]
) -> None:
    made = scene(an_offer)
    client.sign_in_as(made.student)
    url = client.page(f"/offers/{made.offer.public_id}").link("Decline")  # type: ignore[attr-defined]
    page = client.page(url)
    assert "you cannot take it back" in page.text
    done = client.submit(page.form(url), reason="Too far from home.")
    assert "You have declined the offer." in done.text
    assert "Tom Tutor looks for a place with you, by Tue 3 Nov 2026 (in 14 days)." in done.text
    assert the_offer(database).reason == "Too far from home."


def test_after_the_deadline_there_is_no_button_and_a_late_post_is_refused(
    database: Flask, client: PageClient, clock: Clock, scene: Callable[..., Scene]
) -> None:
    made = scene(an_offer)
    client.sign_in_as(made.student)
    url = f"/offers/{made.offer.public_id}"  # type: ignore[attr-defined]
    form = client.page(url).form("Accept this place")
    clock.now += timedelta(days=6)
    page = client.page(url)
    assert "The time to answer this offer ran out on Mon 26 Oct 2026, 8am." in page.text
    assert [form.action for form in page.forms if form.action.endswith("/accept")] == []
    assert client.submit(form).h1 == "This cannot be done now"
    assert the_offer(database).state is OfferState.MADE


@pytest.mark.parametrize("who", ["stranger", "student"])
def test_what_staff_wrote_is_not_for_students(client: PageClient, scene: Callable[..., Scene], who: str) -> None:
    def by_hand(made: Scene) -> None:
        an_offer(made)
        made.offer.why_made = "CANARY needs a lift"  # type: ignore[attr-defined]

    made = scene(by_hand)
    client.sign_in_as(getattr(made, who))
    client.forbidden.add("CANARY")
    client.page(f"/offers/{made.offer.public_id}", 404 if who == "stranger" else 200)  # type: ignore[attr-defined]
    client.page("/offers")


def test_tutor_and_leader_read_the_reason_and_the_leader_takes_it_back(
    database: Flask, client: PageClient, scene: Callable[..., Scene]
) -> None:
    def by_hand(made: Scene) -> None:
        an_offer(made)
        made.offer.why_made = "Lives next door."  # type: ignore[attr-defined]

    made = scene(by_hand)
    url = f"/offers/{made.offer.public_id}"  # type: ignore[attr-defined]
    client.sign_in_as(made.tutor)
    page = client.page(url)
    assert "Lives next door." in page.text
    assert "Take the offer back" not in page.text
    client.page(f"{url}/withdraw", 403)
    client.sign_in_as(made.leader)
    form = client.page(client.page(url).link("Take the offer back")).form(f"{url}/withdraw")
    assert client.submit(form).errors == ["Say why, in a sentence"]
    done = client.submit(form, reason="They closed.")
    assert "This offer was taken back." in done.text
    assert the_offer(database).state is OfferState.WITHDRAWN


def test_the_leader_opens_an_expired_offer_again(
    database: Flask, client: PageClient, scene: Callable[..., Scene]
) -> None:
    def expired(made: Scene) -> None:
        made.offer = make.offer(  # type: ignore[attr-defined]
            made.enrolment, made.challenge, state=OfferState.EXPIRED, deadline_at=NOW - DAY
        )

    made = scene(expired)
    client.sign_in_as(made.leader)
    url = client.page(f"/offers/{made.offer.public_id}").link("Open the offer again")  # type: ignore[attr-defined]
    form = client.page(url).form(url)
    assert form.values["deadline_on"] == ["27", "10", "2026"]
    assert form.values["deadline_time"] == ["17:00"]
    assert client.submit(form, deadline_on=["19", "10", "2026"], reason="Was ill.").errors == [
        "Choose a deadline that is still to come."
    ]
    client.submit(form, reason="Was ill.")
    offer = the_offer(database)
    assert (offer.state, offer.deadline_at.isoformat()) == (OfferState.MADE, "2026-10-27T17:00:00+00:00")


def test_an_expired_offer_says_that_its_place_has_gone_to_the_next(
    client: PageClient, scene: Callable[..., Scene]
) -> None:
    def passed_on(made: Scene) -> None:
        made.challenge.places_max = 1
        ran_out = {"state": OfferState.EXPIRED, "deadline_at": NOW - DAY}
        made.offer = make.offer(made.enrolment, made.challenge, **ran_out)  # type: ignore[attr-defined]
        made.next = make.offer(to=made.challenge, made_at=NOW - DAY)  # type: ignore[attr-defined]
        made.next.enrolment.group = made.group  # type: ignore[attr-defined]
        made.next.enrolment.run = made.run  # type: ignore[attr-defined]

    made = scene(passed_on)
    client.sign_in_as(made.leader)
    page = client.page(f"/offers/{made.offer.public_id}")  # type: ignore[attr-defined]
    assert "The place has gone to the next student who waited for it" in page.text
    form = client.page(page.link("Open the offer again")).form(f"{page.url}/reinstate")
    assert client.submit(form, reason="Was ill.").errors == [
        "Count the stock: The place has gone to the next student who waited for it. "
        "Offer another from the clearing list."
    ]
    page = client.page(f"/offers/{made.next.public_id}")  # type: ignore[attr-defined]
    assert "Made: Mon 19 Oct 2026, 9am, when a place became free" in page.text


@pytest.mark.parametrize("offers", [1, 3])
def test_ones_own_offers_ask_no_more_for_more_offers(
    client: PageClient, scene: Callable[..., Scene], offers: int
) -> None:
    def several(made: Scene) -> None:
        for _ in range(offers):
            make.offer(made.enrolment, state=OfferState.DECLINED, answered_at=NOW)

    made = scene(several)
    client.sign_in_as(made.student)
    client.page("/offers")
    with counting_queries() as queries:
        client.page("/offers")
    assert queries.count == 4  # the account, its roles; the offers, the rows of the clearing list
