"""Whoever gets a mail can stop what may be stopped of it, in one press and without an account; nothing else stops."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.correspondence.addresses import BY_LINK, MUTE
from placements.db import db
from placements.history.models import History
from placements.links.actions import lasting_token
from placements.mail.actions import tell
from placements.mail.asking import Said
from placements.mail.choosing import WaysOut
from placements.mail.delivery import Tally, deliver
from placements.mail.models import Message, Mute
from placements.mail.rendering import render
from placements.people.models import Person
from tests import factories as make
from tests.client import PageClient
from tests.correspondence.conftest import Kinds
from tests.correspondence.factories import message, notification
from tests.factories import NOW
from tests.mail.test_outbox import Recorder

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
AT_TEN = NOW.replace(hour=9, minute=30)


def muted() -> set[tuple[str, str]]:
    """Who muted what."""
    rows = db.session.execute(select(Person.given_name, Mute.notice).join(Person, Person.id == Mute.person_id))
    return {(row[0], row[1]) for row in rows}


def told(to: Person, *notices: Any) -> Any:
    """The mail that these make, sent."""
    for number, notice in enumerate(notices, start=1):
        tell(notice, number, [to.id], NOW)
    db.session.commit()
    post = Recorder()
    while deliver(post, AT_TEN, AT_TEN) != Tally():
        pass
    return [mail for _, mail in post.sent]


def test_a_mail_with_news_in_it_can_be_stopped_by_the_mail_program(session: Any, kinds: Kinds) -> None:
    ada = make.person(given_name="Ada")
    [mail] = told(ada, kinds.weekly, kinds.hush)
    sent = session.scalars(select(Message)).one()
    assert mail.headers == {
        "List-Unsubscribe": f"<http://127.0.0.1:8000/your-mail/mute/{lasting_token(MUTE, sent.id)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_a_mail_of_duties_alone_offers_no_such_button(session: Any, kinds: Kinds) -> None:
    [mail] = told(make.person(), kinds.duty)
    assert mail.headers == {}


def test_every_mail_says_where_to_choose_what_one_gets(session: Any, kinds: Kinds) -> None:
    ada = make.person(given_name="Ada")
    [mail] = told(ada, kinds.duty)
    address = f"http://127.0.0.1:8000/your-mail/{lasting_token(BY_LINK, ada.id)}"
    assert mail.text.endswith(f"\n\nChoose what you get, and when: {address}\n")
    assert f'href="{address}"' in mail.html


def test_what_stands_in_the_mail_but_its_foot_is_as_ever(session: Any, kinds: Kinds) -> None:
    ada, said = make.person(given_name="Ada"), [Said(kinds.weekly, {"n": 1})]
    plain, whole = render(said, ada), render(said, ada, WaysOut("http://here.example", "http://stop.example"))
    assert whole.text == f"{plain.text}\nChoose what you get, and when: http://here.example\n"
    assert plain.headers == {}


def test_one_press_of_a_mail_program_stops_the_news_in_it_for_that_person_alone(
    database: Flask, client: PageClient, kinds: Kinds
) -> None:
    with database.app_context():
        ada, ben = (make.person(given_name=name) for name in ("Ada", "Ben"))
        key = ada.id
        address = f"/your-mail/mute/{lasting_token(MUTE, message(ada, ['kinds.weekly', 'kinds.duty']).id)}"
        message(ben, ["kinds.weekly"])
        db.session.commit()
    for _ in range(2):
        assert client.post(address, data=ONE_CLICK).status_code == 200  # no token, no session; it follows no redirect
    with database.app_context():
        assert muted() == {("Ada", "kinds.weekly")}
        done = db.session.scalars(select(History).where(History.verb == "muted mail")).one()
        assert (done.about_id, done.actor_id, done.fields) == (key, key, ["kinds.weekly"])


def test_what_is_muted_is_said_no_more_and_a_duty_is(session: Any, kinds: Kinds) -> None:
    ada = make.person(given_name="Ada")
    session.add_all(Mute(person_id=ada.id, notice=name) for name in ("kinds.weekly", "kinds.duty"))
    assert told(ada, kinds.weekly) == []
    [mail] = told(ada, kinds.duty)
    assert "Fact 1." in mail.text
    [mail] = told(make.person(), kinds.weekly)
    assert "Fact 1." in mail.text


def test_the_page_says_what_stops_and_takes_it_back(database: Flask, client: PageClient, kinds: Kinds) -> None:
    with database.app_context():
        ada = make.person(given_name="Ada", email="ada@example.org")
        sent = message(ada, ["kinds.weekly", "kinds.party", "kinds.duty", "kinds.hush"], subject="~secret~")
        address = f"/your-mail/mute/{lasting_token(MUTE, sent.id)}"
        db.session.commit()
    client.forbidden = {"~secret~", "Something to do", "~hush-title~"}
    page = client.page(address)
    assert page.h1 == "Stop these kinds of mail?"
    assert "we do not send these to ada@example.org any more" in page.text
    assert "Invitation to a party" in page.text and "News of the week" in page.text
    with database.app_context():
        assert muted() == set()  # a GET changes nothing
    page = client.submit(page.form("Stop these"))
    assert page.h1 == "You do not get these any more"
    with database.app_context():
        assert muted() == {("Ada", "kinds.weekly"), ("Ada", "kinds.party")}
    page = client.submit(page.form("Get these again"))
    assert page.h1 == "Stop these kinds of mail?"
    with database.app_context():
        assert muted() == set()


def test_of_a_mail_of_duties_nothing_stops(database: Flask, client: PageClient, kinds: Kinds) -> None:
    with database.app_context():
        sent = message(make.person(), ["kinds.duty"])
        notification(sent.recipient, "kinds.duty", message_id=sent.id).notice = "kinds.of_old"
        address = f"/your-mail/mute/{lasting_token(MUTE, sent.id)}"
        db.session.commit()
    assert client.page(address).h1 == "Nothing in this mail can be muted"
    assert client.post(address, data=ONE_CLICK).status_code == 200
    with database.app_context():
        assert muted() == set()


@pytest.mark.parametrize("purpose", [BY_LINK, MUTE])
def test_no_other_token_opens_anything(database: Flask, client: PageClient, kinds: Kinds, purpose: str) -> None:
    with database.app_context():
        sent = message(make.person(), ["kinds.weekly"])
        db.session.commit()
        right = lasting_token(purpose, sent.id)
        of_the_other = lasting_token({BY_LINK: MUTE, MUTE: BY_LINK}[purpose], sent.id)
        of_none = lasting_token(purpose, 10**9)
    before = {BY_LINK: "/your-mail/", MUTE: "/your-mail/mute/"}[purpose]
    for token in (f"{right}x", right[1:], of_the_other, of_none, str(sent_id(right))):
        assert client.get(f"{before}{token}").status_code == 404
    if purpose == MUTE:
        assert client.post(f"{before}{right}x", data=ONE_CLICK).status_code == 404
    with database.app_context():
        assert muted() == set()


def sent_id(token: str) -> str:
    """What the token says it is about, unsigned."""
    return token.partition(".")[0]
