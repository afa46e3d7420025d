"""Feedback in the browser: given by link without an account, or signed in; read, commented on, asked for, waived."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from placements.db import db
from placements.feedback import actions
from placements.feedback.models import Feedback
from placements.feedback.rules import Occasion
from placements.feedback.workflow import FeedbackState
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.conftest import Clock
from tests.databases import seeding
from tests.factories import DAY, NOW
from tests.factories.feedback import feedback
from tests.feedback.scene import AtWork, address_of, all_feedback
from tests.page import Page
from tests.placing.scene import committed

SAID = "Ada listens to everybody."


@pytest.fixture
def asked(database: Flask) -> tuple[AtWork, str]:
    """Sue is asked for final feedback; where her link leads."""
    with database.app_context():
        made = AtWork()
        found = actions.ask(made.placement, Occasion.FINAL, actor=made.by("tutor"), now=NOW)
        address = address_of(found)
        return committed(made), address


def scene_with(database: Flask, *more: Callable[[AtWork], Any]) -> AtWork:
    with database.app_context():
        made = AtWork()
        for add in more:
            add(made)
        result: AtWork = committed(made)
        return result


def found(database: Flask) -> Feedback:
    with database.app_context():
        one = all_feedback()[0]
        _ = one.versions
        db.session.expunge_all()
        return one


def filled(page: Page, strengths: str = SAID) -> dict[str, str]:
    ratings = {name: "fully" for form in page.forms for name in form.names if name.startswith("rating_")}
    return {**ratings, "strengths": strengths}


def form_of(page: Page) -> Any:
    return next(form for form in page.forms if "feedback" in form.action)


def test_a_supervisor_without_an_account_gives_it_in_two_steps(
    database: Flask, client: PageClient, asked: tuple[AtWork, str]
) -> None:
    _, address = asked
    page = client.page(address)
    assert page.h1 == "Final feedback on Ada Okoro"
    assert "Count the stock every week." in page.text
    page = client.submit(page.form("Check it"), filled(page))
    assert page.h1 == "Check your feedback"
    assert SAID in page.text and "As agreed" in page.text
    assert found(database).state is FeedbackState.REQUESTED
    page = client.submit(page.form("Give this feedback"))
    assert "Thank you. Ada can read it now." in page.text
    assert "You gave this Tue 20 Oct 2026, 9am. You need do nothing more." in page.text
    given = found(database)
    assert (given.state, given.versions[0].is_by_link) == (FeedbackState.RECEIVED, True)


def test_what_is_missing_is_named_and_nothing_typed_is_lost(client: PageClient, asked: tuple[AtWork, str]) -> None:
    _, address = asked
    page = client.page(address)
    page = client.submit(page.form("Check it"), strengths=SAID)
    assert page.errors == [
        "Choose one of the answers for “Count the stock every week.”",
        "Choose one of the answers for “Leave a guide that volunteers use.”",
    ]
    assert SAID in page.text


def test_half_of_it_is_kept_for_later(database: Flask, client: PageClient, asked: tuple[AtWork, str]) -> None:
    _, address = asked
    page = client.page(address)
    form = page.form("Check it")
    page = client.submit(form, button="Keep it for later", strengths=SAID)
    assert "Kept. Nobody else sees it until you give it." in page.text
    assert SAID in client.page(address).text
    assert found(database).state is FeedbackState.REQUESTED


@pytest.mark.parametrize("method", ["get", "head", "options"])
@pytest.mark.parametrize("path", ["", "/check", "/new-link"])
def test_whatever_a_scanner_does_nothing_happens(
    database: Flask, client: PageClient, asked: tuple[AtWork, str], path: str, method: str
) -> None:
    _, address = asked
    for _ in range(3):
        assert getattr(client, method)(f"{address}{path}").status_code in (200, 302)
    assert (found(database).state, found(database).draft) == (FeedbackState.REQUESTED, None)


def test_a_link_that_ran_out_shows_nothing_and_sends_a_new_one(
    database: Flask, client: PageClient, asked: tuple[AtWork, str], clock: Clock
) -> None:
    _, address = asked
    page = client.page(address)
    client.submit(page.form("Check it"), filled(page))
    clock.now = NOW + 35 * DAY
    client.forbidden = {SAID}
    page = client.page(address)
    assert "The link ran out now. Your feedback is still welcome" in page.text
    page = client.submit(form_of(client.page(page.link("Get a new link"))))
    assert "A new link is on its way to sue@example.org." in page.text
    client.forbidden = set()
    with database.app_context():
        newest = address_of(all_feedback()[0])
    assert newest != address
    assert SAID in client.page(newest).text


def test_whoever_no_longer_supervises_reads_and_writes_nothing(
    database: Flask, client: PageClient, asked: tuple[AtWork, str]
) -> None:
    made, address = asked
    page = client.page(address)
    form, said = page.form("Check it"), filled(page)
    client.submit(form, said)
    with seeding(database):
        db.session.merge(made.placement).supervisor_id = made.contact.person_id
    client.forbidden = {SAID}
    page = client.page(address)
    assert "Nothing is asked of you here any more." in page.text
    assert client.page(f"{address}/new-link").text.count("Nothing is asked of you here any more.") == 1
    client.submit(form, {**said, "strengths": "Other words"})
    assert found(database).draft["strengths"] == SAID  # type: ignore[index]


def test_a_token_of_another_purpose_is_none(client: PageClient, asked: tuple[AtWork, str]) -> None:
    _, address = asked
    token = address.rpartition("/")[2]
    assert client.get(f"/verify-result/{token}").status_code == 404
    assert client.get(f"/give-feedback/{token}x").status_code == 404


def test_a_student_reads_it_and_says_what_they_think(database: Flask, client: PageClient) -> None:
    made = scene_with(database, lambda it: feedback(it.placement, SAID))
    client.sign_in_as(made.student)
    page = client.page(client.page("/home").link("Read it: Sue Supervisor"))
    assert page.h1 == "Interim feedback on Ada Okoro"
    assert SAID in page.text and "As agreed" in page.text
    page = client.page(page.link("I have read it"))
    page = client.submit(page.form("I have read it"), comment="I will write the guide next.")
    assert "I will write the guide next." in page.text
    assert "Read it" not in client.page("/home").text
    client.sign_in_as(made.tutor)
    placement = client.page(made.url)
    assert "I will write the guide next." in client.page(placement.link("Interim feedback")).text


def test_signed_in_a_supervisor_gives_and_corrects_it_from_their_home(database: Flask, client: PageClient) -> None:
    made = scene_with(database, lambda it: feedback(it.placement))
    client.sign_in_as(made.supervisor)
    page = client.page(client.page("/home").link("Give feedback: Ada Okoro"))
    page = client.submit(page.form("Check it"), filled(page))
    page = client.submit(page.form("Give this feedback"))
    assert SAID in page.text
    page = client.page(page.link("Correct it"))
    page = client.submit(page.form("Check it"), filled(page, "She leads."))
    page = client.submit(page.form("Give this feedback"))
    assert "She leads." in page.text and "What it said before" in page.text and SAID in page.text
    assert len(found(database).versions) == 2


def test_a_tutor_asks_gives_up_and_the_leader_waives(database: Flask, client: PageClient) -> None:
    made = scene_with(database)
    client.sign_in_as(made.tutor)
    page = client.page(client.page(made.url).link("Ask for feedback now"))
    page = client.submit(page.form("Ask Sue"), occasion="final")
    assert "Sue Supervisor is asked by email." in page.text
    page = client.page(page.link("It cannot be had"))
    page = client.submit(page.form("Ask no more"), reason="~why~")
    assert "The module leader decides whether to do without it." in page.text and "~why~" in page.text
    client.sign_in_as(made.student)
    client.forbidden = {"~why~"}
    assert "There is none: it could not be had." in client.page(client.page(made.url).link("Final feedback")).text
    client.forbidden = set()
    client.sign_in_as(made.leader)
    page = client.page(client.page("/home").link("See it"))
    page = client.page(page.link("Waive it"))
    page = client.submit(page.form("Waive it"), reason="The host has closed.")
    assert found(database).state is FeedbackState.WAIVED
    client.sign_in_as(made.student)
    assert "nothing is missing" in client.page(client.page(made.url).link("Final feedback")).text


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_asks_the_same_for_one_and_for_three(database: Flask, client: PageClient, many: int) -> None:
    def more(it: AtWork) -> None:
        for number in range(many):
            other = make.placement(make.enrolment(it.group), it.challenge)
            make.agreement(other)
            feedback(other, f"Said {number}.", occasion=Occasion.FINAL)

    made = scene_with(database, more)
    for who in ("tutor", "supervisor"):
        client.sign_in_as(getattr(made, who))
        client.page("/feedback")  # the first request of all asks whether this is a demonstration
        with counting_queries() as queries:
            assert len(client.page("/feedback").rows) == many
        assert queries.count == 3
