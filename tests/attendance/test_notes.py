"""The organisation's note on a visit or call by the link of a mail, and the tutor's list of those to note."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.attendance import contacts
from placements.attendance.models import ContactPoint
from placements.attendance.queries import NOTE_BY_LINK
from placements.attendance.rules import next_weekly_mail
from placements.attendance.workflow import ContactState
from placements.db import db
from placements.links.actions import latest_link, token
from placements.mail.models import Notification
from tests import factories as make
from tests.attendance.scene import Scene, committed, scene
from tests.client import PageClient, counting_queries
from tests.conftest import Clock
from tests.databases import seeding
from tests.factories import DAY, NOW

MONDAY = datetime(2026, 10, 26, 9, tzinfo=UTC)

WEEKLY = [
    (NOW, MONDAY),
    (MONDAY, MONDAY + timedelta(days=7)),
    (MONDAY - timedelta(minutes=1), MONDAY),
    (datetime(2026, 10, 19, 7, 59, tzinfo=UTC), datetime(2026, 10, 19, 8, tzinfo=UTC)),  # British summer time
]


@pytest.mark.pure
@pytest.mark.parametrize(("now", "expected"), WEEKLY)
def test_the_next_weekly_mail_goes_on_monday_at_nine(now: datetime, expected: datetime) -> None:
    assert next_weekly_mail(now) == expected


def told(name: str) -> list[tuple[int, datetime]]:
    rows = select(Notification.recipient_id, Notification.due_at).where(Notification.notice == name)
    return [(row.recipient_id, row.due_at) for row in db.session.execute(rows)]


@pytest.mark.parametrize(
    ("went", "note_host", "is_asked"),
    [(ContactState.DONE, "", True), (ContactState.DONE, "All well.", False), (ContactState.MISSED, "", False)],
)
def test_the_supervisor_is_asked_once_with_the_weekly_mail(
    session: Any, went: ContactState, note_host: str, is_asked: bool
) -> None:
    made = scene()
    contact = make.contact_point(made.placement, at=NOW - DAY, note_host=note_host)
    for _ in range(2):
        contacts.settle(contact, went, "", actor=made.who("tutor"), now=NOW)
    assert told("attendance.note_wanted") == ([(made.supervisor.id, MONDAY)] if is_asked else [])


@pytest.fixture
def sent(database: Flask) -> tuple[Scene, str]:
    """Sam, who has no account, is asked for a note on yesterday's visit; where the link leads."""
    with database.app_context():
        made = scene(has_account=False)
        contact = make.contact_point(made.placement, at=NOW - DAY)
        contacts.settle(contact, ContactState.DONE, "~tutors~", actor=made.who("tutor"), now=NOW)
        link = latest_link(NOTE_BY_LINK, contact.id, made.supervisor.id)
        assert link is not None
        address = f"/visit-note/{token(link)}"
        return committed(made), address


def note(app: Flask) -> str:
    with app.app_context():
        return db.session.scalars(select(ContactPoint)).one().note_host


def test_a_note_is_added_and_changed_by_link_and_by_no_scanner(
    database: Flask, client: PageClient, sent: tuple[Scene, str]
) -> None:
    _, address = sent
    client.forbidden = {"~tutors~"}
    for _ in range(3):
        client.get(address)
        client.head(address)
    assert note(database) == ""
    page = client.submit(client.page(address).form("Save your note"), note="All well.")
    assert "Thank you. Your note is saved" in page.text
    client.submit(page.form("Save your note"), note="All very well.")
    assert note(database) == "All very well."


def test_a_link_that_ran_out_sends_another(
    database: Flask, client: PageClient, sent: tuple[Scene, str], clock: Clock
) -> None:
    _, address = sent
    clock.now = NOW + 28 * DAY
    page = client.page(address)
    assert page.h1 == "This link does not work any more"
    page = client.submit(page.form("Email me a new link"))
    assert "We have sent an email with a new link to sam@example.org." in page.text
    with database.app_context():
        assert told("attendance.note_wanted")[-1][1] == datetime(2026, 11, 17, tzinfo=UTC)


def test_whoever_no_longer_supervises_can_do_nothing(
    database: Flask, client: PageClient, sent: tuple[Scene, str]
) -> None:
    made, address = sent
    form = client.page(address).form("Save your note")
    with seeding(database):
        db.session.merge(made.placement).supervisor_id = make.person().id
    assert "Nothing is asked of you here any more." in client.page(address).text
    client.submit(form, note="Mine", follow=False, checked=False)
    assert note(database) == ""


def test_a_tutors_home_leads_to_those_to_note(database: Flask, client: PageClient) -> None:
    with database.app_context():
        made = scene()
        make.contact_point(made.placement, at=NOW - DAY)
        make.contact_point(made.placement, at=NOW + DAY)
        committed(made)
    client.sign_in_as(made.tutor)
    home = client.page("/home")
    assert "1 visit or call to note: say how it went" in home.text
    page = client.page(home.link("See them"))
    assert [row[3] for row in page.rows] == ["To note", "Planned"]
    assert "Say how it went: Amina Rahman, Visit on Mon 19 Oct 2026, 9am" in page.text


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_asks_the_same_for_one_and_three(database: Flask, client: PageClient, many: int) -> None:
    with database.app_context():
        made = scene()
        for _ in range(many):
            make.contact_point(made.placement)
        committed(made)
    client.sign_in_as(made.tutor)
    client.page("/visits-and-calls")  # the first request of all asks whether this is a demonstration
    with counting_queries() as queries:
        assert len(client.page("/visits-and-calls").rows) == many
    assert queries.count == 3
