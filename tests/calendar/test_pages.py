"""One's own dates on a page, by month, and the address by which calendars read them: made, ended, made anew."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from placements.accounts.models import Account
from placements.db import db
from tests import factories as make
from tests.assessment.scene import Scene, scene, seeded
from tests.calendar.everybody import DUE, Everybody, everybody
from tests.client import PageClient, counting_queries
from tests.conftest import Clock
from tests.databases import seeding
from tests.factories import DAY
from tests.page import Page, elements, text_of


@pytest.fixture
def of(database: Flask) -> Scene:
    made: Scene = seeded(database, lambda: scene(students=2, due=DUE))
    return made


def address_on(page: Page) -> str:
    return next(link.href for link in page.links if link.href.startswith("http") and link.href.endswith(".ics"))


def dates(page: Page) -> list[tuple[str, str]]:
    """When, and what: those to come first, then those that are over."""
    said = [text_of(each) for each in elements(page.main, "dt", "dd")]
    return list(zip(said[::2], said[1::2], strict=True))


def test_an_address_is_made_read_without_signing_in_and_ended(of: Scene, client: PageClient, database: Flask) -> None:
    client.sign_in_as(of.students[0])
    page = client.submit(client.page("/your-calendar").form("Make an address"), follow=True)
    address = address_on(page)
    stranger = PageClient(database)
    answer = stranger.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert answer.headers["Cache-Control"] == "no-store"
    assert b"SUMMARY:Hand in: Final Project Portfolio" in answer.data
    client.submit(page.form("End this address"))
    assert stranger.get(address).status_code == 404
    page = client.submit(client.page("/your-calendar").form("Make an address"), follow=True)
    assert address not in page.html
    other = address_on(page)
    assert stranger.get(other).status_code == 200
    with seeding(database):
        account = db.session.merge(of.students[0])
        account.active = False
    assert stranger.get(other).status_code == 404
    assert stranger.get("/calendar/nonsense.ics").status_code == 404


def test_another_address_takes_the_place_of_the_first(of: Scene, client: PageClient, database: Flask) -> None:
    client.sign_in_as(of.students[0])
    page = client.submit(client.page("/your-calendar").form("Make an address"), follow=True)
    first = address_on(page)
    again = client.submit(client.page("/your-calendar").form("Make another address"), follow=True)
    second = address_on(again)
    stranger = PageClient(database)
    assert "The old address works no more." in again.text
    assert [stranger.get(each).status_code for each in (first, second)] == [404, 200]
    client.sign_out()
    client.sign_in_as(of.students[1])
    assert first not in client.page("/your-calendar").html
    assert stranger.get(second).status_code == 200


def test_a_device_subscribes_by_one_press(of: Scene, client: PageClient) -> None:
    client.sign_in_as(of.students[0])
    page = client.submit(client.page("/your-calendar").form("Make an address"), follow=True)
    assert page.link("Subscribe on this device") == address_on(page).replace("http://", "webcal://")
    for name in ("iPhone, iPad or Mac", "Google Calendar", "Outlook"):
        assert name in page.text


def test_a_calendar_that_has_it_already_is_not_sent_it_again(of: Scene, client: PageClient, database: Flask) -> None:
    client.sign_in_as(of.students[0])
    address = address_on(client.submit(client.page("/your-calendar").form("Make an address"), follow=True))
    reader = PageClient(database)
    tag = reader.get(address).headers["ETag"]
    known = {"If-None-Match": tag}
    answer = reader.get(address, headers=known)
    assert (answer.status_code, answer.data) == (304, b"")
    with seeding(database):
        portfolio = db.session.merge(of.portfolio)
        portfolio.due_at = DUE + 7 * DAY
    answer = reader.get(address, headers=known)
    assert answer.status_code == 200
    assert b"DTSTART;TZID=Europe/London:20270324T150000" in answer.data
    assert answer.headers["ETag"] != tag


def test_the_page_goes_by_month_and_what_is_over_is_folded_away(
    database: Flask, client: PageClient, clock: Clock
) -> None:
    there: Everybody = seeded(database, everybody)
    client.sign_in_as(there.of.students[0])
    page = client.page("/your-calendar")
    assert dates(page) == [
        ("Mon 26 Oct 2026", "First day of your placement WL6W50 2026/27, in 6 days"),
        ("Mon 26 Oct 2026, 9am", "Sign the Challenge Agreement WL6W50 2026/27, in 6 days"),
        ("Wed 28 Oct 2026", "Placement day WL6W50 2026/27, in 8 days"),
        ("Thu 5 Nov 2026, 1pm to 5pm", "Placement day WL6W50 2026/27, in 16 days"),
        ("Mon 9 Nov 2026, 10:30am", "Your tutor visits WL6W50 2026/27, in 20 days"),
        ("Wed 13 Jan 2027", "Have your logbook up to date: Mid-point WL6W50 2026/27, in 85 days"),
        ("Wed 17 Mar 2027, 3pm", "Hand in: Final Project Portfolio WL6W50 2026/27, in 5 months"),
        ("Wed 7 Apr 2027, 3pm", "Mark and feedback due: Final Project Portfolio WL6W50 2026/27, in 6 months"),
        ("Fri 30 Apr 2027", "Last day of your placement WL6W50 2026/27, in 192 days"),
    ]
    months = ["October 2026", "November 2026", "January 2027", "March 2027", "April 2027"]
    assert [each for each in months if each in page.text] == months
    assert "over" not in page.text.partition("In your own calendar")[0]
    clock.now = datetime(2027, 4, 7, 16, tzinfo=UTC)  # the feedback was due this afternoon
    page = client.page("/your-calendar")
    assert "7 dates that are over" in page.text
    assert "October 2026" not in page.text
    assert dates(page)[0][1] == "Mark and feedback due: Final Project Portfolio WL6W50 2026/27, 2 hours ago"
    assert client.get(page.link("Placement day")).status_code == 200


def test_the_home_page_leads_to_it(of: Scene, client: PageClient) -> None:
    for account in (of.students[0], of.tutor, of.leader):
        client.sign_in_as(account)
        assert client.page("/home").link("All your dates, also in your own calendar") == "/your-calendar"
        client.sign_out()


def test_whoever_has_no_dates_reads_what_will_be_there(database: Flask, client: PageClient) -> None:
    somebody: Account = seeded(database, make.account)
    client.sign_in_as(somebody)
    page = client.page("/your-calendar")
    assert dates(page) == []
    assert "No dates to come" in page.text
    assert "What you are to do by some day, and visits that are planned, show here with their dates." in page.text


def test_the_page_and_the_feed_cost_the_same_for_one_and_three_of_each(database: Flask, client: PageClient) -> None:
    counts: list[tuple[int, int]] = []
    for students in (1, 3):
        there: Everybody = seeded(database, lambda students=students: everybody(students, f"26{students:02}"))
        client.sign_in_as(there.supervisor)
        address = address_on(client.submit(client.page("/your-calendar").form("Make an address"), follow=True))
        with counting_queries() as page:
            client.page("/your-calendar")
        client.sign_out()
        with counting_queries() as feed:
            client.get(address)
        counts.append((page.count, feed.count))
    assert counts == [(10, 10), (10, 10)]


def test_every_entry_leads_to_a_page_that_its_reader_may_open(database: Flask, client: PageClient) -> None:
    def build() -> Any:
        there = everybody()
        make.staged_release(there.of.run, there.of.portfolio, there.of.leader.person)
        return there

    there: Everybody = seeded(database, build)
    of = there.of
    for account in (of.students[0], of.tutor, of.leader, there.supervisor, there.moderator, there.external):
        client.sign_in_as(account)
        page = client.page("/your-calendar")
        titles = {what.partition(" WL6W50")[0] for _, what in dates(page)}
        links = [each for each in page.links if each.text in titles]
        answers = {(each.text, client.get(each.href, follow_redirects=True).status_code) for each in links}
        assert answers == {(each, 200) for each in titles}
        client.sign_out()
