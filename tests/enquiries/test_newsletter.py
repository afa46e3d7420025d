"""The newsletter is sent to who asked for it and confirmed that from their own address, until they press once to leave."""

import csv
import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.core.policy import Principal
from placements.db import db
from placements.enquiries import newsletter, receiving
from placements.enquiries.models import Subscription
from placements.enquiries.rules import CONFIRM, CONFIRM_NEWSLETTER, LEAVE_NEWSLETTER
from placements.history.models import History
from placements.links.actions import lasting_token
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.conftest import Clock
from tests.databases import Copy
from tests.enquiries.scene import enquires, link_to, only_enquiry, signed_in, token_to, told
from tests.factories import DAY, NOW
from tests.races import at_once


def only_subscription() -> Subscription:
    return db.session.scalars(select(Subscription)).one()


def confirmed_address(app: Flask, client: PageClient) -> str:
    """Amina ticks the box and confirms her enquiry. Returns where the newsletter's own mail leads."""
    enquires(client, wants_newsletter=True)
    with app.app_context():
        enquiry = only_enquiry()
        assert db.session.scalars(select(Subscription)).all() == []  # not before we know whose address it is
        address = f"/confirm-enquiry/{token_to(CONFIRM, enquiry, enquiry.writer_id)}"
    page = client.submit(client.page(address).form(address))
    assert "You also asked for our newsletter: press the button in the email" in page.text
    with app.app_context():
        subscription = only_subscription()
        return f"/newsletter/confirm/{token_to(CONFIRM_NEWSLETTER, subscription, subscription.person_id)}"


def test_it_is_asked_for_confirmed_and_left(database: Flask, client: PageClient) -> None:
    address = confirmed_address(database, client)
    with database.app_context():
        assert ("enquiries.newsletter", "amina@larder.example") in told()
        assert not only_subscription().is_active
    page = client.page(address)
    assert page.h1 == "Do you want our newsletter?"
    form = page.form(address)
    for _ in range(2):
        assert client.submit(form).h1 == "You get our newsletter"
    with database.app_context():
        assert only_subscription().is_active
    page = client.page(client.page(address).link("Stop the newsletter"))
    assert page.h1 == "Stop the newsletter?"
    form = page.form(page.url)
    for _ in range(2):
        assert client.submit(form).h1 == "You do not get our newsletter"
    with database.app_context():
        assert only_subscription().ended_at == NOW
    assert "You left it." in client.page(address).text


def test_a_mail_program_ends_it_without_a_token_and_nothing_else(database: Flask, client: PageClient) -> None:
    with database.app_context():
        subscription = make.subscription(confirmed_at=NOW)
        leave = f"/newsletter/leave/{lasting_token(LEAVE_NEWSLETTER, subscription.id)}"
        asked = make.subscription()
        newsletter.send_newsletter_link(asked, now=NOW)
        confirm = f"/newsletter/confirm/{token_to(CONFIRM_NEWSLETTER, asked, asked.person_id)}"
        db.session.commit()
        left, other = subscription.id, asked.id
    assert client.post(confirm, data={"List-Unsubscribe": "One-Click"}).status_code == 400
    assert client.post(leave, data={"List-Unsubscribe": "One-Click"}).status_code == 200  # it follows no redirect
    assert client.get(f"{leave}x").status_code == 404
    with database.app_context():
        assert db.session.get_one(Subscription, left).ended_at == NOW
        assert db.session.get_one(Subscription, other).confirmed_at is None


def test_a_link_that_ran_out_sends_one_new_one_a_day(database: Flask, client: PageClient, clock: Clock) -> None:
    address = confirmed_address(database, client)
    clock.now += 14 * DAY
    page = client.page(address)
    assert page.h1 == "This link cannot be used any more"
    for _ in range(2):
        page = client.submit(client.page(address).form("Email me a new link"))
    assert "We have sent an email with a new link to amina@larder.example." in page.text
    with database.app_context():
        assert [notice for notice, _ in told()].count("enquiries.newsletter") == 2


def test_who_left_and_asks_again_begins_anew_and_who_gets_it_is_not_asked(database: Flask, client: PageClient) -> None:
    with database.app_context():
        left = make.subscription(confirmed_at=NOW - DAY, ended_at=NOW - DAY)
        gets = make.subscription(confirmed_at=NOW - DAY)
        for each in (left, gets):
            enquiry = make.enquiry(each.person, confirmed_at=None, wants_newsletter=True)
            receiving.take_as_confirmed(enquiry, actor=Principal(each.person_id), now=NOW)
        assert (left.asked_at, left.confirmed_at, left.ended_at) == (NOW, None, None)
        assert gets.is_active
        assert told() == [("enquiries.newsletter", left.person.email)]


def test_nobody_who_left_is_asked_by_an_old_link(session: Any) -> None:
    left = make.subscription(confirmed_at=NOW - DAY, ended_at=NOW - DAY)
    newsletter.send_newsletter_link(left, now=NOW)
    assert told() == []


@pytest.mark.parametrize("many", [1, 3])
def test_the_team_sees_how_many_and_downloads_those_who_confirmed(
    database: Flask, client: PageClient, many: int
) -> None:
    with database.app_context():
        for number in range(many):
            who = make.person(given_name="=Amina", family_name="Yusuf", email=f"amina{number}@larder.example")
            make.subscription(who, confirmed_at=NOW)
        make.subscription(confirmed_at=NOW, ended_at=NOW)
        make.subscription()
        db.session.commit()
    client.sign_in_as(signed_in(database))
    page = client.page("/enquiries/newsletter")
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in page.text  # without it no mail program offers it
    assert f"{many} get the newsletter" in page.text
    assert "1 have asked and not confirmed yet" in page.text
    with counting_queries() as asked:
        sheet = client.get(page.link("Download the subscribers"))
    assert asked.count == 3  # the account, its roles, the subscribers
    lines = list(csv.reader(io.StringIO(sheet.get_data(as_text=True).lstrip("\ufeff"))))
    assert lines[0] == ["Name", "Email", "Confirmed on", "Leave address"]
    assert [line[:3] for line in lines[1:]] == [
        ["'=Amina Yusuf", f"amina{number}@larder.example", "2026-10-20"] for number in range(many)
    ]
    leave = lines[1][3].removeprefix("http://localhost")
    assert "amina0@larder.example" in client.page(leave).text


def test_asked_for_twice_at_the_same_moment_it_is_one(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        make.enquiry()
        db.session.commit()

    def ask() -> None:
        who = only_enquiry().writer
        newsletter.ask_for_newsletter(who, actor=Principal(who.id), now=NOW)

    assert at_once(fresh_database, *[ask] * 4) == [None] * 4
    with fresh_database.app.app_context():
        subscription = only_subscription()
        assert told() == [("enquiries.newsletter", subscription.person.email)]
        newsletter.confirm_newsletter(
            subscription, link_to(CONFIRM_NEWSLETTER, subscription, subscription.person_id), now=NOW
        )
        done = select(History.id).where(History.verb == "newsletter confirmed")
        assert len(db.session.scalars(done).all()) == 1
