"""Whoever writes shows that the address is theirs; only then does the team hear of it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from placements.accounts.models import Account
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.enquiries import actions, receiving
from placements.enquiries.models import Enquiry
from placements.enquiries.rules import CONFIRM
from placements.enquiries.workflow import EnquiryState
from placements.history.models import History
from placements.links.models import Link
from tests import factories as make
from tests.client import PageClient
from tests.conftest import Clock
from tests.databases import Copy
from tests.enquiries.scene import enquires, link_to, only_enquiry, signed_in, token_to, told
from tests.factories import DAY, NOW
from tests.races import at_once


@pytest.fixture
def officer(database: Flask) -> Account:
    return signed_in(database)


@pytest.fixture
def address(database: Flask, client: PageClient, officer: Account) -> str:
    """Where the link in Amina's mail leads."""
    enquires(client)
    with database.app_context():
        enquiry = only_enquiry()
        return f"/confirm-enquiry/{token_to(CONFIRM, enquiry, enquiry.writer_id)}"


def test_following_the_link_changes_nothing_and_the_button_tells_the_team(
    database: Flask, client: PageClient, clock: Clock, address: str
) -> None:
    clock.now += 2 * DAY
    page = client.page(address)
    assert page.h1 == "Did you send us this?"
    assert "We have more food than we can sort." in page.text
    with database.app_context():
        assert [notice for notice, _ in told()] == ["enquiries.received"]
    page = client.submit(page.form(address))
    assert page.h1 == "Thank you. Your enquiry is with us"
    assert "answers you about Holloway Larder by Thu 29 Oct 2026 (in 7 days)" in page.text  # five days from now
    with database.app_context():
        assert [notice for notice, _ in told()] == ["enquiries.received", "enquiries.waiting"]
        assert only_enquiry().confirmed_at == NOW + 2 * DAY


def test_confirming_twice_is_done_already(database: Flask, client: PageClient, address: str) -> None:
    form = client.page(address).form(address)
    for _ in range(2):
        assert client.submit(form).h1 == "Thank you. Your enquiry is with us"
    with database.app_context():
        assert len(told()) == 2


def test_a_link_that_ran_out_shows_nothing_and_sends_one_new_one_a_day(
    database: Flask, client: PageClient, clock: Clock, address: str
) -> None:
    form = client.page(address).form(address)
    clock.now += timedelta(days=14)
    page = client.page(address)
    assert page.h1 == "This link cannot be used any more"
    assert "We have more food" not in page.text
    assert client.submit(form).h1 == "This link cannot be used any more"
    for _ in range(3):
        page = client.submit(client.page(address).form("Email me a new link"))
        assert "We have sent an email with a new link to amina@larder.example." in page.text
    with database.app_context():
        assert told() == [("enquiries.received", "amina@larder.example")] * 2
        assert len(db.session.scalars(select(Link)).all()) == 2
        enquiry = only_enquiry()
        assert enquiry.confirmed_at is None
        new = f"/confirm-enquiry/{token_to(CONFIRM, enquiry, enquiry.writer_id)}"
    assert client.submit(client.page(new).form(new)).h1 == "Thank you. Your enquiry is with us"
    assert client.page(address).h1 == "Thank you. Your enquiry is with us"


def test_after_a_month_it_is_closed_without_a_mail_and_forgotten(
    database: Flask, client: PageClient, clock: Clock, address: str
) -> None:
    with database.app_context():
        kept = make.enquiry(received_at=NOW, state=EnquiryState.RECEIVED)  # confirmed: it waits for us, however long
        db.session.commit()
        assert receiving.lapse_unconfirmed(NOW + 30 * DAY - timedelta(minutes=1)) == 0
        assert receiving.lapse_unconfirmed(NOW + 30 * DAY) == 1
        assert receiving.lapse_unconfirmed(NOW + 30 * DAY) == 0
        db.session.commit()
        assert kept.state is EnquiryState.RECEIVED
        assert [notice for notice, _ in told()] == ["enquiries.received"]
    page = client.page(address)
    assert page.h1 == "This enquiry is closed"
    assert "Nobody confirmed it for 30 days" in page.text
    with database.app_context():
        closed = db.session.scalars(select(Enquiry).where(Enquiry.state == EnquiryState.CLOSED)).one()
        assert (closed.challenges_faced, closed.thoughts) == ("", "")  # of what may be a stranger's
        receiving.send_link_again(closed, now=NOW + 31 * DAY)
        assert [notice for notice, _ in told()] == ["enquiries.received"]


def test_an_unconfirmed_one_is_on_a_list_of_its_own_and_can_be_taken_up(
    database: Flask, client: PageClient, officer: Account, address: str
) -> None:
    client.sign_in_as(officer)
    assert client.page("/enquiries").rows == []
    assert "No enquiries yet" in client.page("/enquiries").text
    assert "enquiry waits" not in client.page("/home").text
    page = client.page("/enquiries?unconfirmed=y")
    assert [row[0] for row in page.rows] == ["Holloway Larder"]
    page = client.page(page.link("Holloway Larder"))
    assert "has not confirmed the address yet" in page.text
    assert {form.action.rpartition("/")[2] for form in page.forms} == {"sign-out", "take-up"}
    url = page.url
    for verb in ("accept", "route", "close"):
        assert client.get(f"{url}/{verb}").status_code == 409
    client.submit(page.form(f"{url}/take-up"))
    assert [row[0] for row in client.page("/enquiries").rows] == ["Holloway Larder"]
    assert "Taken as confirmed" in client.page(url).text
    page = client.page(address)
    assert page.h1 == "Thank you. Your enquiry is with us"
    assert "Ngozi Adeyemi of the London Met Lab has taken up your enquiry about Holloway Larder" in page.text
    assert "answers you" not in page.text


def test_an_action_on_what_nobody_confirmed_is_refused(session: object) -> None:
    enquiry = make.enquiry(confirmed_at=None)
    with pytest.raises(Refused, match="Take the enquiry up first"):
        actions.close(enquiry, reason="No", actor=Principal(make.person().id), now=NOW)


def test_pressed_at_the_same_moment_it_is_confirmed_once(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        enquiry = make.enquiry(confirmed_at=None)
        receiving.send_link_again(enquiry, now=NOW)
        db.session.commit()

    def confirm() -> None:
        enquiry = only_enquiry()
        receiving.confirm_by_link(enquiry, link_to(CONFIRM, enquiry, enquiry.writer_id), now=NOW)

    assert at_once(fresh_database, *[confirm] * 4) == [None] * 4
    with fresh_database.app.app_context():
        confirmed = select(History.id).where(History.verb == "confirmed", History.about_kind == "enquiry")
        assert len(db.session.scalars(confirmed).all()) == 1
