"""Pages of the mail: what an administrator sees of it, a monitor's figures, and addresses put right."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from placements.accounts.models import Account, GlobalRole
from placements.core.clock import machine_now
from placements.db import db
from placements.leases import Lease
from placements.mail.models import MailboxDay, Message, MessageState, Notification, Stoppage
from placements.mail.notices import Pace
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.databases import seeding
from tests.factories import DAY, NOW
from tests.factories.base import add
from tests.mailing.scene import AMINA, comes_back, message


@pytest.fixture
def administrator(database: Flask) -> Account:
    with seeding(database):
        return make.account(None, GlobalRole.ADMINISTRATOR)


@pytest.fixture
def reader(client: PageClient, administrator: Account) -> PageClient:
    """A browser in which an administrator is signed in."""
    client.sign_in_as(administrator)
    client.page("/me")  # what the application asks once and remembers
    return client


def _failed(problem: str = "TimeoutError: timed out") -> Message:
    return message(make.person(), state=MessageState.FAILED, problem=problem, tries=5)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("state", "url"), [("failed", "/mail?reason=our_server"), ("queued", "/mail?state=queued")])
def test_the_list_asks_four_queries_however_long_it_is(
    database: Flask, reader: PageClient, rows: int, state: str, url: str
) -> None:
    with seeding(database):
        for _ in range(rows):
            message(make.person(), state=MessageState(state), problem="TimeoutError: timed out")
    with counting_queries() as asked:
        page = reader.page(url)
    assert len(page.rows) == rows + (state == "failed")  # and one of the table of reasons
    assert asked.count == 4  # the account, its roles, the reasons, the rows with how many they are


def test_what_failed_stands_with_its_reason_and_is_tried_again_one_by_one_or_together(
    database: Flask, reader: PageClient
) -> None:
    with seeding(database):
        back = message(subject="Your grade")
        comes_back(back)
        _failed()
        _failed("OSError: [Errno 101] Network is unreachable")
    page = reader.page("/mail")
    for words in (
        *("Amina Khan", "…\u2060@example.org", "Mail to the address comes back", "Our mail server did not answer"),
        "CameBack: 5.1.1 smtp; 550 5.1.1 <…\u2060@example.org>: Recipient address rejected",
    ):
        assert words in page.text
    assert "3 messages failed and wait for you" in page.text
    assert "Once the address is put right, it is sent by itself." in page.text
    assert "See that our mail server runs, then try again." in page.text
    assert "Your grade" not in page.text
    assert AMINA not in page.text
    page = reader.submit(page.form(f"/mail/{back.public_id}/again"))
    assert "The mail to Amina Khan is tried again." in page.text
    page = reader.submit(page.form("/mail/again"))
    assert "2 messages are tried again." in page.text
    assert "Nothing needs you here now." in page.text
    assert "No message has failed" in page.text
    with database.app_context():
        assert set(db.session.scalars(select(Message.state))) == {MessageState.QUEUED}


def test_the_list_shows_what_waits_and_what_the_last_try_met(database: Flask, reader: PageClient) -> None:
    with seeding(database):
        message(state=MessageState.QUEUED, tries=2, problem="TimeoutError: timed out")
    page = reader.page("/mail?state=queued")
    assert "Amina Khan" in page.text
    assert "TimeoutError: timed out" in page.text
    assert "As soon as a worker is free" in page.text


def _all_kinds(database: Flask) -> None:
    """Two sent, one of them today; one failed; one put off; one not gathered yet, and one for the day's mail."""
    with seeding(database):
        amina = make.person(email=AMINA)
        message(amina)
        message(amina, sent_at=NOW - 3 * DAY)
        comes_back(message(amina, sent_at=NOW - DAY))
        message(amina, state=MessageState.QUEUED, tries=1, created_at=NOW - timedelta(minutes=20))
        about = {"notice": "accounts.invitation", "recipient_id": amina.id, "due_at": NOW - timedelta(minutes=5)}
        add(Notification(about_id=1, pace=Pace.SOON, **about))
        add(Notification(about_id=2, pace=Pace.DAILY, **about))
        add(Notification(about_id=3, pace=Pace.SOON, **{**about, "due_at": NOW + DAY}))
        add(MailboxDay(on=NOW.date(), looked_at=NOW, returned=4, left_aside=7))


def test_how_the_mail_stands_is_said_in_numbers(database: Flask, reader: PageClient) -> None:
    _all_kinds(database)
    with counting_queries() as asked:
        page = reader.page("/mail/health")
    assert asked.count == 6  # the account, its roles, the numbers, the mailbox, the clock, when it stood still
    for words in (
        "Late The oldest has been due since Tue 20 Oct 2026, 8:40am (20 minutes ago).",
        *("2 waiting to be sent", "1 of them tried, and put off", "1 failed, and wait for you"),
        *("1 person whose mail comes back", "1 today, 2 in the last seven days", "4 of ours, 7 left aside"),
        "Mailbox of returns Tue 20 Oct 2026, 9am",
    ):
        assert words in page.text


def test_where_nothing_waits_the_mail_is_on_time(reader: PageClient) -> None:
    page = reader.page("/mail/health")
    assert "On time Nothing that is due waits." in page.text
    assert "Nobody looks: RETURNS_URL is not set" in page.text
    assert "Read there that day" not in page.text


@pytest.mark.parametrize(
    ("lasts", "said"),
    [
        (1, "Running mail.example, process 417, last heard of: 3 hours ago"),
        (-1, "No worker Start a worker: without one nothing is sent, and nobody is reminded."),
    ],
)
def test_who_leads_the_clock_and_when_it_stood_still_is_said(
    database: Flask, reader: PageClient, lasts: int, said: str
) -> None:
    assert "Worker that leads No worker has run yet" in reader.page("/mail/health").text
    with seeding(database):
        machine = machine_now()
        until, ticked_at = machine + lasts * timedelta(hours=1), machine - timedelta(hours=3)
        add(Lease(name="clock", holder="mail.example:417:9f3a2b1c", epoch=2, until=until, ticked_at=ticked_at))
        add(Stoppage(began_at=NOW - 3 * DAY, ended_at=NOW, late=12))
    page = reader.page("/mail/health")
    assert said in page.text
    assert "From Sat 17 Oct 2026, 9am to Tue 20 Oct 2026, 9am: 12 notifications late by it" in page.text


METRICS = """\
# HELP placements_mail_messages Messages by state.
# TYPE placements_mail_messages gauge
placements_mail_messages{state="queued"} 1
placements_mail_messages{state="sent"} 2
placements_mail_messages{state="failed"} 1
placements_mail_messages{state="dropped"} 0
# HELP placements_mail_waiting Messages that wait, and what is said at once and is in none yet.
# TYPE placements_mail_waiting gauge
placements_mail_waiting 2
# HELP placements_mail_for_the_days_mail Notifications that wait for their reader's hour.
# TYPE placements_mail_for_the_days_mail gauge
placements_mail_for_the_days_mail 1
# HELP placements_mail_oldest_due_seconds For how long the oldest that is not the day's has been due.
# TYPE placements_mail_oldest_due_seconds gauge
placements_mail_oldest_due_seconds 1200
# HELP placements_mail_put_off Messages that were not taken at the last try, and are tried again.
# TYPE placements_mail_put_off gauge
placements_mail_put_off 1
# HELP placements_mail_failed Failed messages by kind of reason.
# TYPE placements_mail_failed gauge
placements_mail_failed{reason="comes_back"} 1
# HELP placements_mail_returns What came back, by kind.
# TYPE placements_mail_returns gauge
placements_mail_returns{kind="bounced"} 1
placements_mail_returns{kind="given_up"} 0
placements_mail_returns{kind="put_off"} 0
placements_mail_returns{kind="complained"} 0
# HELP placements_mail_unreached_people People at whose address mail comes back.
# TYPE placements_mail_unreached_people gauge
placements_mail_unreached_people 1
"""


def test_a_monitor_that_shows_its_token_reads_counts(
    database: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    _all_kinds(database)
    settings = database.extensions["placements.settings"]
    monkeypatch.setitem(database.extensions, "placements.settings", replace(settings, metrics_token="a-token"))
    answer = client.get("/metrics", headers={"Authorization": "Bearer a-token"})
    assert answer.mimetype == "text/plain"
    said, _, looked = answer.get_data(as_text=True).partition("# HELP placements_mail_mailbox_looked_seconds")
    assert said == METRICS
    assert "\nplacements_mail_mailbox_looked_seconds " in looked
    assert looked.endswith("\nplacements_mail_clock_led 0\n")


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer a-toke", "Basic a-token", "Bearer a-tokenñ"])
def test_without_its_token_there_are_no_figures(
    database: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    settings = database.extensions["placements.settings"]
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404
    monkeypatch.setitem(database.extensions, "placements.settings", replace(settings, metrics_token="a-token"))
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404
