"""A visit is logged in a few touches; and what is typed without a connection is sent once, whatever happens meanwhile."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from placements.db import db
from placements.logbook.models import Entry, EntryDraft
from tests import factories as make
from tests.browser import PHONE
from tests.journeys.people import PATIENCE, Person, Town, member

pytestmark = pytest.mark.browser
with_script = pytest.mark.parametrize("town", [True], indirect=True, ids=["with JavaScript"])

FEW = 10  # what one touches, types or follows for a visit, from one's home page on
DONE = "Cut the first film with two of them."
HERE = "Saved on this phone, not sent yet."


@pytest.fixture
def sam(town: Town) -> Person:
    """On a placement with an Agreement, on a phone; logged one visit last week."""
    with town.prepared():
        enrolment = make.enrolment(make.group(make.run(), member("Tariq Bell")), member("Sam Adeyemi"))
        placement = make.placement(enrolment, make.challenge(supervisor=make.person(given_name="Olu")))
        make.agreement(placement, objectives=["Three short films"])
        make.entry(placement, on=date(2026, 10, 13))
    town.it_is("2026-10-20 18:00")
    return town.signs_in("Sam Adeyemi", PHONE)


def entries(town: Town) -> list[tuple[str, str, int]]:
    """What was logged this week: state, words, minutes."""
    with town.copy.app.app_context():
        found = db.session.scalars(select(Entry).where(Entry.on > date(2026, 10, 13)).order_by(Entry.id))
        return [(each.state.value, each.activity, each.minutes) for each in found]


def begun(town: Town) -> int:
    with town.copy.app.app_context():
        return len(db.session.scalars(select(EntryDraft)).all())


def kept_here(page: Page) -> int:
    return int(page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('draft:')).length"))


def comes_to_the_log(who: Person) -> None:
    """The page loads itself once more where it hands something over, so it is not looked at before."""
    who.page.goto(f"{who.town.address}/log", wait_until="commit")


def test_in_a_few_touches(sam: Person) -> None:
    sam.chooses_from_menu("Log hours")  # two: the menu, and the link in it
    sam.follows("Log a visit")
    expect(sam.page.get_by_label("Started", exact=True)).to_have_value("13:00")  # as last time
    expect(sam.page.get_by_label("Finished", exact=True)).to_have_value("17:00")
    sam.picks("Which objective was it about? (optional)", "Three short films")
    sam.writes({"What did you do?": DONE})
    sam.presses("Send to be confirmed")
    touches = 2 + 1 + len(sam.answered) - 2 + len(sam.sent) - 1  # signing in was no part of it
    assert touches == 6 <= FEW
    sam.sees("Sent.", "3 h 30 min")
    assert entries(sam.town) == [("submitted", DONE, 210)]


@with_script
def test_what_is_typed_without_a_connection_is_sent_once_after_the_tab_was_closed(sam: Person) -> None:
    sam.goes_to("/log")
    sam.follows("Log a visit")
    context, address = sam.page.context, sam.page.url
    context.set_offline(True)
    sam.page.get_by_label("What did you do?", exact=True).fill(DONE)
    expect(sam.page.locator("#saved")).to_have_text(HERE)
    sam.page.get_by_role("button", name="Send to be confirmed").click()
    expect(sam.page.locator("#saved")).to_contain_text("Press the button again once you are connected")
    assert sam.page.url == address
    sam.page.close()
    context.set_offline(False)
    assert (entries(sam.town), begun(sam.town)) == ([], 0)
    sam.page = context.new_page()
    sam.wrong.clear()
    comes_to_the_log(sam)
    sam.page.get_by_role("heading", name="Begun and not sent").wait_for(timeout=PATIENCE)
    assert (kept_here(sam.page), begun(sam.town)) == (0, 1)
    sam.page.get_by_role("link", name="What you typed on").click()
    expect(sam.page.get_by_label("What did you do?", exact=True)).to_have_value(DONE)
    sam.presses("Send to be confirmed")
    sam.sees("Sent.")
    sam.goes_to(address)
    sam.page.wait_for_timeout(1500)
    assert entries(sam.town) == [("submitted", DONE, 210)]
    assert (kept_here(sam.page), begun(sam.town)) == (0, 0)


@with_script
def test_with_a_connection_it_is_on_the_server_and_not_on_the_phone(sam: Person) -> None:
    sam.goes_to("/log")
    sam.follows("Log a visit")
    sam.page.get_by_label("What did you do?", exact=True).fill("Half a sent")
    expect(sam.page.locator("#saved")).to_have_text("Saved 18:00. Not sent yet.")
    assert (kept_here(sam.page), begun(sam.town), entries(sam.town)) == (0, 1, [])
    sam.goes_to("/log")
    sam.sees("Begun and not sent", "Half a sent")
    sam.presses("Throw it away")
    sam.does_not_see("Half a sent")
    assert begun(sam.town) == 0


@with_script
def test_after_the_session_died_it_is_offered_to_nobody_else(sam: Person) -> None:
    sam.goes_to("/log")
    sam.follows("Log a visit")
    sam.page.context.clear_cookies()
    sam.page.get_by_label("What did you do?", exact=True).fill(DONE)
    expect(sam.page.locator("#saved")).to_have_text(HERE)
    sam.page.close()
    sam.page = sam.page.context.new_page()
    with sam.town.prepared():
        enrolment = make.enrolment(make.group(make.run(), member("Tia Bell")), member("Ada Other"))
        make.placement(enrolment, make.challenge())
    for name, email in (("Ada", "ada.other@example.org"), ("Sam", sam.email)):
        other = Person(sam.town, name, email, sam.page)
        other.goes_to("/sign-in")
        other.writes({"Email address": email, "Password": "three words together"})
        other.presses("Sign in")
        comes_to_the_log(other)
        if name == "Ada":
            other.page.wait_for_timeout(1000)
            other.does_not_see("Begun and not sent")
            assert (kept_here(other.page), begun(sam.town)) == (1, 0)
            other.page.context.clear_cookies()  # her session ends too
    sam.page.get_by_role("heading", name="Begun and not sent").wait_for(timeout=PATIENCE)
    assert (kept_here(sam.page), begun(sam.town)) == (0, 1)


@with_script
def test_signing_out_leaves_nothing_on_the_phone(sam: Person) -> None:
    sam.goes_to("/log")
    sam.page.evaluate("localStorage.setItem('draft:somebody:x', '{}')")
    sam.page.get_by_role("group").get_by_text("Menu", exact=True).click()
    sam.presses("Sign out")
    assert kept_here(sam.page) == 0
