"""Placing by hand from the clearing list, seeing fit, wishes and cost; and the module leader who sees and undoes it."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from placements.applications.workflow import AnswerState
from placements.challenges.models import Challenge
from placements.db import db
from placements.offers.models import HostRefusal, Offer
from placements.offers.workflow import OfferState, RefusalState
from tests import factories as make
from tests.clearing.waiting import FRIDAY, WEDNESDAY, Build, Waiting
from tests.client import PageClient, counting_queries
from tests.databases import seeding
from tests.offers.hosts import host_refusal


def wishes(made: Waiting) -> None:
    """Ada chose Stock second and Air first, asks for Park, and can come on Wednesdays alone; Ben wants Stock too."""
    made.stock = made.challenge("Count the stock", days=WEDNESDAY)  # type: ignore[attr-defined]
    made.air = made.challenge("Measure the air", days=FRIDAY)  # type: ignore[attr-defined]
    made.park = made.challenge("Plant the park", days=WEDNESDAY)  # type: ignore[attr-defined]
    made.wants(made.enrolment, [made.air, made.stock], [made.park], WEDNESDAY)  # type: ignore[attr-defined]
    made.another("Ben", chosen=[made.stock])  # type: ignore[attr-defined]


def place_url(made: Waiting) -> str:
    return f"/clearing/{made.row.public_id}/place"


def test_a_tutor_sees_wishes_fit_and_cost_and_neither_rank_nor_need(client: PageClient, scene: Build) -> None:
    made = scene(wishes)
    client.sign_in_as(made.tutor)
    client.forbidden.update({"1st choice", "2nd choice", "you can come on", "further than"})
    page = client.page(place_url(made))
    assert page.form("Offer this place").offers("challenge") == [
        *(made.park.public_id, made.stock.public_id, made.air.public_id)  # type: ignore[attr-defined]
    ]
    assert "Plant the park, Friends of Plant the park (2 left) Asked for Fits them Islington Wednesday" in page.text
    assert (
        "(2 left) One of their choices Fits them Islington Wednesday 1 other student who waits wants it." in page.text
    )
    assert "(2 left) One of their choices Does not fit them Islington Friday" in page.text
    assert "I volunteer at my local library" in page.text


def test_the_module_leader_sees_the_ranks_too(client: PageClient, scene: Build) -> None:
    made = scene(wishes)
    client.sign_in_as(made.leader)
    page = client.page(place_url(made))
    assert "Their 1st choice Does not fit them" in page.text
    assert "Their 2nd choice Fits them" in page.text


def test_what_was_agreed_to_be_not_suitable_cannot_be_chosen(client: PageClient, scene: Build) -> None:
    def refused(made: Waiting) -> None:
        wishes(made)
        made.answers(made.air, AnswerState.AGREED)  # type: ignore[attr-defined]

    made = scene(refused)
    client.sign_in_as(made.tutor)
    page = client.page(place_url(made))
    assert "“Measure the air” cannot be chosen" in page.text
    air = made.air.public_id  # type: ignore[attr-defined]
    form = page.form("Offer this place")
    assert air not in (form.offers("challenge") or [])
    sent = client.post(
        place_url(made), data={"challenge": air, "reason": "She knows them.", "csrf_token": client.token()}
    )
    assert sent.status_code == 422
    assert "Choose a challenge" in sent.text


def test_where_an_organisation_cannot_take_students_nobody_is_placed_until_that_is_decided(
    database: Flask, client: PageClient, scene: Build
) -> None:
    made = scene(wishes)
    client.sign_in_as(made.tutor)
    form = client.page(place_url(made)).form("Offer this place")
    assert made.park.public_id in (form.offers("challenge") or [])  # type: ignore[attr-defined]
    with seeding(database):
        refusal = host_refusal(db.session.get_one(Challenge, made.park.id))  # type: ignore[attr-defined]
    sent = client.submit(form, challenge=made.park.public_id, reason="She asks for it.")  # type: ignore[attr-defined]
    assert sent.errors == ["Choose a challenge"]
    form = client.page(place_url(made)).form("Offer this place")
    assert made.park.public_id not in (form.offers("challenge") or [])  # type: ignore[attr-defined]
    client.sign_in_as(made.student)
    assert "No place is left now of what you asked for in “Plant the park”" in client.page("/offers/places").text
    with seeding(database):
        db.session.get_one(HostRefusal, refusal.id).state = RefusalState.STANDS
    client.sign_in_as(made.tutor)
    done = client.submit(
        client.page(place_url(made)).form("Offer this place"),
        challenge=made.park.public_id,  # type: ignore[attr-defined]
        reason="She asks for it.",
    )
    assert "Plant the park is offered to Ada Okoro" in done.text


def test_of_many_places_ten_are_buttons_and_the_others_a_list(
    database: Flask, client: PageClient, scene: Build
) -> None:
    def many(made: Waiting) -> None:
        made.places = [made.challenge(f"Place {number:02}") for number in range(1, 13)]  # type: ignore[attr-defined]
        made.wants(made.enrolment, [made.places[10]])  # type: ignore[attr-defined]

    made = scene(many)
    keys = [each.public_id for each in made.places]  # type: ignore[attr-defined]
    client.sign_in_as(made.tutor)
    form = client.page(place_url(made)).form("Offer this place")
    assert form.offers("challenge") == [keys[10], *keys[:9], "another"]
    assert form.offers("other") == ["", keys[9], keys[11]]
    missing = client.submit(form, challenge="another", reason="She knows them.")
    assert missing.errors == ["Choose one of the others from the list"]
    done = client.submit(form, challenge="another", other=keys[11], reason="She knows them.")
    assert "Place 12 is offered to Ada Okoro, who has been told." in done.text
    with database.app_context():
        assert db.session.scalars(select(Offer)).one().challenge.title == "Place 12"


def test_the_clearing_list_says_what_is_asked_for_since_when_and_what_is_late(client: PageClient, scene: Build) -> None:
    def late(made: Waiting) -> None:
        wishes(made)
        made.row.by_on = date(2026, 10, 16)

    made = scene(late)
    client.sign_in_as(made.tutor)
    page = client.page("/clearing")
    assert page.rows[0] == [
        "Ada Okoro",
        "WL6W50 Wednesday afternoon",
        "The allocation found no place waits since Mon 19 Oct 2026, 9am",
        "Plant the park",
        "You Change who looks after Ada Okoro, or the date",
        "Fri 16 Oct 2026 4 days ago Late",
        "Offer a place to Ada Okoro",
    ]
    assert page.rows[1][3] == "Nothing yet"
    assert "Past their date" not in page.text  # the module leader's
    client.sign_in_as(made.leader)
    page = client.page("/clearing")
    assert "Tom Tutor: 1 student, the first since Fri 16 Oct 2026 (4 days ago)" in page.text
    home = client.page("/home")
    assert "students on the clearing list are past their date" in home.text


def test_the_leader_reads_who_placed_whom_and_takes_it_back(database: Flask, client: PageClient, scene: Build) -> None:
    def by_hand(made: Waiting) -> None:
        said = {"why_made": "Lives next door.", "made_by": made.tutor.person}
        make.offer(made.enrolment, made.challenge("Count the stock"), **said)
        make.offer(make.enrolment(made.group))  # by a round
        make.offer(why_made="Of another run.")

    made = scene(by_hand)
    client.sign_in_as(made.leader)
    page = client.page(client.page("/clearing").link("Places given by hand"))
    assert page.rows == [
        [
            "Ada Okoro",
            "WL6W50 Wednesday afternoon",
            "Count the stock Friends of Count the stock",
            "Tom Tutor Mon 19 Oct 2026, 9am",
            "Lives next door.",
            "Waiting Take it back from Ada Okoro",
        ]
    ]
    shown = client.page(page.link("Count the stock"))
    assert "by hand, by Tom Tutor" in shown.text
    url = page.link("Take it back from Ada Okoro")
    assert client.page("/clearing").link("Take it back from Ada Okoro") == url  # two clicks from there too
    client.submit(client.page(url).form(url), reason="She asked for another.")
    with database.app_context():
        assert db.session.scalars(select(Offer).order_by(Offer.id)).first().state is OfferState.WITHDRAWN  # type: ignore[union-attr]
    assert "Take it back" not in client.page("/clearing/by-hand").text


def test_a_tutor_has_no_such_list(client: PageClient, scene: Build) -> None:
    client.sign_in_as(scene().tutor)
    assert "Places given by hand" not in client.page("/clearing").text
    client.page("/clearing/by-hand", 403)


@pytest.mark.parametrize("offers", [1, 3])
def test_the_places_given_by_hand_ask_no_more_for_more(client: PageClient, scene: Build, offers: int) -> None:
    def several(made: Waiting) -> None:
        for _ in range(offers):
            make.offer(make.enrolment(made.group), why_made="Near.", made_by=made.tutor.person)

    client.sign_in_as(scene(several).leader)
    client.page("/clearing/by-hand")
    with counting_queries() as queries:
        client.page("/clearing/by-hand")
    assert queries.count == 3  # the account, its roles; the offers


def test_a_lock_before_a_round_shows_the_same(client: PageClient, scene: Build) -> None:
    def early(made: Waiting) -> None:
        made.early = make.enrolment(made.group, make.person(given_name="Eve", family_name="Early"))  # type: ignore[attr-defined]
        stock = made.challenge("Count the stock", days=FRIDAY)
        made.wants(made.early, [stock], days=WEDNESDAY)  # type: ignore[attr-defined]
        for _ in range(2):
            made.wants(make.enrolment(made.group), [stock])

    made = scene(early)
    client.sign_in_as(made.tutor)
    client.forbidden.update({"1st choice", "you can come on"})
    url = f"/locks/students/{made.early.public_id}"  # type: ignore[attr-defined]
    said = "(2 left) One of their choices Does not fit them Islington Friday 2 other students chose it."
    assert said in client.page(url).text
    client.forbidden.clear()
    client.sign_in_as(made.leader)
    assert "Their 1st choice Does not fit them" in client.page(url).text


@pytest.mark.parametrize("places", [1, 3])
def test_placing_by_hand_asks_no_more_for_more_places(client: PageClient, scene: Build, places: int) -> None:
    def several(made: Waiting) -> None:
        challenges = [made.challenge(f"Place {number}") for number in range(places)]
        made.wants(made.enrolment, challenges, challenges[:1], WEDNESDAY)

    made = scene(several)
    client.sign_in_as(made.tutor)
    client.page(place_url(made))
    with counting_queries() as queries:
        client.page(place_url(made))
    # the account, its roles; the row; the eight of its candidates; the statement; an offer
    assert queries.count == 13
