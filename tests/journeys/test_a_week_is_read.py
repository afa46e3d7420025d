"""A tutor reads the week's visits by the keys of a keyboard: next, comment, read; without script, by its buttons."""

from datetime import date

import pytest
from playwright.sync_api import expect

from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.journeys.people import Person, Town, member

pytestmark = pytest.mark.browser


def test_a_week_is_read_by_keys(town: Town) -> None:
    with town.prepared():
        three_visits()
    tariq = town.signs_in("Tariq Bell")
    tariq.chooses_from_menu("Logbooks")
    tariq.follows("Read this week’s visits")
    tariq.sees("Start at the top: 3 visits are unread.")
    if not town.has_script:
        tariq.presses("Mark all shown as read")
        tariq.sees("3 visits marked as read.", "You have read everything.")
        return
    tariq.sees("Keys: j next visit")
    he_goes_on_and_back(tariq)
    he_comments(tariq)
    he_marks_one_as_read(tariq)


def three_visits() -> None:
    run = make.run()
    sam = make.enrolment(make.group(run, member("Tariq Bell")), member("Sam Adeyemi"))
    placement = make.placement(sam, state=PlacementState.ACTIVE)
    for day, activity in ((14, "Filmed."), (15, "Cut."), (16, "Showed it.")):
        make.entry(placement, on=date(2026, 10, day), activity=activity)
    make.phrase(sam.group.tutor, "Well observed.")


def at(tariq: Person) -> str:
    """What of the visit stands under his fingers."""
    return str(tariq.page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.name"))


def he_goes_on_and_back(tariq: Person) -> None:
    said = []
    for key in ("j", "j", "k"):
        tariq.page.keyboard.press(key)
        said.append(at(tariq).removeprefix("Sam Adeyemi, ")[:10])
    assert said == ["Wed 14 Oct", "Thu 15 Oct", "Wed 14 Oct"]


def he_comments(tariq: Person) -> None:
    tariq.page.keyboard.press("c")
    assert at(tariq) == "text"
    tariq.page.keyboard.type("Just krc jokes.")
    first = tariq.page.get_by_role("article").first
    first.get_by_label("One of your phrases").select_option("Well observed.")
    expect(first.get_by_label("Comment")).to_have_value("Just krc jokes.\n\nWell observed.")
    tariq.presses("Comment", first)
    tariq.sees("Sam Adeyemi has been told.", "2 visits are unread", "Well observed.")


def he_marks_one_as_read(tariq: Person) -> None:
    tariq.page.keyboard.press("j")
    with tariq.page.expect_navigation():
        tariq.page.keyboard.press("r")
    tariq.sees("1 visit marked as read.", "1 visit is unread")
    tariq.page.get_by_label("Use these keys").uncheck()
    tariq.page.keyboard.press("j")
    assert at(tariq) != "Sam Adeyemi, Fri 16 Oct 2026, 1pm to 5pm"
