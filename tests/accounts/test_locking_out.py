"""Failed attempts are counted, all of them, until somebody is let in; too many keep everybody out for a while."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import cast

import pytest
from flask import Flask
from flask_security import hash_password
from sqlalchemy import Engine, select, update

from placements.accounts.models import Account
from placements.db import BEGIN_TO_WRITE, db
from placements.history.models import History
from placements.links.actions import add_link, token
from tests import factories
from tests.client import PageClient
from tests.databases import Copy, seeding
from tests.factories import DAY, NOW
from tests.page import Page

PASSWORD = "three quiet otters"


def account(app: Flask, failed: int = 0, *, has_second_step: bool = False) -> Account:
    with seeding(app):
        made = factories.account(password=hash_password(PASSWORD), failed_sign_ins=failed, last_failed_at=NOW)
        if has_second_step:
            made.tf_primary_method = "authenticator"
            made.tf_totp_secret = app.extensions["security"].totp_factory.generate_totp_secret()
        return made


def sign_in(client: PageClient, who: Account, password: str) -> Page:
    return client.submit(client.page("/sign-in").form("/sign-in"), email=who.email, password=password)


def failures(app: Flask, who: Account) -> int:
    with app.app_context():
        return db.session.get_one(Account, who.id).failed_sign_ins


def test_ten_failures_lock_an_account_even_to_the_right_password_and_the_page_says_so(
    database: Flask, client: PageClient
) -> None:
    who = account(database)
    for _ in range(10):
        sign_in(client, who, "a guess")
    page = sign_in(client, who, PASSWORD)
    assert page.h1 == "Sign in"
    assert "After 10 wrong tries no password works for 15 minutes, but a link does." in page.text
    assert failures(database, who) == 10


@pytest.mark.parametrize(("is_right", "counted"), [(False, 5), (True, 0)], ids=["wrong", "right"])
def test_others_may_write_while_a_password_is_hashed(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch, *, is_right: bool, counted: int
) -> None:
    who = account(fresh_database.app, failed=3)
    has_written = Event()

    def write(engine: Engine) -> None:
        with engine.connect().execution_options(**BEGIN_TO_WRITE) as another, another.begin():
            another.execute(update(Account).values(failed_sign_ins=Account.failed_sign_ins + 1))
            has_written.set()

    with ThreadPoolExecutor(1) as pool:

        def hashes(*_: object) -> bool:
            pool.submit(write, db.engine)
            return has_written.wait(timeout=30) and is_right

        monkeypatch.setattr(Account, "verify_and_update_password", hashes)
        page = sign_in(cast(PageClient, fresh_database.app.test_client()), who, PASSWORD)
    assert page.h1 == ("Nothing needs you now" if is_right else "Sign in")
    assert failures(fresh_database.app, who) == counted


@pytest.mark.filterwarnings("ignore:Passing SelectField choices as tuples:DeprecationWarning")  # Flask-Security's own
def test_a_link_is_recorded_but_failures_are_forgotten_only_after_the_second_step(
    database: Flask, client: PageClient
) -> None:
    who = account(database, failed=10, has_second_step=True)
    with database.app_context():
        link = add_link("accounts.sign_in_by_link", who.id, who.person_id, now=NOW, lasts=DAY)
        url = f"/sign-in/link/{token(link)}"
        db.session.commit()
    page = client.submit(client.page(url).form(url))
    assert page.h1 == "Enter the code from your authenticator app"
    assert failures(database, who) == 10
    with database.app_context():
        assert [each.verb for each in db.session.scalars(select(History))] == ["used a sign-in link"]
        code = database.extensions["security"].totp_factory.generate_totp_password(who.tf_totp_secret)
    assert client.submit(page.form("/second-step/code"), code=code).h1 == "Nothing needs you now"
    assert failures(database, who) == 0
