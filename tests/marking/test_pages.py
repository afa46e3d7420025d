"""The marking page: saved by itself, comments from the bank, conflicts that lose nothing, on to the next script."""

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from placements.assessment.models import Mark
from placements.bank.models import BankComment
from placements.core.policy import Principal
from placements.db import db
from placements.marking.actions import save_draft
from tests import factories as make
from tests.assessment.scene import Scene, hand_in, judgement, mark_it, scene, seeded
from tests.client import PageClient
from tests.databases import seeding
from tests.factories import NOW
from tests.page import Page


def in_hand(students: int = 2) -> Scene:
    of = scene(students)
    for place in range(students):
        hand_in(of, place)
    return of


@pytest.fixture
def of(database: Flask) -> Scene:
    made: Scene = seeded(database, in_hand)
    return made


@pytest.fixture
def tutor(of: Scene, client: PageClient) -> PageClient:
    client.sign_in_as(of.tutor)
    return client


def opened(client: PageClient, name: str = "Student1 Okoro") -> Page:
    return client.page(client.page("/marking").link(name))


def saved_by_itself(client: PageClient, page: Page, **typed: str) -> TestResponse:
    """What the page's script posts, and asks for."""
    sent = page.form().filled(typed)
    return client.post(page.url, data=sent, headers={"Accept": "application/json"})


def test_a_page_that_saves_by_itself_is_told_when_and_what_it_comes_to(of: Scene, tutor: PageClient) -> None:
    page = opened(tutor)
    first = saved_by_itself(tutor, page, score_1="62")
    assert first.json == {
        "saved_at": "09:00",
        "version": 2,
        "comes_to": "Give each criterion a score, and write the feedback on the whole.",
    }
    second = saved_by_itself(tutor, page, version="2", score_1="62", score_2="58", score_3="71")
    assert second.json == {"saved_at": "09:00", "version": 3, "comes_to": "These scores come to 63."}
    assert opened(tutor).form().values["score_3"] == ["71"]


def test_what_cannot_be_read_is_not_saved_and_said(of: Scene, tutor: PageClient) -> None:
    answer = saved_by_itself(tutor, opened(tutor), score_1="101")
    assert answer.status_code == 422
    assert "0 to 100" in answer.json["said"] or "100" in answer.json["said"]


def somebody_saves(app: Flask, of: Scene, score: int) -> None:
    """From another window, or by another tutor."""
    with seeding(app):
        mark = db.session.scalars(select(Mark).order_by(Mark.id)).first()
        assert mark is not None
        said = judgement(mark.component, score, score, score, feedback="From the other window.")
        save_draft(mark, said, seen=mark.version, actor=Principal(of.tutor.person_id), now=NOW)


def test_a_stale_window_conflicts_and_neither_is_lost(of: Scene, database: Flask, tutor: PageClient) -> None:
    page = opened(tutor)
    somebody_saves(database, of, 44)
    answer = saved_by_itself(tutor, page, score_1="62", feedback="From this window.")
    assert answer.status_code == 409
    assert "Tariq Tutor saved this mark after you opened it" in answer.json["said"]
    both = tutor.submit(page.form(), score_1="62", feedback="From this window.")
    assert both.status == 422
    assert both.form().values["feedback"] == ["From this window."]
    assert "From the other window." in both.text
    again = tutor.submit(both.form())
    assert "The draft is saved." in again.text
    assert again.form().values["feedback"] == ["From this window."]


def test_a_comment_is_added_from_the_bank_without_script(of: Scene, database: Flask, tutor: PageClient) -> None:
    with seeding(database):
        make.bank_comment(of.tutor.person, "Cite your sources.", criterion="Understanding of the challenge")
    page = opened(tutor)
    assert not page.form().offers("bank_whole")
    key = next(value for value in page.form().offers("bank_1") or [] if value)
    done = tutor.submit(
        page.form(), bank_1=key, comment_1="Good.", button="Add to comment: Understanding of the challenge"
    )
    assert done.form().values["comment_1"] == ["Good.\r\n\r\nCite your sources."]
    with database.app_context():
        assert db.session.scalars(select(BankComment.uses)).all() == [1]


def test_what_was_typed_is_kept_for_the_next_script(of: Scene, database: Flask, tutor: PageClient) -> None:
    page = opened(tutor)
    done = tutor.submit(page.form(), feedback="Well done.", button="Keep this comment: the feedback on the whole")
    assert "Kept in your comments." in done.text
    assert done.form().values["feedback"] == ["Well done."]
    offered = opened(tutor, "Student2 Okoro").form().offers("bank_whole")
    assert len(offered or []) == 2
    assert "Well done." in tutor.page("/comment-bank").text


def test_after_one_is_submitted_the_next_is_a_link_away(of: Scene, tutor: PageClient) -> None:
    page = opened(tutor)
    assert "2 left to mark" in page.text
    assert tutor.page(page.link("The next script")).h1.startswith("Student2 Okoro")
    said = {"score_1": "62", "score_2": "58", "score_3": "71", "feedback": "Well done."}
    done = tutor.submit(page.form(), said, button="Submit the mark")
    assert tutor.page(done.link("Mark the next script")).h1.startswith("Student2 Okoro")
    assert "1 of 2 marked" in tutor.page("/marking").text


def test_earlier_versions_are_read_with_what_changed(of: Scene, database: Flask, tutor: PageClient) -> None:
    def twice() -> None:
        mark = db.session.scalars(select(Mark).order_by(Mark.id)).first()
        assert mark is not None
        mark_it(of, mark.submission, 62, 58, 71)

    with seeding(database):
        twice()
    page = tutor.page(tutor.page("/marking").link("Student1 Okoro"))
    versions = tutor.page(page.link("Earlier versions"))
    assert "Submitted" in versions.text
    assert "Mark: 63" in versions.text
    changed = tutor.submit(tutor.submit(page.form("Change this mark")).form(), score_1="40", feedback="Good enough.")
    text = tutor.page(changed.link("Earlier versions")).text
    assert "As it is now" in text
    assert "Gone: 62" in text
    assert "New: 40" in text
    assert "Gone: work." in text


def test_nobody_else_reads_earlier_versions(of: Scene, database: Flask, client: PageClient) -> None:
    with database.app_context():
        key = db.session.scalars(select(Mark.public_id).order_by(Mark.id)).first()
    client.sign_in_as(of.students[0])
    assert client.get(f"/marking/{key}/versions").status_code == 404
    client.sign_in_as(of.leader)
    assert client.get(f"/marking/{key}/versions").status_code == 200
