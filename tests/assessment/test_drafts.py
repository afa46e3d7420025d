"""A draft of work: on the server, its student's alone, and never handed in unless they press."""

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.assessment.models import HandIn, Submission
from placements.db import db
from placements.drafting.models import Draft, DraftFile
from placements.files.models import StoredFile
from tests.assessment.scene import HOUR, Scene, scene, seeded
from tests.client import PageClient
from tests.conftest import Clock
from tests.factories import NOW
from tests.files.samples import PDF
from tests.page import File, Page

DUE = NOW + HOUR
TEXT = "Listening first saved us a month."


@pytest.fixture
def of(database: Flask) -> Scene:
    made: Scene = seeded(database, lambda: scene(students=2, due=DUE))
    return made


@pytest.fixture
def student(of: Scene, client: PageClient) -> PageClient:
    client.sign_in_as(of.students[0])
    return client


def url_of(of: Scene) -> str:
    return f"/assessment/{of.portfolio.public_id}"


def press(client: PageClient, of: Scene, button: str, *files: tuple[str, bytes], **typed: Any) -> Page:
    form = client.page(url_of(of)).form(url_of(of))
    sent: list[File] = [(io.BytesIO(content), name) for name, content in files]
    return client.submit(form, {**typed, **({"files": sent} if sent else {})}, button=button)  # type: ignore[dict-item]


def rows(app: Flask, *models: type[Any]) -> list[int]:
    with app.app_context():
        return [db.session.scalar(select(func.count()).select_from(each)) or 0 for each in models]


def test_a_draft_is_there_again_and_is_not_handed_in(of: Scene, student: PageClient, database: Flask) -> None:
    page = press(student, of, "Save draft", ("Portfolio.pdf", PDF), text=TEXT)
    assert "Your draft is saved. It is not handed in yet." in page.text
    page = student.page(url_of(of))
    assert page.form(url_of(of)).values["text"] == [TEXT]
    assert "Not handed in This is a draft that only you can see, saved Tue 20 Oct 2026, 9am." in page.text
    assert student.get(page.link("Portfolio.pdf")).data == PDF
    assert rows(database, Submission, Draft, DraftFile) == [0, 1, 1]
    work = student.page("/assessment")
    assert "You have a draft, saved Tue 20 Oct 2026, 9am. It is not handed in." in work.text


def test_what_is_checked_is_what_is_handed_in(of: Scene, student: PageClient, database: Flask) -> None:
    page = press(student, of, "Check your answers", ("Portfolio.pdf", PDF), text=TEXT)
    assert page.h1 == "Check what you hand in"
    assert "Nothing is handed in before you press the button below, by Tue 20 Oct 2026, 10am (in 1 hour)." in page.text
    assert "Text 6 words" in page.text
    assert f"Your text, as it will be read {TEXT}" in page.text
    assert "Your logbook: no visits, 0 h confirmed, 0 h waiting" in page.text
    assert rows(database, Submission) == [0]
    page = student.submit(page.form())
    assert "Received. Your receipt number is" in page.text
    assert f"The text {TEXT}" in page.text
    assert "Portfolio.pdf" in page.text
    assert rows(database, Draft, DraftFile, HandIn, StoredFile) == [0, 0, 1, 1]


def test_pressing_twice_is_one_receipt(of: Scene, student: PageClient, database: Flask) -> None:
    form = press(student, of, "Check your answers", text=TEXT).form()
    first = student.submit(form)
    assert student.submit(form).url == first.url
    assert rows(database, HandIn) == [1]


def test_what_was_changed_in_another_window_is_checked_again(of: Scene, student: PageClient, database: Flask) -> None:
    form = press(student, of, "Check your answers", text=TEXT).form()
    press(student, of, "Save draft", text="Something else.")
    page = student.submit(form)
    assert page.status == 422
    assert page.errors == ["Your draft was changed after you opened this page. Read it as it is now, then hand it in."]
    assert "Something else." in page.text
    assert rows(database, HandIn) == [0]
    student.submit(page.form())
    assert rows(database, HandIn) == [1]


def test_two_windows_lose_neither_text(of: Scene, student: PageClient) -> None:
    old = student.page(url_of(of)).form(url_of(of))
    press(student, of, "Save draft", text="From the phone.")
    page = student.submit(old, text="From the library.", button="Save draft")
    assert page.status == 422
    assert "Your draft was changed in another window, or handed in, after you opened this page." in page.errors[0]
    assert page.form(url_of(of)).values["text"] == ["From the library."]
    assert "What is saved now From the phone." in page.text
    student.submit(page.form(url_of(of)), button="Save draft")
    assert student.page(url_of(of)).form(url_of(of)).values["text"] == ["From the library."]


def autosave(client: PageClient, of: Scene, text: str, version: str) -> Any:
    token = client.page(url_of(of)).form(url_of(of)).values["csrf_token"][0]
    typed = {"csrf_token": token, "text": text, "version": version, "do": "save"}
    return client.post(f"{url_of(of)}/draft", data=typed)


def test_typing_saves_itself_and_never_over_another_windows_text(of: Scene, student: PageClient) -> None:
    assert autosave(student, of, "Half a sent", "0").json == {"saved_at": "09:00", "version": "1"}
    assert autosave(student, of, "Half a sentence.", "1").json == {"saved_at": "09:00", "version": "2"}
    assert autosave(student, of, "An older page.", "1").status_code == 409
    assert autosave(student, of, "x" * 50_001, "2").status_code == 422
    assert student.page(url_of(of)).form(url_of(of)).values["text"] == ["Half a sentence."]


def test_a_page_that_was_left_open_does_not_bring_back_what_was_handed_in(of: Scene, student: PageClient) -> None:
    autosave(student, of, TEXT, "0")
    press(student, of, "Hand in now")
    assert autosave(student, of, f"{TEXT} More.", "1").status_code == 409
    assert student.page(url_of(of)).form(url_of(of)).values["text"] == [""]


def test_files_are_added_removed_and_never_kept_twice(of: Scene, student: PageClient, database: Flask) -> None:
    press(student, of, "Save draft", ("A.pdf", PDF), ("B.pdf", PDF + b"b"))
    press(student, of, "Save draft", ("A.pdf", PDF))
    assert rows(database, DraftFile, StoredFile) == [2, 2]
    page = press(student, of, "Remove A.pdf", text="Still typed.")
    assert "A.pdf" not in page.text
    assert page.form(url_of(of)).values["text"] == ["Still typed."]
    assert rows(database, DraftFile, StoredFile) == [1, 1]
    page = press(student, of, "Save draft", *((f"{number}.pdf", PDF + bytes([number])) for number in range(5)))
    assert page.errors == ["Choose at most 5 files. Remove one that is here, then add another."]


def test_an_empty_file_and_an_empty_form_say_what_to_do(of: Scene, student: PageClient, database: Flask) -> None:
    page = press(student, of, "Check your answers", ("Portfolio.pdf", b""))
    assert page.errors == ["“Portfolio.pdf” is empty. Choose the file again."]
    assert press(student, of, "Check your answers").errors == ["Write your text, or choose the file to hand in"]
    assert student.get(f"{url_of(of)}/check").location == url_of(of)
    assert rows(database, Submission, DraftFile) == [0, 0]


def test_what_is_in_can_be_begun_from_and_stands_until_then(of: Scene, student: PageClient, database: Flask) -> None:
    press(student, of, "Hand in now", ("Portfolio.pdf", PDF), text=TEXT)
    page = student.page(url_of(of))
    page = student.submit(page.form("Start from what I handed in"))
    assert page.form(url_of(of)).values["text"] == [TEXT]
    assert "Portfolio.pdf" in page.text
    assert rows(database, HandIn) == [1]
    page = student.submit(page.form(url_of(of)), text=f"{TEXT} More.", button="Hand in now")
    assert "Text 7 words" in page.text
    assert rows(database, HandIn, Draft) == [2, 0]


def test_the_same_draft_again_is_the_same_receipt(of: Scene, student: PageClient, database: Flask) -> None:
    press(student, of, "Hand in now", ("Portfolio.pdf", PDF), text=TEXT)
    press(student, of, "Hand in now", ("Portfolio.pdf", PDF), text=TEXT)
    assert rows(database, HandIn, StoredFile, Draft) == [1, 1, 0]


def test_a_draft_from_before_the_deadline_is_late_when_it_is_handed_in_after_it(
    of: Scene, student: PageClient, clock: Clock, database: Flask
) -> None:
    press(student, of, "Save draft", text=TEXT)
    clock.now = DUE + timedelta(seconds=1)
    page = press(student, of, "Check your answers")
    assert "Late work is not accepted." in page.text
    page = student.submit(page.form(), button="Send it late")
    assert "Late The deadline was Tue 20 Oct 2026, 10am, so it was 1 day late" in page.text


def test_close_to_the_deadline_handing_in_comes_first(of: Scene, student: PageClient, clock: Clock) -> None:
    buttons = [each.text for each in student.page(url_of(of)).form(url_of(of)).buttons]
    assert buttons == ["Check your answers", "Hand in now", "Save draft"]
    clock.now = DUE - timedelta(minutes=29)
    page = student.page(url_of(of))
    assert [each.text for each in page.form(url_of(of)).buttons] == ["Hand in now", "Check your answers", "Save draft"]
    assert "There is little time left." in page.text


def test_nobody_else_finds_it(of: Scene, student: PageClient, client: PageClient) -> None:
    page = press(student, of, "Save draft", ("Portfolio.pdf", PDF), text=TEXT)
    there = page.link("Portfolio.pdf")
    for account in (of.students[1], of.tutor, of.leader):
        client.sign_in_as(account)
        assert client.get(there).status_code in (403, 404)
    client.sign_in_as(of.students[1])
    assert client.page(url_of(of)).form(url_of(of)).values["text"] == [""]
