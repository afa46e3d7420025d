"""Saying without an account that the students cannot be taken, and how a module leader meets it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import RunRole
from placements.db import db
from placements.offers.models import HostRefusal, Offer, RefusalKind
from placements.offers.workflow import OfferState, RefusalState
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.conftest import Clock
from tests.databases import seeding
from tests.factories import DAY, NOW
from tests.offers.hosts import Hosts, host_refusal
from tests.page import Page

Build = Callable[..., Hosts]


@pytest.fixture
def build(database: Flask) -> Build:
    """The food bank with whatever `more` adds, committed; `address` is where Sue's link leads."""

    def build(*more: Callable[[Hosts], object]) -> Hosts:
        with seeding(database):
            made = Hosts()
            made.address = made.link()  # type: ignore[attr-defined]
            for add in more:
                add(made)
        return made

    return build


def refused(hosts: Hosts) -> None:
    host_refusal(hosts.challenge, hosts.sue.person, public_id="refusal-1234")


def the_form(page: Page) -> Any:
    return next(form for form in page.forms if form.action == page.url.partition("?")[0])


def said(database: Flask) -> list[tuple[RefusalKind, str, int]]:
    with database.app_context():
        return [(each.kind, each.words, each.said_by_id) for each in db.session.scalars(select(HostRefusal))]


def states(database: Flask) -> set[OfferState]:
    with database.app_context():
        return set(db.session.scalars(select(Offer.state)))


# By link


def test_by_link_it_is_said_without_an_account(database: Flask, client: PageClient, build: Build) -> None:
    made = build()
    client.forbidden = {"Ada Student", "Ben Student"}
    page = client.page(made.address)  # type: ignore[attr-defined]
    assert page.h1 == "We cannot take the students"
    assert "fewer than 5 students, who answer by Mon 26 Oct 2026, 8am" in page.text
    page = client.submit(the_form(page))
    assert (page.status, page.errors) == (422, ["Choose why", "Say in a sentence what has happened"])
    page = client.submit(the_form(page), kind="person", words="Sue has left.")
    assert "Thank you for telling us. The module leader reads it and writes to you." in page.text
    assert "You told us on Tue 20 Oct 2026, 9am that you cannot take the students." in page.text
    assert [form.action for form in page.forms] == []
    assert said(database) == [(RefusalKind.PERSON, "Sue has left.", made.sue.person_id)]
    assert states(database) == {OfferState.MADE}


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_whatever_a_scanner_does_nothing_happens(
    database: Flask, client: PageClient, build: Build, method: str
) -> None:
    made = build()
    for _ in range(3):
        assert getattr(client, method)(made.address).status_code == 200  # type: ignore[attr-defined]
    assert said(database) == []


def test_the_form_sent_twice_is_one(database: Flask, client: PageClient, build: Build) -> None:
    form = the_form(client.page(build().address))  # type: ignore[attr-defined]
    for words in ("Sue has left.", "Again."):
        assert client.submit(form, kind="person", words=words).status == 200
    assert [words for _, words, _ in said(database)] == ["Sue has left."]


@pytest.mark.parametrize("token", ["x", "MQ.x", "1"])
def test_a_token_of_nobodys_is_a_page_that_is_not_there(database: Flask, client: PageClient, token: str) -> None:
    assert client.get(f"/cannot-take-students/{token}").status_code == 404


def test_a_link_that_ran_out_says_what_else_to_do(
    database: Flask, client: PageClient, build: Build, clock: Clock
) -> None:
    def later(hosts: Hosts) -> None:
        hosts.ben.deadline_at = NOW + 9 * DAY

    made = build(later)
    form = the_form(client.page(made.address))  # type: ignore[attr-defined]
    clock.now = NOW + 6 * DAY
    page = client.submit(form, kind="person", words="Sue has left.")
    assert "This link has run out." in page.text
    assert page.link("tell us that you cannot take the students") == "/cannot-take/count-stock1"
    assert said(database) == []


def stood(hosts: Hosts) -> None:
    host_refusal(hosts.challenge, state=RefusalState.STANDS, settled_by=hosts.lea.person)
    for offer in (hosts.ada, hosts.ben):
        offer.state = OfferState.ACCEPTED


def taken_back(hosts: Hosts) -> None:
    host_refusal(hosts.challenge, state=RefusalState.TAKEN_BACK, settled_by=hosts.lea.person)
    for offer in (hosts.ada, hosts.ben):
        offer.state = OfferState.WITHDRAWN


def all_accepted(hosts: Hosts) -> None:
    for offer in (hosts.ada, hosts.ben):
        offer.state = OfferState.ACCEPTED


def has_left(hosts: Hosts) -> None:
    hosts.supervising.left_on = NOW.date()


@pytest.mark.parametrize(
    ("happened", "sentence"),
    [
        (refused, "You told us on Tue 20 Oct 2026, 9am that you cannot take the students."),
        (stood, "The module leader, Lea Leader, let the offers stand on Tue 20 Oct 2026, 9am."),
        (taken_back, "The offers were taken back on Tue 20 Oct 2026, 9am"),
        (all_accepted, "No student has an offer to answer now, so there is nothing to take back."),
    ],
)
def test_the_pages_say_how_it_stands(
    client: PageClient, build: Build, happened: Callable[[Hosts], None], sentence: str
) -> None:
    made = build(happened)
    assert sentence in client.page(made.address).text  # type: ignore[attr-defined]
    client.sign_in_as(made.con)
    assert sentence in client.page("/cannot-take/count-stock1").text


def test_whoever_has_left_says_nothing_by_their_link(database: Flask, client: PageClient, build: Build) -> None:
    page = client.page(build(has_left).address)  # type: ignore[attr-defined]
    assert page.forms == []


# Signed in


def test_a_contact_says_it_signed_in(database: Flask, client: PageClient, build: Build) -> None:
    made = build()
    client.sign_in_as(made.con)
    page = client.page("/challenges/count-stock1/outcome")
    assert "Students are offered places, and answer by Mon 26 Oct 2026, 8am. You need do nothing" in page.text
    page = client.page(page.link("Say that you cannot take them"))
    page = client.submit(the_form(page), kind="time", words="We move house.")
    assert "You told us on Tue 20 Oct 2026, 9am" in page.text
    assert said(database) == [(RefusalKind.TIME, "We move house.", made.con.person_id)]


def test_where_nothing_waits_the_outcome_offers_no_way_to_say_it(client: PageClient, build: Build) -> None:
    made = build(all_accepted)
    client.sign_in_as(made.con)
    assert "cannot take" not in client.page("/challenges/count-stock1/outcome").text


# Deciding


def test_a_leader_takes_the_offers_back(database: Flask, client: PageClient, build: Build) -> None:
    def and_another_run(hosts: Hosts) -> None:
        refused(hosts)
        make.offer(to=hosts.challenge)

    made = build(and_another_run)
    client.sign_in_as(made.lea)
    page = client.page(client.page("/clearing").link("Organisations that cannot take students"))
    assert page.rows == [
        [
            "Count the stock The food bank",
            "The person who would supervise has left, or is away. Sue has left, and we look for somebody.",
            "Sue Supervisor Tue 20 Oct 2026, 9am",
            "3",
            "Take the offers back of Count the stock Let them stand for Count the stock",
        ]
    ]
    page = client.page(page.link("Take the offers back of Count the stock"))
    assert "Ada Student Ben Student 1 student of another run" in page.text
    page = client.submit(the_form(page))
    assert "The offers are taken back. The students and the organisation have been told." in page.text
    assert page.rows[0][3:] == ["0", "Taken back Lea Leader, Tue 20 Oct 2026, 9am"]
    assert states(database) == {OfferState.WITHDRAWN}
    with database.app_context():
        assert db.session.scalars(select(Offer)).first().challenge.state is ChallengeState.CLOSED  # type: ignore[union-attr]


def test_a_leader_lets_them_stand(database: Flask, client: PageClient, build: Build) -> None:
    made = build(refused)
    client.sign_in_as(made.lea)
    page = client.page(client.page("/refusals").link("Let them stand for Count the stock"))
    assert client.submit(the_form(page)).errors == ["Say why, in a sentence"]
    page = client.submit(the_form(page), reason="Con looks after them.")
    assert "The offers stand, and Sue Supervisor has been told why." in page.text
    assert page.rows[0][4].endswith("Con looks after them.")
    assert states(database) == {OfferState.MADE}


def test_a_leader_of_another_run_sees_none_of_it(client: PageClient, build: Build) -> None:
    def and_sam(hosts: Hosts) -> None:
        refused(hosts)
        hosts.sam = make.account()  # type: ignore[attr-defined]
        make.run_role(RunRole.LEADER, hosts.sam.person, make.run())  # type: ignore[attr-defined]

    client.sign_in_as(build(and_sam).sam)  # type: ignore[attr-defined]
    assert "No organisation has said so" in client.page("/refusals").text
    client.page("/refusals/refusal-1234/take-back", 404)


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_no_more_for_more_of_them(client: PageClient, build: Build, number: int) -> None:
    def several(hosts: Hosts) -> None:
        for _ in range(number):
            challenge = make.challenge()
            make.offer(make.enrolment(hosts.group), challenge)
            host_refusal(challenge)

    client.sign_in_as(build(several).lea)
    client.page("/refusals")
    with counting_queries() as queries:
        client.page("/refusals")
    assert queries.count == 4  # the account, its roles; what was said; its offers
