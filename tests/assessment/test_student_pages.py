"""A student hands in: what the pages say, when arrival is judged, and what hostile files get in answer."""

import io
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from random import Random
from typing import Any

import pytest
from flask import Flask, request_started
from sqlalchemy import select

from placements.assessment.models import Submission
from placements.assessment.workflow import MarkState, SubmissionState
from placements.db import db
from placements.files.models import StoredFile
from placements.files.store import store
from placements.web import arrival
from tests import factories as make
from tests.assessment.scene import HOUR, OTHER_FILE, Scene, hand_in, mark_it, scene, seeded
from tests.client import PageClient, counting_queries
from tests.conftest import Clock
from tests.databases import seeding
from tests.factories import NOW
from tests.files.samples import DOCX, PDF
from tests.page import File, Page
from tests.site.hostile import LEFT_OPEN, hostile_forms, hostile_problems, post_hostile
from tests.site.hostile_values import hostile_files

DUE = NOW + HOUR


@pytest.fixture
def of(database: Flask) -> Scene:
    made: Scene = seeded(database, lambda: scene(students=2, due=DUE))
    return made


@pytest.fixture
def student(of: Scene, client: PageClient) -> PageClient:
    client.sign_in_as(of.students[0])
    return client


def file(name: str = "My portfolio.pdf", content: bytes = PDF) -> File:
    return io.BytesIO(content), name


def send(client: PageClient, of: Scene, *files: File) -> Page:
    """Hand in at once, without checking."""
    url = f"/assessment/{of.portfolio.public_id}"
    form = client.page(url).form(url)
    [straight] = [each.text for each in form.buttons if each.value == "straight"]
    return client.submit(form, {"files": list(files)}, button=straight)  # type: ignore[dict-item]


def submissions(app: Flask) -> list[Submission]:
    with app.app_context():
        return list(db.session.scalars(select(Submission)))


def test_what_is_asked_for_is_shown_from_the_start(of: Scene, student: PageClient) -> None:
    work = student.page("/assessment")
    assert "Empowering London Challenge Agreement 25% of the module mark." in work.text
    assert "Final Project Portfolio To do 75% of the module mark." in work.text
    assert "Project Supervisor Feedback 0% of the module mark, and still required." in work.text
    page = student.page(work.link("Hand it in"))
    assert page.h1 == "Hand in your Final Project Portfolio"
    assert "Write your text, send files, or both, by Tue 20 Oct 2026, 10am (in 1 hour)." in page.text
    assert "Late work is not accepted. Whatever arrives after the deadline is kept" in page.text
    assert [row[0] for row in page.rows] == [
        "Understanding of the challenge 40%",
        "Logbook and reflection 35%",
        "Writing 25%",
    ]


def test_handing_in_gives_a_receipt(of: Scene, student: PageClient, database: Flask) -> None:
    page = send(student, of, file(), file("Appendix.docx", DOCX))
    [submission] = submissions(database)
    assert page.h1 == "Final Project Portfolio"
    assert f"Received. Your receipt number is {submission.receipt}." in page.text
    assert "Received Tue 20 Oct 2026, 9am (09:00:00)." in page.text
    assert "My portfolio.pdf" in page.text
    assert "Fingerprint (SHA-256): " in page.text
    assert "What happened Handed in: receipt" in page.text
    got = student.get(page.link("My portfolio.pdf"))
    assert got.data == PDF
    assert got.headers["Content-Disposition"] == 'attachment; filename="My portfolio.pdf"'
    work = student.page("/assessment")
    assert "Final Project Portfolio Handed in 75% of the module mark." in work.text
    assert "You can replace it until Tue 20 Oct 2026, 10am." in work.text


def test_files_are_replaced_until_the_deadline_and_the_old_stay(of: Scene, student: PageClient) -> None:
    send(student, of, file("First.pdf"))
    page = send(student, of, file("Second.pdf", PDF + b"more"))
    assert "Second.pdf" in page.text
    assert "First.pdf" not in page.text
    assert "Handed in before Replaced since: kept, and not marked." in page.text
    [old] = [each for each in page.links if each.text.startswith("Receipt ")]
    receipt = student.page(old.href)
    assert receipt.h1 == old.text
    assert "It was replaced Tue 20 Oct 2026, 9am: kept, and not marked." in receipt.text
    assert student.get(receipt.link("First.pdf")).data == PDF
    assert "Second.pdf" in student.page(receipt.link("See what replaced it")).text


def test_after_the_deadline_the_page_says_so_and_keeps_what_comes(of: Scene, student: PageClient, clock: Clock) -> None:
    clock.now = DUE + timedelta(microseconds=1)
    page = student.page(f"/assessment/{of.portfolio.public_id}")
    assert "The deadline was Tue 20 Oct 2026, 10am (now). You can still send your work, and get a receipt." in page.text
    page = send(student, of, file())
    assert "Late" in page.text
    assert "counts as not handed in, and the mark is 0." in page.text
    assert "claim mitigating circumstances in the university’s own system by Tue 3 Nov 2026" in page.text
    assert "My portfolio.pdf" in page.text


class Slow(io.BytesIO):
    """A body that is still arriving when the deadline passes."""

    def __init__(self, content: bytes, pass_deadline: Callable[[], None]) -> None:
        super().__init__(content)
        self.pass_deadline = pass_deadline

    def read(self, size: int | None = -1) -> bytes:
        self.pass_deadline()
        return super().read(size)

    def readinto(self, buffer: Any) -> int:
        self.pass_deadline()
        return super().readinto(buffer)


def body_of(client: PageClient, of: Scene) -> bytes:
    form = client.page(f"/assessment/{of.portfolio.public_id}").form()
    token = form.values["csrf_token"][0]
    parts = [("csrf_token", "", token.encode()), ("files", '; filename="a.pdf"', PDF)]
    lines = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"
        for name, more, content in parts
    ]
    return b"".join(lines) + b"--b--\r\n"


def post_slowly(client: PageClient, of: Scene, body: bytes, clock: Clock, length: int | None = None) -> Any:
    def pass_deadline() -> None:
        clock.now = DUE + timedelta(minutes=5)

    return client.post(
        f"/assessment/{of.portfolio.public_id}",
        input_stream=Slow(body, pass_deadline),
        content_length=length or len(body),
        content_type="multipart/form-data; boundary=b",
    )


def test_an_upload_that_began_in_time_is_on_time(of: Scene, student: PageClient, clock: Clock, database: Flask) -> None:
    body = body_of(student, of)
    clock.now = DUE
    assert post_slowly(student, of, body, clock).status_code == 302
    assert clock.now > DUE
    assert [(each.state, each.received_at) for each in submissions(database)] == [(SubmissionState.RECEIVED, DUE)]


def test_an_upload_that_nobody_stamps_is_late(of: Scene, student: PageClient, clock: Clock, database: Flask) -> None:
    """The negative control: asked for after the body, now is when all of it has come."""
    body = body_of(student, of)
    clock.now = DUE
    request_started.disconnect(arrival._note, database)
    try:
        assert post_slowly(student, of, body, clock).status_code == 302
    finally:
        request_started.connect(arrival._note, database)
    assert [each.state for each in submissions(database)] == [SubmissionState.LATE]


@pytest.mark.filterwarnings(LEFT_OPEN)
def test_an_upload_that_breaks_off_leaves_nothing(
    of: Scene, student: PageClient, clock: Clock, database: Flask
) -> None:
    body = body_of(student, of)
    with database.app_context():
        before = {path.name for path in store().folder.glob("*")}
    answer = post_slowly(student, of, body[:-60], clock, length=len(body))
    assert answer.status_code in (400, 422)
    assert submissions(database) == []
    with database.app_context():
        assert {path.name for path in store().folder.glob("*")} == before


def test_no_file_says_what_to_do(of: Scene, student: PageClient) -> None:
    page = send(student, of)
    assert (page.status, page.errors) == (422, ["Write your text, or choose the file to hand in"])


def test_too_many_files_are_refused_before_any_is_kept(of: Scene, student: PageClient, database: Flask) -> None:
    page = send(student, of, *(file(f"{number}.pdf", PDF + bytes([number])) for number in range(6)))
    assert (page.status, page.errors) == (422, ["Choose at most 5 files"])
    with database.app_context():
        assert db.session.scalars(select(StoredFile)).all() == []


# The hostile files that are what their name says, and what they are called afterwards; all others are refused.
KEPT = {
    "name with a path": "x.pdf",
    "name too long": "n" * 196 + ".pdf",
    "cut PDF": "cv.pdf",
    "cut picture": "me.png",
    "huge picture": "me.png",
    "sheet with entities": "roster.xlsx",
}


@pytest.mark.parametrize("label", sorted(hostile_files()))
def test_a_hostile_file_is_refused_in_words_or_kept_harmless(
    of: Scene, student: PageClient, database: Flask, label: str
) -> None:
    hostile = hostile_files()[label]
    page = send(student, of, (io.BytesIO(hostile.content), hostile.name.decode("utf-8", "replace")))
    with database.app_context():
        kept = [each.name for each in db.session.scalars(select(StoredFile))]
    if label in KEPT:
        assert (page.status, page.h1, kept) == (200, "Final Project Portfolio", [KEPT[label]])
    else:
        assert (page.status, len(page.errors), kept) == (422, 1, [])


@pytest.mark.filterwarnings(LEFT_OPEN)
def test_hostile_posts_are_answered(of: Scene, student: PageClient) -> None:
    form = student.page(f"/assessment/{of.portfolio.public_id}").form()
    for post in islice(hostile_forms(form, Random(7)), 120):
        assert hostile_problems(post_hostile(student, form, post)) == [], post.label


def test_others_find_nothing(of: Scene, client: PageClient, database: Flask) -> None:
    with seeding(database):
        built = scene(due=NOW - HOUR, numbers="2614")
        submission = hand_in(built)
        submission.files[0].file.sha256 = OTHER_FILE.sha256
        stranger = make.account()
        urls = [f"/submissions/{submission.public_id}", f"/submission-files/{submission.files[0].public_id}"]
        urls.append(f"/assessment/{built.portfolio.public_id}")
    for account in (of.students[0], of.tutor, of.leader, stranger):
        client.sign_in_as(account)
        for url in urls:
            assert client.get(url).status_code == 404


@pytest.mark.parametrize("runs", [1, 3])
def test_ones_pages_ask_as_often_however_many_runs_one_was_on(database: Flask, client: PageClient, runs: int) -> None:
    def build() -> Scene:
        of = scene()
        mark_it(of, hand_in(of), 60, 60, 60).state = MarkState.PROVISIONAL
        for number in range(1, runs):
            other = scene(0, numbers=f"270{number}")
            other.enrolments.append(make.enrolment(other.group, of.students[0].person))
            hand_in(other)
        return of

    of = seeded(database, build)
    client.sign_in_as(of.students[0])
    client.page("/assessment")  # the first request of all asks whether this is a demonstration
    for url, expected in (("/assessment", 10), ("/marks", 14)):
        with counting_queries() as queries:
            assert client.page(url).text.count("WL6W50") >= runs
        assert queries.count == expected, url
