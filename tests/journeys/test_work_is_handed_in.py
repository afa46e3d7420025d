"""A portfolio on a phone: begun, left, found again, checked, handed in, and replaced before the deadline."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from placements.assessment.models import HandIn
from placements.db import db
from placements.drafting.models import Draft
from tests import factories as make
from tests.browser import PHONE
from tests.files.samples import PDF
from tests.journeys.people import Person, Town, member

pytestmark = pytest.mark.browser
with_script = pytest.mark.parametrize("town", [True], indirect=True, ids=["with JavaScript"])

PORTFOLIO = "Final Project Portfolio"
TEXT = "Listening first saved us a month on the wrong thing."
MORE = "Being useful is slower than being busy."


@pytest.fixture
def ama(town: Town) -> Person:
    """On a placement with an Agreement and one visit logged, five days before the portfolio is due."""
    with town.prepared():
        group = make.group(make.run(period="YEAR"), member("Tariq Bell"), occurrence="A")
        make.component(of=group.run, title=PORTFOLIO)
        enrolment = make.enrolment(group, member("Ama Mensah", student_number="26001234"))
        placement = make.placement(enrolment, make.challenge())
        make.agreement(placement)
        make.entry(placement)
    town.it_is("2027-05-07 14:03")
    return town.signs_in("Ama Mensah", PHONE)


def goes_to_hand_in(ama: Person) -> None:
    ama.chooses_from_menu("Assessment")
    ama.follows("Hand it in")


def handed_in(town: Town) -> list[tuple[str, list[str]]]:
    """What was handed in, in order: the text, and the names of the files."""
    with town.copy.app.app_context():
        found = db.session.scalars(select(HandIn).order_by(HandIn.id)).all()
        return [(each.text, [file.file.name for file in each.files]) for each in found]


def test_a_portfolio_is_handed_in_and_replaced(ama: Person, tmp_path: Path) -> None:
    town = ama.town
    for name in ("Portfolio.pdf", "Appendix.pdf"):
        (tmp_path / name).write_bytes(PDF + name.encode())
    goes_to_hand_in(ama)
    ama.writes({"Your text": TEXT})
    ama.presses("Save draft")
    ama.sees("Your draft is saved. It is not handed in yet.", "This is a draft that only you can see")

    town.it_is("2027-05-08 09:00")
    ama.chooses_from_menu("Assessment")
    ama.sees("You have a draft, saved Fri 7 May 2027, 2:03pm. It is not handed in.")
    ama.follows("Go on with it")
    expect(ama.page.get_by_label("Your text", exact=True)).to_have_value(TEXT)
    ama.attaches("Your files", tmp_path / "Portfolio.pdf")
    ama.presses("Check your answers")
    ama.is_at("Check what you hand in")
    ama.sees("Portfolio.pdf", TEXT, "Your logbook: 1 visit", "Your Challenge Agreement, version 1", "in 4 days")
    assert handed_in(town) == []
    ama.presses("Hand in")
    ama.sees("Received. Your receipt number is", "Sat 8 May 2027, 9am (09:00:00, London time)", "On time")
    assert handed_in(town) == [(TEXT, ["Portfolio.pdf"])]
    ama.opens_mail(f"Your {PORTFOLIO} is in: receipt", "See what you handed in")
    ama.sees("Fingerprint (SHA-256)", TEXT)

    town.it_is("2027-05-12 14:59")
    ama.follows("Replace it")
    ama.sees("There is little time left.", "You handed in on Sat 8 May 2027, 9am")
    ama.presses("Start from what I handed in")
    ama.writes({"Your text": MORE})
    ama.attaches("Add files", tmp_path / "Appendix.pdf")
    ama.presses("Hand in now")
    ama.sees("Received.", "Handed in before", MORE)
    assert handed_in(town) == [(TEXT, ["Portfolio.pdf"]), (MORE, ["Portfolio.pdf", "Appendix.pdf"])]

    town.it_is("2027-05-12 15:01")
    ama.looks_again()
    ama.does_not_see("Replace it")


def drafted(town: Town) -> list[str]:
    with town.copy.app.app_context():
        return [each.text for each in db.session.scalars(select(Draft))]


@with_script
def test_what_is_typed_saves_itself(ama: Person) -> None:
    goes_to_hand_in(ama)
    ama.page.get_by_label("Your text", exact=True).fill("Half a sent")
    expect(ama.page.locator("#saved")).to_have_text("Saved 14:03. Not handed in yet.")
    assert drafted(ama.town) == ["Half a sent"]
    ama.page.get_by_label("Your text", exact=True).fill("Half a sentence.")
    ama.page.wait_for_timeout(1500)
    assert drafted(ama.town) == ["Half a sentence."]
    ama.looks_again()
    expect(ama.page.get_by_label("Your text", exact=True)).to_have_value("Half a sentence.")


@with_script
def test_what_is_typed_after_the_session_died_is_there_after_signing_in(ama: Person) -> None:
    goes_to_hand_in(ama)
    address = ama.page.url
    ama.page.context.clear_cookies()
    ama.page.get_by_label("Your text", exact=True).fill(TEXT)
    expect(ama.page.locator("#saved")).to_contain_text("Kept in this browser only")
    ama.wrong.clear()
    assert drafted(ama.town) == []
    ama.goes_to("/sign-in")
    ama.writes({"Email address": ama.email, "Password": "three words together"})
    ama.presses("Sign in")
    ama.goes_to(address)
    expect(ama.page.get_by_label("Your text", exact=True)).to_have_value(TEXT)
    expect(ama.page.locator("#saved")).to_have_text("Saved 14:03. Not handed in yet.")
    assert drafted(ama.town) == [TEXT]


@with_script
def test_an_older_window_never_writes_over_a_newer_one(ama: Person) -> None:
    goes_to_hand_in(ama)
    other = ama.page.context.new_page()
    other.goto(ama.page.url)
    other.get_by_label("Your text", exact=True).fill("From the other window.")
    expect(other.locator("#saved")).to_contain_text("Saved")
    ama.page.get_by_label("Your text", exact=True).fill("From this one.")
    expect(ama.page.locator("#saved")).to_contain_text("Not saved: your draft was changed in another window.")
    assert drafted(ama.town) == ["From the other window."]
    ama.wrong.clear()
    ama.presses("Save draft")
    ama.wrong.clear()
    ama.sees("What is saved now", "From the other window.")
    expect(ama.page.get_by_label("Your text", exact=True)).to_have_value("From this one.")
