"""A student puts choices in order by keys, by typed places and by dragging, at 375 px; what is typed saves itself."""

from typing import cast

import pytest
from playwright.sync_api import FloatRect, Locator, Page, ViewportSize, expect
from sqlalchemy import select

from placements.applications.models import Application
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge
from placements.db import db
from tests import factories as make
from tests.browser import DESKTOP, PHONE
from tests.journeys.people import Person, Town, member

pytestmark = pytest.mark.browser
with_script = pytest.mark.parametrize("town", [True], indirect=True, ids=["with JavaScript"])

BEES, CLAY, DOGS = "Keep bees", "Model in clay", "Walk the dogs"
LEAST = 44  # pixels of what a finger takes hold of


@pytest.fixture
def sam(town: Town) -> Person:
    """Has three choices, on a phone."""
    with town.prepared():
        challenges = [make.challenge(title=title) for title in (BEES, CLAY, DOGS)]
        enrolment = make.enrolment(None, member("Sam Adeyemi"))
        make.application(enrolment, challenges, state=ApplicationState.DRAFT, submitted_at=None, statement="As I was.")
    sam = town.signs_in("Sam Adeyemi", PHONE)
    sam.goes_to("/choices")
    return sam


def order(page: Page) -> Locator:
    return page.locator("#choices h3")


def kept(town: Town) -> tuple[str, list[str]]:
    """What the draft holds: the statement, and the titles in order."""
    with town.copy.app.app_context():
        titles = {each.public_id: each.title for each in db.session.scalars(select(Challenge))}
        draft = db.session.scalars(select(Application)).one().working
        return draft.statement, [titles[each.challenge] for each in draft.choices]


def is_focused(sam: Person, button: str) -> None:
    expect(sam.page.get_by_role("button", name=button, exact=True)).to_be_focused()


def test_by_keys_alone(sam: Person) -> None:
    sam.presses_by_key(f"Up : {DOGS}")
    expect(order(sam.page)).to_have_text([BEES, DOGS, CLAY])
    is_focused(sam, f"Up : {DOGS}")
    sam.presses_focused("Space")
    expect(order(sam.page)).to_have_text([DOGS, BEES, CLAY])
    is_focused(sam, f"Down : {DOGS}")  # there is no way up any more
    sam.types({f"Place of {CLAY}": "1"})
    sam.page.keyboard.press("Enter")
    expect(order(sam.page)).to_have_text([CLAY, DOGS, BEES])
    expect(sam.page.locator("#saved")).to_have_text("Saved 09:00")
    if sam.town.has_script:
        expect(sam.page.get_by_label(f"Place of {CLAY}", exact=True)).to_be_focused()
        expect(sam.page.locator("#order-said")).to_have_text(f"“{CLAY}” is now your 1st choice of 3.")
        expect(sam.page.get_by_role("button", name=f"Up : {CLAY}", exact=True)).to_have_count(0)
    assert kept(sam.town)[1] == [CLAY, DOGS, BEES]
    sam.presses_by_key(f"Down : {CLAY}")
    expect(order(sam.page)).to_have_text([DOGS, CLAY, BEES])
    assert sam.page.locator(".handle").count() == (3 if sam.town.has_script else 0)
    assert sam.page.get_by_text("or drag it there").is_visible() is sam.town.has_script


@with_script
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["on a phone", "on a desk"])
def test_by_dragging(sam: Person, size: ViewportSize) -> None:
    sam.page.set_viewport_size(size)
    statement = sam.page.get_by_label("Your statement", exact=True)
    statement.fill("Half a sent")
    sam.page.get_by_text("Add a line for").last.click()
    sam.page.locator("[name=addition_3]").fill("I have a dog.")
    sam.page.locator("[name=addition_3]").focus()
    drag(sam.page, DOGS, BEES)
    expect(order(sam.page)).to_have_text([DOGS, BEES, CLAY])
    expect(sam.page.locator("#choices .caption")).to_have_text(["1st choice", "2nd choice", "3rd choice"])
    expect(sam.page.locator("#order-said")).to_have_text(f"“{DOGS}” is now your 1st choice of 3.")
    expect(sam.page.locator("#saved")).to_have_text("Saved 09:00")
    expect(sam.page.locator("[name=addition_1]")).to_be_focused()
    expect(sam.page.get_by_role("button", name=f"Up : {DOGS}", exact=True)).to_have_count(0)
    assert kept(sam.town) == ("Half a sent", [DOGS, BEES, CLAY])
    drag(sam.page, DOGS, CLAY)
    expect(order(sam.page)).to_have_text([BEES, CLAY, DOGS])
    sam.presses(f"Up : {CLAY}")
    expect(order(sam.page)).to_have_text([CLAY, BEES, DOGS])
    expect(sam.page.locator("[name=addition_3]")).to_have_value("I have a dog.")


def handle(page: Page, title: str) -> FloatRect:
    """Where a choice is taken hold of."""
    place = page.locator("#choices > li").filter(has_text=title).locator(".handle")
    box = cast(FloatRect, place.bounding_box())
    assert min(box["width"], box["height"]) >= LEAST
    return box


def drag(page: Page, title: str, onto: str) -> None:
    """Take a choice by its handle and let go of it where another stands."""
    page.set_viewport_size(ViewportSize(width=cast(ViewportSize, page.viewport_size)["width"], height=4000))
    here, there = handle(page, title), handle(page, onto)
    page.mouse.move(here["x"] + 20, here["y"] + 20)
    page.mouse.down()
    for part in range(1, 11):  # as slowly as a hand
        page.mouse.move(here["x"] + 20, here["y"] + 20 + (there["y"] - here["y"]) * part / 10)
        page.wait_for_timeout(40)
    page.mouse.up()


@with_script
def test_what_is_typed_is_there_after_the_window_is_closed(sam: Person) -> None:
    sam.writes({"Your statement": "Three words more"})
    expect(sam.page.locator("#saved")).to_have_text("Saved 09:00")
    again = another_window(sam)
    expect(again.get_by_label("Your statement", exact=True)).to_have_value("Three words more")
    again.get_by_label("Your statement", exact=True).fill("Four words more now")
    again.goto("about:blank")  # sooner than a pause is noticed
    last = another_window(sam)
    assert last.get_by_label("Your statement", exact=True).input_value() == "Four words more now"


def another_window(sam: Person) -> Page:
    """The page of choices in a window more, once what is on its way has come."""
    sam.page.wait_for_timeout(300)
    page = sam.page.context.new_page()
    page.goto(sam.town.address + "/choices")
    return page


@with_script
def test_what_was_submitted_is_said_to_be_another_as_soon_as_it_is(sam: Person) -> None:
    sam.presses("Check before submitting")
    sam.presses("Submit my choices")
    sam.goes_to("/choices")
    sam.sees("You have submitted these.")
    sam.writes({"Your statement": "Better words"})
    sam.sees("You have changed these since you submitted. What you submitted counts until you submit again")


@with_script
def test_an_old_window_loses_nothing_and_takes_nothing(sam: Person) -> None:
    old = another_window(sam)
    sam.writes({"Your statement": "From the new window"})
    expect(sam.page.locator("#saved")).to_have_text("Saved 09:00")
    old.get_by_label("Your statement", exact=True).fill("From the old one")
    expect(old.locator("#saved")).to_have_text(
        "Not saved. Your choices were changed somewhere else. Press “Save for later” to see both."
    )
    assert kept(sam.town)[0] == "From the new window"
    with old.expect_navigation():
        old.get_by_role("button", name="Save for later").click()
    expect(old.locator("main")).to_contain_text("From the new window")
    expect(old.get_by_label("Your statement", exact=True)).to_have_value("From the old one")


@with_script
def test_what_cannot_be_saved_says_why_and_stays(sam: Person) -> None:
    sam.writes({"Your statement": "x" * 2001})
    expect(sam.page.locator("#saved")).to_have_text("Not saved. Your statement: use at most 2,000 characters.")
    expect(sam.page.get_by_label("Your statement", exact=True)).to_have_value("x" * 2001)


@with_script
def test_without_a_connection_it_says_so_and_a_button_still_sends_everything(sam: Person) -> None:
    sam.page.route("**/choices/draft", lambda route: route.abort())
    sam.writes({"Your statement": "On the Northern line"})
    expect(sam.page.locator("#saved")).to_have_text("Not saved yet: there is no connection. It is tried again.")
    sam.page.unroute("**/choices/draft")
    sam.wrong.clear()
    sam.presses("Save for later")
    assert kept(sam.town) == ("On the Northern line", [BEES, CLAY, DOGS])


@with_script
def test_a_button_pressed_while_a_save_is_on_its_way_waits_for_it(sam: Person) -> None:
    sam.page.evaluate(
        "() => { const real = window.fetch; window.fetch = async (...asked) => {"
        " const answer = await real(...asked); await new Promise(go => setTimeout(go, 800)); return answer; } }"
    )
    with sam.page.expect_request("**/choices/draft"):
        sam.writes({"Your statement": "Typed, then pressed at once"})
    sam.presses(f"Up : {DOGS}")
    expect(order(sam.page)).to_have_text([BEES, DOGS, CLAY])
    assert kept(sam.town) == ("Typed, then pressed at once", [BEES, DOGS, CLAY])


@with_script
def test_by_a_finger(sam: Person) -> None:
    sam.page.set_viewport_size(ViewportSize(width=375, height=4000))
    finger = sam.page.context.new_cdp_session(sam.page)
    here, there = handle(sam.page, DOGS), handle(sam.page, BEES)

    def touches(kind: str, *down: float) -> None:
        points = [{"x": here["x"] + 20, "y": y} for y in down]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        sam.page.wait_for_timeout(40)

    touches("touchStart", here["y"] + 20)
    for part in range(1, 11):
        touches("touchMove", here["y"] + 20 + (there["y"] - here["y"]) * part / 10)
    touches("touchEnd")
    expect(order(sam.page)).to_have_text([DOGS, BEES, CLAY])
    expect(sam.page.locator("#saved")).to_have_text("Saved 09:00")
    assert kept(sam.town)[1] == [DOGS, BEES, CLAY]
