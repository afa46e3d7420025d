"""A supervisor without an account, the link in a mail, and everybody else who follows it."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.accounts.models import Account
from placements.concerns import actions
from placements.concerns.models import Concern
from placements.concerns.queries import REPORT_BY_LINK
from placements.concerns.rules import About
from placements.db import db
from placements.links.models import Link
from placements.mail.models import Notification
from placements.people.models import Person
from placements.placing.models import Placement
from tests import factories as make
from tests.client import PageClient
from tests.concerns.scene import WORDS, Concerned, only
from tests.conftest import Clock
from tests.factories import DAY, NOW
from tests.placing.scene import committed

TOLD = {"kind": "supervision", "severity": "soon", "about": "student", "words": WORDS}


@pytest.fixture
def sent(database: Flask) -> tuple[Concerned, str]:
    with database.app_context():
        made = Concerned()
        address = made.link()
        db.session.execute(Account.__table__.delete().where(Account.id == made.supervisor.id))
        del made.supervisor
        return committed(made), address


def the_form(page: Any) -> Any:
    return next(form for form in page.forms if "/tell-us" in form.action)


def told(database: Flask) -> int:
    with database.app_context():
        return db.session.scalar(select(func.count()).select_from(Concern)) or 0


def test_by_the_link_it_is_told_and_followed(
    database: Flask, client: PageClient, sent: tuple[Concerned, str], clock: Clock
) -> None:
    made, address = sent
    page = client.page(address)
    assert "call 999 first" in page.text
    assert "about the placement of Ada Okoro" in page.text
    page = client.submit(the_form(page), **TOLD)
    assert page.h1 == "What you told us"
    assert "Somebody takes it on by Wed 21 Oct 2026, 5pm" in page.text
    client.forbidden = {WORDS, "Tom"}  # whoever finds the link later reads nothing of it
    client.page(address)
    with database.app_context():
        concern = only()
        assert (concern.about, concern.about_id) == (About.STUDENT, made.student.person_id)
        assert (concern.reporter_id, concern.placement_id) == (concern.placement.supervisor_id, made.placement.id)
        actions.own(concern, actor=made.as_("tutor"), now=NOW)
        db.session.commit()
    assert "Somebody owns it and looks into it." in client.page(address).text
    clock.now = NOW + 14 * DAY
    assert client.page(address).h1 == "This link cannot be used any more"


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_whatever_a_scanner_does_nothing_happens(
    database: Flask, client: PageClient, sent: tuple[Concerned, str], method: str
) -> None:
    for _ in range(3):
        assert getattr(client, method)(sent[1]).status_code == 200
    assert told(database) == 0
    assert client.page(sent[1]).h1 == "Tell us about a worry, an accident or a near miss"


def test_a_post_without_its_token_tells_nothing(
    database: Flask, client: PageClient, sent: tuple[Concerned, str]
) -> None:
    assert client.post(sent[1], data=TOLD).status_code == 400
    assert told(database) == 0


@pytest.mark.parametrize("is_reloaded", [True, False])
def test_sent_again_it_is_one(
    database: Flask, client: PageClient, sent: tuple[Concerned, str], is_reloaded: bool
) -> None:
    form, other = the_form(client.page(sent[1])), the_form(client.page(sent[1]))
    client.submit(form, **TOLD)
    page = client.submit(other if is_reloaded else form, **TOLD)
    assert page.h1 == "What you told us"
    assert told(database) == 1


@pytest.mark.parametrize("change", ["expired", "another supervisor", "another address"])
def test_a_link_that_is_no_longer_theirs_says_so_and_offers_another(
    database: Flask, client: PageClient, sent: tuple[Concerned, str], clock: Clock, change: str
) -> None:
    made, address = sent
    form = the_form(client.page(address))
    with database.app_context():
        placement = db.session.get_one(Placement, made.placement.id)
        if change == "another supervisor":
            placement.supervisor = make.person()
        elif change == "another address":
            db.session.get_one(Person, placement.supervisor_id).email = "sue@elsewhere.example"
        else:
            clock.now = NOW + 14 * DAY
        db.session.commit()
    for page in (client.page(address), client.submit(form, **TOLD)):
        assert page.h1 == "This link cannot be used any more"
        assert "/tell-us" in [link.href for link in page.links]
    assert told(database) == 0


def test_a_token_of_another_purpose_opens_nothing(client: PageClient, sent: tuple[Concerned, str]) -> None:
    assert client.get(f"{sent[1]}x").status_code == 404


def links(database: Flask) -> tuple[int, int]:
    with database.app_context():
        mails = select(func.count()).where(Notification.notice == "concerns.link")
        made = select(func.count()).where(Link.purpose == REPORT_BY_LINK)
        return db.session.scalar(made) or 0, db.session.scalar(mails) or 0


@pytest.mark.parametrize("address", ["ada@example.org", "nobody@example.org", "sue@example.org"])
def test_the_answer_is_the_same_whoever_asks(
    database: Flask, client: PageClient, sent: tuple[Concerned, str], address: str
) -> None:
    page = client.submit(the_form(client.page("/tell-us")), email=address)
    assert page.h1 == "Check your email"
    assert links(database) == (1, 1)  # the one of before: it is new


def test_asked_later_there_is_another(
    database: Flask, client: PageClient, sent: tuple[Concerned, str], clock: Clock
) -> None:
    clock.now = NOW + DAY
    client.submit(the_form(client.page("/tell-us")), email="SUE@example.org ")
    assert links(database) == (2, 2)


def test_of_several_students_one_is_chosen(database: Flask, client: PageClient, sent: tuple[Concerned, str]) -> None:
    made, address = sent
    with database.app_context():
        challenge = db.session.get_one(Placement, made.placement.id).challenge
        other = make.placement(make.enrolment(None, make.person(given_name="Bea", family_name="Zhou")), challenge)
        key, public_id = other.id, other.public_id
        db.session.commit()
    page = client.submit(the_form(client.page(address)), **TOLD)
    assert page.errors == ["Choose whose placement it is about"]
    client.submit(the_form(page), on=public_id)
    with database.app_context():
        assert only().placement_id == key
