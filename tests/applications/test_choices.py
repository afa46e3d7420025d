"""The page on which choices are put in order, checking and submitting them, the receipt, withdrawing."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.accounts.models import Account
from placements.applications.models import Application, Receipt
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment
from placements.cohorts.workflow import EnrolmentState
from placements.db import db
from tests import factories as make
from tests.applications.scene import student
from tests.client import PageClient, counting_queries
from tests.databases import seeding
from tests.page import Page, elements, text_of

DRAFT = "/choices/draft"
CHOICES_QUERIES = (
    8  # account, roles, enrolment with draft and needs, application, preferences, challenges, outlook; is it a demo
)


def order(page: Page) -> list[str]:
    """The titles of the choices, the first first."""
    return [text_of(each) for each in elements(page.main, "h3")]


def drafted(
    app: Flask, *titles: str, state: ApplicationState = ApplicationState.DRAFT
) -> tuple[Account, list[Challenge]]:
    """A student with these challenges in the draft, or submitted."""
    with seeding(app):
        account, enrolment = student()
        challenges = [make.challenge(title=title) for title in titles]
        when = None if state is ApplicationState.DRAFT else make.NOW
        make.application(enrolment, challenges, state=state, statement="I like maps.", submitted_at=when)
    return account, challenges


def submitted(app: Flask) -> list[tuple[str, str, str]]:
    """What the database holds of the only application: statement, and the titles and additions in order."""
    with app.app_context():
        found = db.session.scalars(select(Application)).one()
        return [(found.statement, each.challenge.title, each.addition) for each in found.preferences]


def test_the_page_starts_by_leading_to_the_challenges(database: Flask, client: PageClient) -> None:
    with seeding(database):
        account, _ = student()
    client.sign_in_as(account)
    page = client.page("/choices")
    assert "No choices yet" in page.text
    assert page.link("Find challenges") == "/find"


def test_up_and_down_move_one_choice_and_keep_what_was_typed(database: Flask, client: PageClient) -> None:
    account, (first, _, third) = drafted(database, "First", "Second", "Third")
    client.sign_in_as(account)
    page = client.page("/choices")
    assert order(page) == ["First", "Second", "Third"]
    typed = {"statement": "Typed, not saved", "addition_1": "For the first", "addition_3": "For the third"}
    answer = client.submit(page.form(DRAFT), typed, button="Down: First", follow=False)
    assert answer.location == f"/choices#down-{first.public_id}"
    page = client.page("/choices")
    assert order(page) == ["Second", "First", "Third"]
    values = page.form(DRAFT).values
    assert values["statement"] == ["Typed, not saved"]
    assert [values[f"addition_{rank}"] for rank in (1, 2, 3)] == [[""], ["For the first"], ["For the third"]]
    page = client.submit(page.form(DRAFT), button="Up: Third")
    assert order(page) == ["Second", "Third", "First"]
    answer = client.submit(page.form(DRAFT), button="Up: Third", follow=False)
    assert answer.location == f"/choices#down-{third.public_id}"  # it is first: there is no other button


def test_places_are_typed_and_any_button_puts_them_so(database: Flask, client: PageClient) -> None:
    account, _ = drafted(database, "First", "Second", "Third")
    client.sign_in_as(account)
    page = client.page("/choices")
    typed = {"place_3": "1", "addition_3": "For the third"}
    page = client.submit(page.form(DRAFT), typed, button="Save for later")
    assert order(page) == ["Third", "First", "Second"]
    values = page.form(DRAFT).values
    assert [values[f"place_{rank}"] for rank in (1, 2, 3)] == [["1"], ["2"], ["3"]]
    assert values["addition_1"] == ["For the third"]
    page = client.submit(page.form(DRAFT), {"place_1": "2", "place_2": ""}, button="Up: Second")
    assert order(page) == ["First", "Second", "Third"]
    page = client.submit(page.form(DRAFT), {"place_1": "first", "statement": "Typed"}, button="Save for later")
    assert (page.status, page.errors) == (422, ["Enter a whole number from 1 to 6"])
    assert (order(page), page.form(DRAFT).values["statement"]) == (["First", "Second", "Third"], ["Typed"])


def test_the_enter_key_saves_and_moves_nothing(database: Flask, client: PageClient) -> None:
    account, _ = drafted(database, "First", "Second")
    client.sign_in_as(account)
    form = client.page("/choices").form(DRAFT)
    pressed = form.button()
    assert pressed is not None
    assert pressed.value == "save"
    assert order(client.submit(form)) == ["First", "Second"]


def test_the_ends_have_no_button_that_leads_nowhere(database: Flask, client: PageClient) -> None:
    account, _ = drafted(database, "First", "Second")
    client.sign_in_as(account)
    buttons = [button.text for button in client.page("/choices").form(DRAFT).buttons]
    assert buttons == [
        "Save for later",  # what the Enter key presses; not shown
        "Down: First",
        "Remove: First",
        "Up: Second",
        "Remove: Second",
        "Check before submitting",
        "Save for later",
    ]


def test_removing_and_saving_for_later(database: Flask, client: PageClient, clock: Any) -> None:
    account, _ = drafted(database, "First", "Second")
    client.sign_in_as(account)
    clock.now += timedelta(hours=5, minutes=3)
    page = client.submit(client.page("/choices").form(DRAFT), button="Remove: First")
    assert order(page) == ["Second"]
    page = client.submit(page.form(DRAFT), {"statement": "Later"}, button="Save for later")
    assert "Saved 14:03" in page.text
    assert page.form(DRAFT).values["statement"] == ["Later"]


def test_a_text_too_long_is_shown_again_and_nothing_else_is_lost(database: Flask, client: PageClient) -> None:
    account, _ = drafted(database, "First", "Second")
    client.sign_in_as(account)
    typed = {"statement": "x" * 2001, "addition_2": "y" * 501}
    page = client.submit(client.page("/choices").form(DRAFT), typed, button="Down: First")
    assert page.status == 422
    assert page.errors == [
        "Your statement: use at most 2,000 characters",
        "Only for this organisation (optional): use at most 500 characters",
    ]
    values = page.form(DRAFT).values
    assert (values["statement"], values["addition_2"]) == (["x" * 2001], ["y" * 501])
    assert order(page) == ["First", "Second"]


def test_line_ends_count_as_one_character_as_the_page_counts_them(database: Flask, client: PageClient) -> None:
    account, _ = drafted(database, "First")
    client.sign_in_as(account)
    page = client.submit(client.page("/choices").form(DRAFT), {"statement": "x\r\n" * 999 + "xy"})
    assert (page.status, page.errors) == (200, [])


def test_a_page_left_open_elsewhere_shows_both_texts_and_saves_yours_when_you_say_so(
    database: Flask, client: PageClient
) -> None:
    account, _ = drafted(database, "First", "Second")
    client.sign_in_as(account)
    laptop = client.page("/choices").form(DRAFT)
    client.submit(client.page("/choices").form(DRAFT), {"statement": "From the phone"}, button="Up: Second")
    page = client.submit(laptop, {"statement": "From the laptop"}, button="Save for later")
    assert page.status == 422
    assert "Your choices were changed somewhere else" in page.errors[0]
    assert "From the phone" in page.text
    assert page.form(DRAFT).values["statement"] == ["From the laptop"]
    page = client.submit(page.form(DRAFT), button="Save for later")
    assert (page.status, page.form(DRAFT).values["statement"]) == (200, ["From the laptop"])
    assert order(page) == ["First", "Second"]


def test_a_repeated_press_of_the_same_button_is_already_done(database: Flask, client: PageClient) -> None:
    account, _ = drafted(database, "First", "Second", "Third")
    client.sign_in_as(account)
    form = client.page("/choices").form(DRAFT)
    for _ in range(2):
        page = client.submit(form, button="Down: First")
    assert (page.status, order(page)) == (200, ["Second", "First", "Third"])


def test_checking_shows_what_organisations_read_and_submitting_gives_a_receipt(
    database: Flask, client: PageClient
) -> None:
    account, _ = drafted(database, "First", "Second")
    client.sign_in_as(account)
    page = client.submit(
        client.page("/choices").form(DRAFT), {"addition_2": "I live next door."}, button="Check before submitting"
    )
    assert page.h1 == "Check your choices"
    for said in ("Amina Yusuf", "Psychology BSc", "I like maps.", "I live next door.", "Nobody there sees your order"):
        assert said in page.text
    assert "in 10 days" in page.text
    page = client.submit(page.form("/choices/check"))
    assert page.h1 == "Your choices are in"
    with database.app_context():
        assert db.session.scalars(select(Receipt)).one().number in page.text
    for said in ("First", "Second", "I live next door.", "I like maps.", "amina@example.org"):
        assert said in page.text
    assert submitted(database) == [("I like maps.", "First", ""), ("I like maps.", "Second", "I live next door.")]


def test_submitting_twice_is_once(database: Flask, client: PageClient) -> None:
    account, _ = drafted(database, "First")
    client.sign_in_as(account)
    form = client.page("/choices/check").form("/choices/check")
    pages = [client.submit(form) for _ in range(2)]
    assert [page.h1 for page in pages] == ["Your choices are in"] * 2
    assert len(submitted(database)) == 1


def test_what_was_not_read_is_not_submitted(database: Flask, client: PageClient) -> None:
    account, _ = drafted(database, "First", "Second")
    client.sign_in_as(account)
    check = client.page("/choices/check").form("/choices/check")
    client.submit(client.page("/choices").form(DRAFT), {"statement": "New words"}, button="Up: Second")
    page = client.submit(check)
    assert page.status == 422
    assert page.errors == [
        "Your choices were changed somewhere else since you opened this page. Read them again as they are now, then submit."
    ]
    assert "New words" in page.text
    assert client.submit(page.form("/choices/check")).h1 == "Your choices are in"
    assert submitted(database)[0] == ("New words", "Second", "")


def test_a_challenge_that_was_paused_is_said_on_both_pages(database: Flask, client: PageClient) -> None:
    account, (first, _) = drafted(database, "First", "Second")
    with database.app_context():
        db.session.get_one(Challenge, first.id).state = ChallengeState.PAUSED
        db.session.commit()
    client.sign_in_as(account)
    assert "Not open at present" in client.page("/choices").text
    page = client.page("/choices/check")
    assert "“First” is not open to students at present. Remove it, then submit." in page.text
    assert "Submit my choices" not in page.text


def test_what_was_submitted_stands_until_the_changes_are_submitted(database: Flask, client: PageClient) -> None:
    account, _ = drafted(database, "First", "Second", state=ApplicationState.SUBMITTED)
    client.sign_in_as(account)
    page = client.page("/choices")
    assert "You have submitted these." in page.text
    page = client.submit(page.form(DRAFT), button="Up: Second")
    assert "What you submitted counts until you submit again" in page.text
    assert [title for _, title, _ in submitted(database)] == ["First", "Second"]
    assert text_of(client.page("/choices/receipt").main).index("First") < client.page("/choices/receipt").text.index(
        "Second"
    )


def test_withdrawing_asks_first_and_keeps_the_draft(database: Flask, client: PageClient) -> None:
    account, _ = drafted(database, "First", state=ApplicationState.SUBMITTED)
    client.sign_in_as(account)
    page = client.page(client.page("/choices/receipt").link("Withdraw them"))
    assert "Your draft is kept." in page.text
    page = client.submit(page.form("/choices/withdraw"))
    assert "Your choices are withdrawn." in page.text
    assert order(page) == ["First"]
    assert submitted(database) == []
    client.page("/choices/receipt", status=404)
    client.page("/choices/withdraw", status=409)


SHUT = {
    (ApplicationState.DRAFT, -9): "You can choose from Mon 12 Oct 2026, 9am.",
    (ApplicationState.DRAFT, 10): "Nothing submitted",
    (ApplicationState.SUBMITTED, 10): "Placements start on Mon 16 Nov 2026.",
}


@pytest.mark.parametrize("case", SHUT)
def test_outside_the_window_the_page_is_for_reading_and_says_what_is_next(
    database: Flask, client: PageClient, clock: Any, case: tuple[ApplicationState, int]
) -> None:
    state, days = case
    account, _ = drafted(database, "First", state=state)
    clock.now += timedelta(days=days)
    client.sign_in_as(account)
    page = client.page("/choices")
    assert SHUT[case] in page.text
    assert list(elements(page.main, "form")) == []


WHY_NOT = {
    EnrolmentState.PLACED: "You have a place, so there is nothing to choose.",
    EnrolmentState.DEFERRED: "You are not looking for a placement at present.",
    EnrolmentState.WITHDRAWN: "You are not looking for a placement at present.",
}
NOT_FOR_THEM = ("You can still get a place", "You may change your choices", "What happens next", "counts")


@pytest.mark.parametrize("state", WHY_NOT)
@pytest.mark.parametrize("case", [*product((ApplicationState.DRAFT, ApplicationState.SUBMITTED), (-9, 0, 10))])
def test_who_is_not_to_be_placed_is_told_that_alone(
    database: Flask, client: PageClient, clock: Any, state: EnrolmentState, case: tuple[ApplicationState, int]
) -> None:
    was, days = case
    account, _ = drafted(database, "First", state=was)
    with database.app_context():
        db.session.scalars(select(Enrolment)).one().state = state
        db.session.commit()
    clock.now += timedelta(days=days)
    client.sign_in_as(account)
    paths = ["/choices", "/choices/check", *(["/choices/receipt"] if was is ApplicationState.SUBMITTED else [])]
    for path in paths:
        page = client.page(path)
        assert WHY_NOT[state] in page.text
        assert [said for said in NOT_FOR_THEM if said in page.text] == []
    links = {link.text for link in client.page("/choices").links}
    assert ("See exactly what you submitted" in links) == (was is ApplicationState.SUBMITTED)


def test_what_is_typed_when_the_window_closes_is_shown_again(database: Flask, client: PageClient, clock: Any) -> None:
    account, _ = drafted(database, "First")
    client.sign_in_as(account)
    form, check = client.page("/choices").form(DRAFT), client.page("/choices/check").form("/choices/check")
    clock.now += timedelta(days=10)
    page = client.submit(form, {"statement": "A minute late"}, button="Save for later")
    assert page.errors == ["Choosing closed on Fri 30 Oct 2026, 8am, so your choices can no longer be changed."]
    assert page.form(DRAFT).values["statement"] == ["A minute late"]
    page = client.submit(check)
    assert "Nothing is submitted. Your draft is kept." in page.text
    assert submitted(database) == []


@pytest.mark.parametrize("choices", [1, 6])
def test_the_page_asks_as_many_questions_however_many_choices(
    database: Flask, client: PageClient, choices: int
) -> None:
    account, _ = drafted(database, *"ABCDEF"[:choices], state=ApplicationState.SUBMITTED)
    client.sign_in_as(account)
    with counting_queries() as queries:
        page = client.page("/choices")
    assert len(order(page)) == choices
    assert queries.count == CHOICES_QUERIES
