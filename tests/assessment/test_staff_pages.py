"""Tutors mark, the module leader releases, records the board and exports, the external examiner reads."""

from itertools import islice
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.assessment.models import Mark
from placements.assessment.workflow import MarkState
from placements.board.models import MarkExport
from placements.board.releasing import fingerprint_of, release
from placements.cohorts.models import RunRole
from placements.db import db
from placements.files.actions import receive
from placements.history.models import SensitiveRead
from placements.mail.models import Notification
from tests import factories as make
from tests.assessment.scene import HOUR, Scene, agree, hand_in, mark_it, scene, seeded
from tests.client import PageClient, counting_queries
from tests.factories import NOW
from tests.files.samples import PDF
from tests.files.test_receiving import upload
from tests.page import Page
from tests.site.hostile import hostile_forms, hostile_problems, post_hostile


def in_hand(students: int = 2) -> Scene:
    """Everybody has handed in a real file, and the first student's Agreement is in force."""
    of = scene(students)
    for place in range(students):
        hand_in(of, place, None, receive(upload("My portfolio.pdf", PDF)))
    agree(of)
    return of


@pytest.fixture
def of(database: Flask) -> Scene:
    made: Scene = seeded(database, in_hand)
    return made


@pytest.fixture
def tutor(of: Scene, client: PageClient) -> PageClient:
    client.sign_in_as(of.tutor)
    return client


@pytest.fixture
def leader(of: Scene, client: PageClient) -> PageClient:
    client.sign_in_as(of.leader)
    return client


def open_mark(client: PageClient, name: str) -> Page:
    """The marking page of the first work of that student on the tutor's list."""
    return client.page(client.page("/marking?kind=portfolio").link(name))


SCORES = {
    "score_1": "62",
    "comment_1": "You know the field.",
    "score_2": "58",
    "comment_2": "",
    "score_3": "71",
    "comment_3": "Clear.",
    "feedback": "Well done.",
}


def test_the_tutors_list_shows_what_waits(of: Scene, tutor: PageClient) -> None:
    page = tutor.page("/marking")
    assert page.h1 == "Marking"
    assert page.rows == [
        [
            "Student1 Okoro",
            "Empowering London Challenge Agreement WL6W50 2026/27",
            "Handed in",
            "Tue 10 Nov 2026, 4am (in 21 days)",
            "To be marked",
            "",
        ],
        [
            "Student1 Okoro",
            "Final Project Portfolio WL6W50 2026/27",
            "Handed in",
            "Tue 10 Nov 2026, 8am (in 21 days)",
            "To be marked",
            "",
        ],
        [
            "Student2 Okoro",
            "Final Project Portfolio WL6W50 2026/27",
            "Handed in",
            "Tue 10 Nov 2026, 8am (in 21 days)",
            "To be marked",
            "",
        ],
    ]
    assert len(tutor.page("/marking?text=student2").rows) == 1
    assert "Nothing fits all of that" in tutor.page("/marking?state=confirmed").text


@pytest.mark.parametrize("students", [1, 3])
def test_the_list_asks_as_often_however_long_it_is(database: Flask, client: PageClient, students: int) -> None:
    of = seeded(database, lambda: in_hand(students))
    client.sign_in_as(of.tutor)
    client.page("/marking")  # the first request of all asks whether this is a demonstration
    with counting_queries() as queries:
        assert len(client.page("/marking").rows) == students + 1
    assert queries.count == 7


def test_a_draft_is_saved_and_read_again(of: Scene, tutor: PageClient) -> None:
    page = open_mark(tutor, "Student2 Okoro")
    assert "Give each criterion a score" in page.text
    assert "My portfolio.pdf" in page.text
    assert tutor.get(page.link("My portfolio.pdf")).data == PDF
    page = tutor.submit(page.form("Save draft"), {**SCORES, "score_2": ""})
    assert "The draft is saved." in page.text
    form = page.form("Save draft")
    assert (form.values["score_1"], form.values["score_2"], form.values["comment_1"]) == (
        ["62"],
        [""],
        ["You know the field."],
    )
    page = tutor.submit(form, SCORES)
    assert "These scores come to 63." in page.text
    assert "Draft" in tutor.page("/marking?text=student2").text


def test_a_mark_is_submitted_read_and_taken_back(of: Scene, tutor: PageClient) -> None:
    page = tutor.submit(open_mark(tutor, "Student2 Okoro").form("Save draft"), SCORES, button="Submit the mark")
    assert page.h1 == "Final Project Portfolio: Student2 Okoro"
    assert "63, not released yet. Given by Tariq Tutor." in page.text
    assert "Marked Tariq Tutor" in page.text
    page = tutor.submit(page.form("Change this mark"))
    assert "The mark is a draft again." in page.text
    assert page.form("Save draft").values["score_3"] == ["71"]


def test_a_mark_that_is_not_whole_says_what_is_missing(of: Scene, tutor: PageClient) -> None:
    form = open_mark(tutor, "Student2 Okoro").form("Save draft")
    page = tutor.submit(form, {**SCORES, "score_1": ""}, button="Submit the mark")
    assert page.errors == ["Give every criterion a score, then submit the mark."]
    assert page.form("Save draft").values["comment_1"] == ["You know the field."]
    page = tutor.submit(form, {**SCORES, "score_1": "101"}, button="Submit the mark")
    assert page.errors == ["Enter a whole number from 0 to 100"]
    page = tutor.submit(form, {**SCORES, "feedback": ""}, button="Submit the mark")
    assert page.errors == ["Write the feedback on the whole, then submit the mark."]


def test_a_stale_form_shows_both_and_loses_neither(of: Scene, tutor: PageClient) -> None:
    stale = open_mark(tutor, "Student2 Okoro").form("Save draft")
    tutor.submit(open_mark(tutor, "Student2 Okoro").form("Save draft"), SCORES)
    page = tutor.submit(stale, {**SCORES, "comment_1": "My other thoughts."})
    assert page.status == 422
    assert page.errors[0].startswith("Tariq Tutor saved this mark after you opened it.")
    assert "What is saved now, by Tariq Tutor" in page.text
    assert "You know the field." in page.text
    form = page.form("Save draft")
    assert form.values["comment_1"] == ["My other thoughts."]
    page = tutor.submit(form)
    assert "The draft is saved." in page.text
    assert page.form("Save draft").values["comment_1"] == ["My other thoughts."]


def test_the_agreement_is_marked_as_it_stands(of: Scene, tutor: PageClient) -> None:
    page = tutor.page(tutor.page("/marking?kind=agreement").link("Student1 Okoro"))
    assert "Challenge Agreement, version 1 The challenge What we agreed about challenge." in page.text
    page = tutor.submit(page.form("Save draft"), SCORES, button="Submit the mark")
    assert page.h1 == "Empowering London Challenge Agreement: Student1 Okoro"
    assert "63, not released yet." in page.text


def test_hostile_marks_are_answered(of: Scene, tutor: PageClient) -> None:
    form = open_mark(tutor, "Student2 Okoro").form("Save draft")
    for post in islice(hostile_forms(form, Random(11)), 120):
        assert hostile_problems(post_hostile(tutor, form, post)) == [], post.label


def marked(students: int = 2) -> Scene:
    """All portfolios marked; one more student handed nothing in yet."""
    of = in_hand(students)
    for place in range(students):
        mark_it(of, of.task(place).submission, 62 - place * 40, 58, 71)  # type: ignore[arg-type]
    return of


def test_the_leader_releases_a_chosen_set(database: Flask, client: PageClient) -> None:
    of = seeded(database, marked)
    client.sign_in_as(of.leader)
    page = client.page(client.page("/marking").link("Marks of WL6W50 2026/27"))
    assert "2 marks are ready to release." in page.text
    assert page.rows[0] == [
        "Student1 Okoro",
        "26120000",
        "Wednesday afternoon",
        "To be marked Look at Empowering London Challenge Agreement of Student1 Okoro",
        "63 Marked Look at Final Project Portfolio of Student1 Okoro",
    ]
    page = client.page(page.link("Release marks"))  # it opens at the component that has marks to release
    assert "63 Student1 Okoro, Wednesday afternoon: marked by Tariq Tutor" in page.text
    assert "47 Student2 Okoro, Wednesday afternoon: marked by Tariq Tutor" in page.text
    form = page.form("Check what will be released")
    assert client.submit(form, marks=[]).errors == ["Choose at least one mark"]
    preview = client.submit(form, marks=[form.values["marks"][1]])
    assert preview.h1 == "Check this release"
    assert "1 student will see this mark for Final Project Portfolio" in preview.text
    assert preview.rows == [["Student2 Okoro", "Tariq Tutor", "47"]]
    done = client.submit(preview.form("Release 1 mark"))
    assert "Released: 1. Each student is written to now." in done.text
    with database.app_context():
        states = db.session.scalars(
            select(Mark.state).where(Mark.component_id == of.portfolio.id).order_by(Mark.enrolment_id)
        )
        assert list(states) == [MarkState.SUBMITTED, MarkState.PROVISIONAL]
        told = db.session.scalars(select(Notification).where(Notification.notice == "board.mark_ready"))
        assert [each.recipient_id for each in told] == [of.enrolments[1].person_id]


def test_a_set_that_changed_since_the_preview_is_not_released(database: Flask, client: PageClient) -> None:
    of = seeded(database, marked)
    client.sign_in_as(of.leader)
    url = f"/runs/{of.run.public_id}/marks/release?component={of.portfolio.public_id}"
    preview = client.submit(client.page(url).form("Check what will be released"))
    with database.app_context():
        db.session.scalars(select(Mark).where(Mark.mark == 63)).one().version += 1
        db.session.commit()
    page = client.submit(preview.form("Release 2 marks"))
    assert page.errors == [
        "A mark in this set has changed since you looked at it, so nothing was done. Look at the set again."
    ]
    with database.app_context():
        assert MarkState.PROVISIONAL not in db.session.scalars(select(Mark.state)).all()


def test_the_board_confirms_and_marks_are_exported(database: Flask, client: PageClient) -> None:
    def build() -> Scene:
        of = marked()
        found = list(db.session.scalars(select(Mark).where(Mark.state == MarkState.SUBMITTED)))
        release(of.run, found, seen=fingerprint_of(found), actor=of.who(of.leader), now=NOW)
        return of

    of = seeded(database, build)
    client.sign_in_as(of.leader)
    base = f"/runs/{of.run.public_id}/marks"
    exports = client.submit(client.page(f"{base}/exports").form(), stage="provisional")
    assert "The export is ready: 2 rows." in exports.text
    assert exports.rows[0][1:4] == ["Provisional", "Lena Leader", "2"]
    got = client.get(next(link.href for link in exports.links if link.text.startswith("Download")))
    assert got.headers["Content-Disposition"] == 'attachment; filename="marks-wl6w50-2026-27-provisional.csv"'
    lines = got.data.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Student number,Module code,")
    assert lines[1].endswith("Final Project Portfolio,1,63,,Provisional")
    page = client.page(f"{base}/confirm")
    assert "2 provisional marks become confirmed." in page.text
    day = {"board_on-day": "20", "board_on-month": "10", "board_on-year": "2026"}
    names = page.form().names
    parts = [name for name in names if name.startswith("board_on")]
    assert client.submit(page.form(), {parts[0]: ["21", "10", "2026"]}, chair="Professor Ada Bell").errors == [
        "Enter the day on which the board met. It cannot be in the future."
    ]
    done = client.submit(page.form(), {parts[0]: list(day.values())}, chair="Professor Ada Bell")
    assert "Confirmed: 2. They can be exported now." in done.text
    client.sign_in_as(of.students[0])
    assert "The board of Tue 20 Oct 2026 confirmed it." in client.page("/marks").text
    with database.app_context():
        assert len(db.session.scalars(select(MarkExport)).all()) == 1


def test_empty_pages_say_what_will_come(database: Flask, client: PageClient) -> None:
    of = seeded(database, lambda: scene(due=NOW + HOUR))
    client.sign_in_as(of.leader)
    base = f"/runs/{of.run.public_id}/marks"
    assert "No mark waits for release" in client.page(f"{base}/release").text
    assert "No mark waits for the board" in client.page(f"{base}/confirm").text
    assert "Nothing has been exported of this run yet." in client.page(f"{base}/exports").text
    page = client.submit(client.page(f"{base}/exports").form(), stage="confirmed")
    assert page.errors == ["No mark of this run is confirmed now, so there is nothing to export."]
    client.sign_in_as(of.tutor)
    assert "Nothing to mark yet" in client.page("/marking").text


def test_a_leaders_reading_of_a_file_is_kept_and_a_tutors_is_not(
    of: Scene, leader: PageClient, database: Flask
) -> None:
    with database.app_context():
        files = [
            each.submission.files[0].public_id for each in db.session.scalars(select(Mark)) if each.submission.files
        ]
    assert leader.get(f"/submission-files/{files[0]}").data == PDF
    leader.sign_in_as(of.tutor)
    assert leader.get(f"/submission-files/{files[0]}").data == PDF
    with database.app_context():
        reads = db.session.scalars(select(SensitiveRead)).all()
        assert [(each.reader_id, each.about_kind) for each in reads] == [(of.leader.person_id, "submission_file")]


def examined() -> tuple[Scene, Any]:
    of = marked(1)
    external = make.account(make.person(given_name="Edda", family_name="External"))
    make.run_role(RunRole.EXTERNAL, external.person, of.run)
    return of, external


def test_the_external_examiner_reads_by_number_and_sees_no_name(database: Flask, client: PageClient) -> None:
    of, external = seeded(database, examined)
    client.sign_in_as(external)
    client.forbidden = {"Okoro", "Student1", "My portfolio"}
    page = client.page(client.page("/marking").link("Scripts of WL6W50 2026/27"))
    assert [row[0] for row in page.rows] == [
        "26120000: Empowering London Challenge Agreement",
        "26120000: Final Project Portfolio",
    ]
    page = client.page(page.link("26120000: Final Project Portfolio"))
    assert page.h1 == "Final Project Portfolio of 26120000"
    assert "63, not released yet." in page.text
    assert "Good work." not in page.text
    page = client.submit(client.page(page.link("Ask for this script")).form())
    assert "Good work." in page.text
    got = client.get(page.link("26120000-1.pdf"))
    assert got.data == PDF
    assert got.headers["Content-Disposition"] == "attachment; filename=26120000-1.pdf"
    assert client.get(f"/runs/{of.run.public_id}/marks").status_code == 403
