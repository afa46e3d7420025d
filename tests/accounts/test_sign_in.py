"""Getting in: by password, by a link in a mail, by an invitation; and not getting in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_security import hash_password
from sqlalchemy import select

from placements.accounts.actions import ask_for_link, ask_for_new_password, invite
from placements.accounts.models import Account
from placements.core.policy import NOBODY, Principal
from placements.db import db
from placements.history.models import History
from placements.links.actions import add_link, token
from placements.links.models import Link
from placements.mail.models import Notification
from tests import factories
from tests.client import PageClient
from tests.conftest import Clock
from tests.databases import seeding

PASSWORD = "three quiet otters"


def _account(app: Flask, **said: object) -> Account:
    with seeding(app):
        return factories.account(password=hash_password(PASSWORD), **said)


def _link(app: Flask, purpose: str, account: Account, lasts: timedelta = timedelta(minutes=30)) -> str:
    with app.app_context():
        link = add_link(purpose, account.id, account.person_id, now=factories.NOW, lasts=lasts)
        db.session.commit()
        return token(link)


def test_a_password_opens_the_home_page(database: Flask, client: PageClient) -> None:
    account = _account(database)
    page = client.submit(client.page("/sign-in").form("/sign-in"), email=account.email, password=PASSWORD)
    assert page.h1 == "Nothing needs you now"


def test_a_wrong_password_says_the_same_as_an_unknown_address(database: Flask, client: PageClient) -> None:
    account = _account(database)
    for address, password in ((account.email, "not the one"), ("nobody@example.org", PASSWORD)):
        page = client.submit(client.page("/sign-in").form("/sign-in"), email=address, password=password)
        assert "That email address and password do not go together." in page.text


def test_a_closed_account_cannot_sign_in(database: Flask, client: PageClient) -> None:
    account = _account(database, active=False)
    page = client.submit(client.page("/sign-in").form("/sign-in"), email=account.email, password=PASSWORD)
    assert page.h1 == "Sign in"


def test_asking_for_a_link_says_the_same_whoever_asks_and_mails_only_those_we_know(
    database: Flask, client: PageClient
) -> None:
    account = _account(database)
    for address in (account.email, "nobody@example.org"):
        page = client.submit(client.page("/sign-in/link").form("/sign-in/link"), email=address)
        assert page.h1 == "Check your email"
    with database.app_context():
        queued = db.session.scalars(select(Notification)).all()
        assert [(each.notice, each.recipient_id) for each in queued] == [("accounts.sign_in_link", account.person_id)]


def test_a_link_is_on_its_way_for_a_minute_before_another_is_sent(
    database: Flask, client: PageClient, clock: Clock
) -> None:
    account = _account(database)
    sent = []
    for seconds in (0, 59, 1):
        clock.now += timedelta(seconds=seconds)
        assert client.submit(client.page("/sign-in/link").form("/sign-in/link"), email=account.email).h1
        with database.app_context():
            sent.append([each.created_at for each in db.session.scalars(select(Link).order_by(Link.id))])
    first, last = factories.NOW, factories.NOW + timedelta(minutes=1)
    assert sent == [[first], [first], [first, last]]


def test_a_link_of_a_closed_account_says_so_and_is_not_used_up(database: Flask, client: PageClient) -> None:
    account = _account(database, active=False)
    for purpose, path, said in (
        ("accounts.sign_in_by_link", "/sign-in/link/", {}),
        ("accounts.set_password", "/password/", {"password": "four loud badgers", "again": "four loud badgers"}),
    ):
        url = f"{path}{_link(database, purpose, account)}"
        page = client.submit(client.page(url).form(url), said)
        assert "This account has been closed. Ask the module team to open it again." in page.text
    with database.app_context():
        assert [each.spent_at for each in db.session.scalars(select(Link))] == [None, None]
        assert db.session.scalars(select(History)).all() == []


def test_opening_a_link_changes_nothing_and_pressing_its_button_signs_in_once(
    database: Flask, client: PageClient
) -> None:
    account = _account(database)
    url = f"/sign-in/link/{_link(database, 'accounts.sign_in_by_link', account)}"
    client.page(url)
    page = client.page(url)  # a scanner opened it before
    assert client.submit(page.form(url)).h1 == "Nothing needs you now"
    client.sign_out()
    assert client.page(url).h1 == "This link cannot be used any more"


def test_an_expired_link_explains_itself(database: Flask, client: PageClient) -> None:
    account = _account(database)
    url = f"/sign-in/link/{_link(database, 'accounts.sign_in_by_link', account, timedelta(minutes=-1))}"
    page = client.page(url)
    assert "has run out" in page.text
    assert ("Ask for a new link", "/sign-in/link") in [(link.text, link.href) for link in page.links]


def test_a_link_of_one_purpose_opens_no_other(database: Flask, client: PageClient) -> None:
    account = _account(database)
    sign_in = _link(database, "accounts.sign_in_by_link", account)
    client.page(f"/password/{sign_in}", status=404)


def test_choosing_a_password_by_link_signs_in_and_ends_other_sessions(database: Flask, client: PageClient) -> None:
    account = _account(database)
    elsewhere = PageClient(database)
    elsewhere.sign_in_as(account)
    assert elsewhere.page("/me").h1 == "Your account"
    url = f"/password/{_link(database, 'accounts.set_password', account)}"
    page = client.submit(client.page(url).form(url), password="four loud badgers", again="four loud badgers")
    assert page.h1 == "Nothing needs you now"
    assert elsewhere.get("/me").status_code == 302


def test_choosing_a_password_spends_every_link_that_could_choose_another(database: Flask, client: PageClient) -> None:
    account, other = _account(database), _account(database)
    invitation, latest = (_link(database, "accounts.set_password", account) for _ in range(2))
    urls = {name: f"/password/{token}" for name, token in (("invitation", invitation), ("latest", latest))}
    somebody_elses = f"/password/{_link(database, 'accounts.set_password', other)}"
    form = client.page(urls["latest"]).form(urls["latest"])
    client.submit(form, password="four loud badgers", again="four loud badgers")
    client.sign_out()
    assert client.page(urls["invitation"]).h1 == "This link cannot be used any more"
    assert client.page(somebody_elses).h1 == "Choose a password"


def test_two_different_passwords_are_refused_and_the_link_stays_open(database: Flask, client: PageClient) -> None:
    account = _account(database)
    url = f"/password/{_link(database, 'accounts.set_password', account)}"
    page = client.submit(client.page(url).form(url), password="four loud badgers", again="five loud badgers")
    assert "Enter the same password twice" in page.text
    with database.app_context():
        assert db.session.scalars(select(Link)).one().spent_at is None


def test_a_page_asked_for_before_signing_in_is_shown_after(database: Flask, client: PageClient) -> None:
    account = _account(database)
    answer = client.get("/me")
    assert answer.location == "/sign-in?next=/me"
    page = client.submit(client.page(answer.location).form(), email=account.email, password=PASSWORD)
    assert page.h1 == "Your account"


def test_nobody_is_a_principal_without_roles() -> None:
    assert not Principal().has_any("administrator")


@pytest.mark.parametrize(
    ("ask", "purpose", "path"),
    [
        (lambda account: ask_for_link(account.email, now=factories.NOW), "accounts.sign_in_by_link", "/sign-in/link/"),
        (lambda account: ask_for_new_password(account, now=factories.NOW), "accounts.set_password", "/password/"),
        (
            lambda account: invite(account.person, actor=NOBODY, now=factories.NOW),
            "accounts.set_password",
            "/password/",
        ),
    ],
    ids=["signing in", "a new password", "an invitation"],
)
def test_a_link_works_for_the_address_that_it_was_sent_to_and_no_other(
    database: Flask, client: PageClient, ask: Callable[[Account], Any], purpose: str, path: str
) -> None:
    with database.app_context():
        account = factories.account()
        ask(account)
        link = db.session.scalars(select(Link).where(Link.purpose == purpose)).one()
        url, key = f"{path}{token(link)}", account.id
        db.session.commit()
    form = client.page(url).form(url)
    with database.app_context():
        db.session.get_one(Account, key).person.email = "corrected@example.org"
        db.session.commit()
    client.forbidden = {"corrected@example.org"}
    page = client.page(url)
    assert page.h1 == "This link cannot be used any more"
    assert "was sent to an address that is not in use any more" in page.text
    said = {"password": "four loud badgers", "again": "four loud badgers"} if "password" in path else {}
    client.submit(form, said)
    assert client.get("/me").status_code == 302  # nobody is signed in
