"""Somebody without an account, a link in a mail, and everybody else who follows it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.impact import actions, notices
from placements.impact.models import Result
from placements.impact.queries import VERIFY_BY_LINK, asked_by
from placements.impact.rules import Words
from placements.impact.workflow import ResultState
from placements.links.actions import latest_link
from placements.mail.models import Notification
from placements.partners.actions import say_left
from placements.partners.models import Contact
from tests.client import PageClient
from tests.conftest import Clock
from tests.factories import DAY, NOW
from tests.golden import said
from tests.impact.scene import Told, address_of
from tests.page import Page
from tests.placing.scene import committed

Sent = Callable[..., tuple[Told, str]]


@pytest.fixture
def sent(database: Flask) -> Sent:
    def build(*more: Callable[[Told], object]) -> tuple[Told, str]:
        with database.app_context():
            made = Told()
            address = made.ask()
            for add in more:
                add(made)
            return committed(made), address

    return build


def state(database: Flask, made: Told) -> tuple[ResultState, bool]:
    with database.app_context():
        result = db.session.get_one(Result, made.result.id)
        return result.state, result.may_publish


def the_form(page: Page) -> Any:
    return next(form for form in page.forms if "/verify-result/" in form.action)


ANSWERS = [
    ("show", True, "it is true, and we may show it"),
    ("keep", False, "it is true, and we keep it among us"),
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_the_link_shows_the_very_words_and_takes_the_answer(
    database: Flask, sent: Sent, client: PageClient, answer: tuple[str, bool, str]
) -> None:
    chosen, may_publish, said = answer
    made, address = sent()
    page = client.page(address)
    assert page.h1 == "Is this true?"
    for words in ("One stock list instead of nine notebooks", "Volunteers keep one list on a phone.", "340 people"):
        assert words in page.text
    page = client.submit(the_form(page), answer=chosen)
    assert f"You answered on Tue 20 Oct 2026, 9am: {said}. You need do nothing more." in page.text
    assert state(database, made) == (ResultState.VERIFIED, may_publish)


def test_something_wrong_is_said_in_words(database: Flask, sent: Sent, client: PageClient) -> None:
    made, address = sent()
    page = client.submit(the_form(client.page(address)), answer="wrong")
    assert (page.status, page.errors) == (422, ["Say what is wrong, so that we can put it right"])
    page = client.submit(the_form(page), answer="wrong", reason="It was ninety.")
    assert "Thank you. We put it right and ask you again." in page.text
    assert "Nothing waits for your answer now." in page.text
    assert state(database, made) == (ResultState.DRAFT, False)
    with database.app_context():
        assert made.told("impact.answered") == {"engagement"}


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_whatever_a_scanner_does_nothing_happens(database: Flask, sent: Sent, client: PageClient, method: str) -> None:
    made, address = sent()
    for path in ("", "/new-link"):
        for _ in range(3):
            assert getattr(client, method)(f"{address}{path}").status_code == 200
    assert state(database, made) == (ResultState.ASKED, False)


def test_a_post_without_its_token_answers_nothing(database: Flask, sent: Sent, client: PageClient) -> None:
    made, address = sent()
    assert client.post(address, data={"answer": "show"}).status_code == 400
    assert state(database, made) == (ResultState.ASKED, False)


def test_the_answer_sent_twice_is_one(database: Flask, sent: Sent, client: PageClient) -> None:
    made, address = sent()
    form = the_form(client.page(address))
    client.submit(form, answer="show")
    page = client.submit(form, answer="keep")
    assert page.status == 200
    assert state(database, made) == (ResultState.VERIFIED, True)


def test_a_link_that_ran_out_says_so_and_sends_a_new_one_to_the_same_address(
    database: Flask, sent: Sent, client: PageClient, clock: Clock
) -> None:
    made, address = sent()
    clock.now = NOW + 21 * DAY
    client.forbidden = {"Volunteers keep one list"}  # whoever finds an old link reads nothing by it
    page = client.page(address)
    assert "This link has run out. We still ask for your answer" in page.text
    page = client.submit(the_form(client.page(f"{address}/new-link")))
    assert "A new link is on its way to con@example.org." in page.text
    client.forbidden = set()
    with database.app_context():
        new = address_of(db.session.get_one(Result, made.result.id))
        due = select(Notification.recipient_id).where(Notification.due_at == clock.now)
        assert db.session.scalars(due).all() == [made.contact.person_id]
    assert new != address
    client.submit(the_form(client.page(new)), answer="show")
    assert state(database, made) == (ResultState.VERIFIED, True)


def test_a_post_by_a_link_that_ran_out_answers_nothing(
    database: Flask, sent: Sent, client: PageClient, clock: Clock
) -> None:
    made, address = sent()
    form = the_form(client.page(address))
    clock.now = NOW + 21 * DAY
    assert "This link has run out." in client.submit(form, answer="show").text
    assert state(database, made) == (ResultState.ASKED, False)


def edited(made: Told) -> None:
    actions.edit(made.result, Words("New", "New.", None, ""), seen=1, actor=made.officer, now=NOW)


def test_words_changed_since_are_not_verified_by_the_old_link(database: Flask, sent: Sent, client: PageClient) -> None:
    def and_asked_again(made: Told) -> None:
        edited(made)
        made.ask()

    made, address = sent(and_asked_again)
    page = client.page(address)
    assert "This link is for words that were changed since." in page.text
    assert page.link("Get a new link") == f"{address}/new-link"
    assert state(database, made) == (ResultState.ASKED, False)


def test_the_form_of_words_changed_meanwhile_verifies_nothing(database: Flask, sent: Sent, client: PageClient) -> None:
    made, address = sent()
    form = the_form(client.page(address))
    with database.app_context():
        result = db.session.get_one(Result, made.result.id)
        actions.edit(result, Words("New", "New.", None, ""), seen=1, actor=made.officer, now=NOW)
        db.session.commit()
    assert "Nothing waits for your answer now." in client.submit(form, answer="show").text
    assert state(database, made) == (ResultState.DRAFT, False)


def test_whoever_has_left_reads_and_answers_nothing(database: Flask, sent: Sent, client: PageClient) -> None:
    def leaves(made: Told) -> None:
        left = select(Contact).where(Contact.person_id == made.contact.person_id)
        db.session.scalars(left).one().left_on = NOW.date()

    _, address = sent(leaves)
    client.forbidden = {"Volunteers keep one list"}
    assert "Nothing waits for your answer now." in client.page(address).text
    assert "Nothing waits for your answer now." in client.page(f"{address}/new-link").text


def test_the_action_itself_refuses_a_link_that_cannot_answer(session: Any) -> None:
    made = Told()
    made.ask()
    link = latest_link(VERIFY_BY_LINK, made.result.id, made.contact.person_id)
    assert link is not None
    for verb in (
        lambda: actions.verify_by_link(asked_by(link), may_publish=True, now=NOW + 21 * DAY),
        lambda: actions.send_back_by_link(asked_by(link), "No.", now=NOW + 21 * DAY),
    ):
        with pytest.raises(Refused, match="do not wait for your answer"):
            verb()
    edited(made)
    with pytest.raises(Refused, match="Nothing waits for your answer now"):
        actions.send_new_link(asked_by(link), now=NOW)


@pytest.mark.parametrize("token", ["x", "MQ.x", "1", "WyJ4Il0.abc"])
def test_a_token_of_nobodys_is_a_page_that_is_not_there(database: Flask, client: PageClient, token: str) -> None:
    for path in ("", "/new-link"):
        assert client.get(f"/verify-result/{token}{path}").status_code == 404


def contact_of(made: Told, who: str) -> Contact:
    return db.session.scalars(select(Contact).where(Contact.person_id == getattr(made, who).person_id)).one()


def test_whoever_takes_over_is_asked_instead_of_who_has_left(session: Any) -> None:
    made = Told()
    made.ask()
    say_left(contact_of(made, "contact"), contact_of(made, "supervisor"), actor=made.officer, now=NOW + DAY)
    assert (made.result.asked_id, made.result.asked_at) == (made.supervisor.person_id, NOW + DAY)
    assert said(notices.ASKED, made.result.id, made.supervisor.person, NOW + DAY) is not None
    for notice in (notices.ASKED, notices.STILL_ASKED):
        assert said(notice, made.result.id, made.contact.person, NOW + DAY) is None


def test_what_was_answered_is_not_asked_again_when_somebody_leaves(session: Any) -> None:
    made = Told()
    made.ask()
    contact = Principal(made.contact.person_id)
    actions.verify(made.result, may_publish=True, seen=1, actor=contact, now=NOW)
    say_left(contact_of(made, "contact"), contact_of(made, "supervisor"), actor=made.officer, now=NOW + DAY)
    assert made.told("impact.asked") == {"contact"}


def test_a_new_link_reaches_who_was_asked_first_though_somebody_else_was_asked_since(session: Any) -> None:
    made = Told()
    made.ask()
    link = latest_link(VERIFY_BY_LINK, made.result.id, made.contact.person_id)
    assert link is not None
    made.result.asked_id, later = made.supervisor.person_id, NOW + 21 * DAY
    actions.send_new_link(asked_by(link), now=later)
    assert said(notices.ASKED, made.result.id, made.contact.person, later) is not None


def test_who_has_a_link_that_works_gets_it_again_once_a_day(
    database: Flask, sent: Sent, client: PageClient, clock: Clock
) -> None:
    made, address = sent()
    client.sign_in_as(made.engagement)
    for ahead, mails in ((0, 1), (1, 2), (1, 2), (2, 3)):
        clock.now = NOW + ahead * DAY
        page = client.page(client.page(made.page).link("Ask them again"))
        assert "has a link to these words that still works" in page.text
        client.submit(page.form(page.url))
        with database.app_context():
            asked = select(Notification.id).where(Notification.notice == "impact.asked")
            assert len(db.session.scalars(asked).all()) == mails
            assert address_of(db.session.get_one(Result, made.result.id)) == address


def test_where_nobody_can_be_asked_the_page_says_what_to_do(database: Flask, sent: Sent, client: PageClient) -> None:
    def all_leave(made: Told) -> None:
        for each in db.session.scalars(select(Contact)):
            each.left_on = NOW.date()

    made, _ = sent(all_leave)
    client.sign_in_as(made.engagement)
    page = client.page(f"{made.page}/ask")
    assert page.link("Add a contact") == f"/organisations/{made.organisation.public_id}"
    assert [form.action for form in page.forms] == ["/sign-out"]
