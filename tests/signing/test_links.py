"""A supervisor without an account, a link in a mail, and everybody else who follows it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.agreements.models import Agreement, Party, Signature
from placements.db import db
from placements.mail.models import Notification
from placements.signing import actions as signing
from tests.agreements.scene import link_address, principal, proposed, sign
from tests.client import PageClient
from tests.conftest import Clock
from tests.factories import DAY, NOW
from tests.page import Page
from tests.placing.scene import Scene, committed

SIGNED = {"has_read": True, "typed_name": "sue supervisor"}


class Sent(Scene):
    """An Agreement that goes round, and the supervisor's link to it."""

    def __init__(self, **said: Any) -> None:
        super().__init__(**said)
        self.agreement = proposed(self)


@pytest.fixture
def sent(database: Flask) -> Callable[..., tuple[Sent, str]]:
    def build(*more: Callable[[Sent], object]) -> tuple[Sent, str]:
        with database.app_context():
            made = Sent()
            address = link_address(made.agreement)
            for add in more:
                add(made)
            return committed(made), address

    return build


def signatures(database: Flask) -> list[tuple[Party, str]]:
    with database.app_context():
        return [(row.party, row.typed_name) for row in db.session.scalars(select(Signature))]


def the_form(page: Page) -> Any:
    return next(form for form in page.forms if "/sign-agreement/" in form.action)


def test_the_link_shows_everything_and_signs_without_an_account(
    database: Flask, sent: Callable[..., tuple[Sent, str]], client: PageClient
) -> None:
    _, address = sent()
    page = client.page(address)
    assert page.h1 == "Sign the Challenge Agreement"
    assert "For Sue Supervisor: read the Agreement to the end" in page.text
    assert "Our words about confidentiality." in page.text
    page = client.submit(the_form(page), SIGNED)
    assert "You have signed the Challenge Agreement. Thank you." in page.text
    assert "You signed this on Tue 20 Oct 2026, 9am. You need do nothing more" in page.text
    assert signatures(database) == [(Party.SUPERVISOR, "sue supervisor")]


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_whatever_a_scanner_does_nothing_happens(
    database: Flask, sent: Callable[..., tuple[Sent, str]], client: PageClient, method: str
) -> None:
    _, address = sent()
    for path in ("", "/changes", "/new-link"):
        for _ in range(3):
            assert getattr(client, method)(f"{address}{path}").status_code == 200
    assert signatures(database) == []
    page = client.submit(the_form(client.page(address)), SIGNED)
    assert "You signed this on" in page.text


def test_a_post_without_its_token_signs_nothing(
    database: Flask, sent: Callable[..., tuple[Sent, str]], client: PageClient
) -> None:
    _, address = sent()
    assert client.post(address, data=SIGNED).status_code == 400
    assert signatures(database) == []


def test_the_form_sent_twice_signs_once(
    database: Flask, sent: Callable[..., tuple[Sent, str]], client: PageClient
) -> None:
    _, address = sent()
    form = the_form(client.page(address))
    client.submit(form, SIGNED)
    page = client.submit(form, SIGNED)
    assert page.status == 200
    assert "You signed this on" in page.text
    assert len(signatures(database)) == 1


def test_another_name_is_refused_in_place_and_the_link_still_works(
    database: Flask, sent: Callable[..., tuple[Sent, str]], client: PageClient
) -> None:
    _, address = sent()
    form = the_form(client.page(address))
    page = client.submit(form, {**SIGNED, "typed_name": "Somebody Else"})
    assert page.status == 422
    assert "Type your own name as it stands in the Agreement: Sue Supervisor" in page.text
    assert "You signed this on" in client.submit(the_form(page), SIGNED).text


def test_a_link_that_ran_out_says_so_and_sends_a_new_one_to_the_same_address(
    database: Flask, sent: Callable[..., tuple[Sent, str]], client: PageClient, clock: Clock
) -> None:
    made, address = sent()
    clock.now = NOW + 21 * DAY
    page = client.page(address)
    assert "This link has run out. The Agreement still waits for your signature" in page.text
    assert "Our words about" not in page.text  # whoever finds an old link reads nothing by it
    page = client.submit(the_form(client.page(f"{address}/new-link")))
    assert "A new link is on its way to sue@example.org." in page.text
    with database.app_context():
        again = db.session.get_one(Agreement, made.agreement.id)
        new = link_address(again)
        asked = select(Notification.recipient_id).where(Notification.due_at == clock.now)
        assert db.session.scalars(asked).all() == [made.supervisor.person_id]
    assert new != address
    page = client.submit(the_form(client.page(new)), SIGNED)
    assert "You signed this on" in page.text


def test_a_post_by_a_link_that_ran_out_signs_nothing(
    database: Flask, sent: Callable[..., tuple[Sent, str]], client: PageClient, clock: Clock
) -> None:
    _, address = sent()
    form = the_form(client.page(address))
    clock.now = NOW + 21 * DAY
    assert "This link has run out." in client.submit(form, SIGNED).text
    assert signatures(database) == []


def test_a_stale_version_cannot_be_signed_and_the_next_one_is_offered(
    database: Flask, sent: Callable[..., tuple[Sent, str]], client: PageClient
) -> None:
    def again(made: Sent) -> None:
        signing.take_back(made.agreement, actor=principal(made, Party.STUDENT), now=NOW)
        db.session.flush()
        proposed(made)

    _, address = sent(again)
    page = client.page(address)
    assert "This version was taken back to be changed, so it can no longer be signed." in page.text
    assert "Get a new link" in page.text
    assert signatures(database) == []


def test_the_form_of_a_version_taken_back_meanwhile_signs_nothing(
    database: Flask, sent: Callable[..., tuple[Sent, str]], client: PageClient
) -> None:
    made, address = sent()
    form = the_form(client.page(address))
    with database.app_context():
        student = principal(made, Party.STUDENT)
        signing.take_back(db.session.get_one(Agreement, made.agreement.id), actor=student, now=NOW)
        db.session.commit()
    page = client.submit(form, SIGNED)
    assert "it can no longer be signed" in page.text
    assert signatures(database) == []


def test_dates_that_changed_meanwhile_stop_it(
    database: Flask, sent: Callable[..., tuple[Sent, str]], client: PageClient
) -> None:
    def move(made: Sent) -> None:
        made.placement.ends_on += timedelta(days=7)

    _, address = sent(move)
    page = client.page(address)
    assert "Ada Okoro has to send it round again; you then get a new link." in page.text
    assert "Get a new link" not in page.text


def test_whoever_supervises_no_longer_reads_and_signs_nothing(
    sent: Callable[..., tuple[Sent, str]], client: PageClient
) -> None:
    def replace(made: Sent) -> None:
        made.placement.supervisor = made.contact.person

    _, address = sent(replace)
    client.forbidden = {"Our words about"}
    page = client.page(address)
    assert "Somebody else supervises this placement now" in page.text
    assert "nothing waits" in client.page(f"{address}/new-link").text.lower()


def test_changes_are_asked_for_by_link(
    database: Flask, sent: Callable[..., tuple[Sent, str]], client: PageClient
) -> None:
    made, address = sent()
    page = client.submit(the_form(client.page(f"{address}/changes")), {"text": "Thursdays are better."})
    assert "The student has been asked to change it" in page.text
    client.sign_in_as(made.student)
    text = client.get(f"{made.url}/agreement", follow_redirects=True).get_data(as_text=True)
    assert "Thursdays are better." in text


def test_a_supervisor_who_signed_by_account_finds_it_done(
    sent: Callable[..., tuple[Sent, str]], client: PageClient
) -> None:
    _, address = sent(lambda made: sign(made, made.agreement, Party.SUPERVISOR))
    assert "You signed this on" in client.page(address).text


def test_after_the_last_signature_the_link_tells_that_it_is_in_force(
    sent: Callable[..., tuple[Sent, str]], client: PageClient
) -> None:
    def the_others(made: Sent) -> None:
        for party in (Party.STUDENT, Party.TUTOR):
            sign(made, made.agreement, party)

    _, address = sent(the_others)
    page = client.submit(the_form(client.page(address)), SIGNED)
    assert "It is in force since Tue 20 Oct 2026, 9am." in page.text


@pytest.mark.parametrize("token", ["x", "MQ.x", "1", "WyJ4Il0.abc"])
def test_a_token_of_nobodys_is_a_page_that_is_not_there(database: Flask, client: PageClient, token: str) -> None:
    for path in ("", "/changes", "/new-link"):
        assert client.get(f"/sign-agreement/{token}{path}").status_code == 404
