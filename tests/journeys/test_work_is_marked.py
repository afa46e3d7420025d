"""A tutor marks three scripts on a Sunday night by the keys of a keyboard; a window left open elsewhere loses nothing."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from placements.assessment.workflow import SubmissionState
from placements.cohorts.models import ComponentKind
from tests import factories as make
from tests.browser import PHONE, USER_AGENT
from tests.journeys.people import Person, Town, member

pytestmark = pytest.mark.browser

FIELD = "Understanding of the challenge"
KEPT = "Say where each figure comes from."


def test_work_is_marked(town: Town) -> None:
    with town.prepared():
        three_portfolios()
    tariq = town.signs_in("Tariq Bell")
    tariq.chooses_from_menu("Marking")
    tariq.sees("0 of 3 marked")
    tariq.follows("Mark the first that waits")
    tariq.sees("3 left to mark", "The mark is due back Mon 9 Nov 2026")
    if not town.has_script:
        he_marks_by_buttons(tariq)
        return
    nobody_is_told_of_keys_on_a_phone(tariq)
    elsewhere = he_leaves_a_window_open(tariq)
    he_marks_by_keys(tariq)
    what_he_types_elsewhere_is_a_conflict(tariq, elsewhere)
    he_goes_on_to_the_last(tariq)


def three_portfolios() -> None:
    run = make.run()
    group = make.group(run, member("Tariq Bell"))
    due_at = make.NOW - timedelta(hours=15)
    portfolio = make.component(ComponentKind.PORTFOLIO, run, due_at=due_at)
    make.bank_comment(group.tutor, KEPT, criterion=FIELD)
    for name in ("Ada Abbot", "Ben Brown", "Cai Clark"):
        student = make.enrolment(group, member(name))
        make.placement(student)
        handed_in = {
            "state": SubmissionState.RECEIVED,
            "received_at": due_at - timedelta(hours=1),
            "receipt": "ABCD-2345",
        }
        make.submission(student, portfolio, **handed_in)
        make.mark(student, portfolio, None)


def he_marks_by_buttons(tariq: Person) -> None:
    tariq.writes({f"Comment for {FIELD}": "Well read."})
    tariq.picks(f"One of your comments for {FIELD}", KEPT)
    tariq.presses("Add to comment")
    tariq.sees("The draft is saved.")
    assert tariq.page.get_by_label(f"Comment for {FIELD}").input_value() == f"Well read.\n\n{KEPT}"
    scores = {f"Score for {name}": "62" for name in (FIELD, "Logbook and reflection", "Writing")}
    tariq.writes({**scores, "Feedback on the whole": "Well done."})
    tariq.presses("Submit the mark")
    tariq.sees("The mark is submitted.", "62, not released yet")
    tariq.follows("Mark the next script")
    tariq.sees("Ben Brown", "2 left to mark")


def nobody_is_told_of_keys_on_a_phone(tariq: Person) -> None:
    expect(tariq.page.get_by_text("Use these keys")).to_be_visible()
    signed_in = tariq.page.context.storage_state()
    phone = tariq.town.browser.new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, user_agent=USER_AGENT, storage_state=signed_in
    )
    page = phone.new_page()
    page.goto(tariq.page.url)
    expect(page.get_by_label(f"Score for {FIELD}")).to_be_visible()
    expect(page.get_by_text("Use these keys")).to_be_hidden()
    phone.close()


def he_leaves_a_window_open(tariq: Person) -> Page:
    """The same script, as it was before he began."""
    elsewhere = tariq.page.context.new_page()
    elsewhere.goto(tariq.page.url)
    return elsewhere


def under_his_fingers(page: Page) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.name"))


def he_marks_by_keys(tariq: Person) -> None:
    keys = tariq.page.keyboard
    keys.press("j")
    assert under_his_fingers(tariq.page) == FIELD
    keys.type("62")
    keys.press("Enter")  # leaves the field, and sends nothing
    assert under_his_fingers(tariq.page) == FIELD
    keys.press("c")
    keys.type("Just jgnskp jokes.")
    keys.press("Escape")
    keys.press("b")
    keys.press("ArrowDown")
    expect(tariq.page.get_by_label(f"Comment for {FIELD}")).to_have_value(f"Just jgnskp jokes.\n\n{KEPT}")
    keys.press("Escape")
    for score in ("58", "71"):
        keys.press("j")
        keys.type(score)
        keys.press("Escape")
    keys.press("j")
    keys.press("k")
    assert under_his_fingers(tariq.page) == "Writing"
    expect(tariq.page.get_by_role("complementary", name="Evidence")).to_be_in_viewport(ratio=0.9)
    expect(tariq.page.get_by_text("Saved 09:00.")).to_be_visible()
    expect(tariq.page.get_by_text("These scores come to 63.")).to_be_visible()


def what_he_types_elsewhere_is_a_conflict(tariq: Person, elsewhere: Page) -> None:
    elsewhere.get_by_label("Feedback on the whole").fill("Typed in the other window.")
    expect(elsewhere.get_by_text("Tariq Bell saved this mark after you opened it.")).to_be_visible()
    elsewhere.get_by_role("button", name="Save draft").click()
    expect(elsewhere.get_by_role("heading", name="What is saved now, by Tariq Bell")).to_be_visible()
    expect(elsewhere.get_by_label("Feedback on the whole")).to_have_value("Typed in the other window.")
    expect(elsewhere.get_by_role("main")).to_contain_text("Just jgnskp jokes.")
    elsewhere.close()
    tariq.looks_again()
    expect(tariq.page.get_by_label(f"Score for {FIELD}")).to_have_value("62")


def he_writes_the_whole(tariq: Person, words: str) -> None:
    for _ in range(4):
        tariq.page.keyboard.press("j")
    assert under_his_fingers(tariq.page) == "On the whole"
    tariq.page.keyboard.press("c")
    tariq.page.keyboard.type(words)
    tariq.page.keyboard.press("Escape")


def he_submits(tariq: Person) -> None:
    with tariq.page.expect_navigation():
        tariq.page.keyboard.press("g")
    tariq.sees("The mark is submitted.")


def he_goes_on_to_the_last(tariq: Person) -> None:
    keys = tariq.page.keyboard
    he_writes_the_whole(tariq, "Good.")
    he_submits(tariq)
    for name, left in (("Ben Brown", "2 left to mark"), ("Cai Clark", "1 left to mark")):
        with tariq.page.expect_navigation():
            keys.press("n")
        tariq.sees(name, left)
        for _ in range(3):
            keys.press("j")
            keys.type("55")
            keys.press("Escape")
        he_writes_the_whole(tariq, "Fair.")
        he_submits(tariq)
    tariq.chooses_from_menu("Marking")
    tariq.sees("3 of 3 marked")
