"""Photos and files that show a visit: added with it or later, removed again, opened by whom they concern alone."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage

from placements.assessment.workflow import SubmissionState
from placements.cohorts.models import Enrolment, ModuleRun, RunRole
from placements.confirming import actions as confirming
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.examining.models import ScriptRequest
from placements.files.actions import receive_evidence
from placements.files.models import StoredFile
from placements.history.models import History, SensitiveRead
from placements.logbook import evidence
from placements.logbook.models import Entry, EntryEvidence, How
from placements.logbook.workflow import EntryState
from tests import factories as make
from tests.client import PageClient
from tests.confirming.test_confirming import link_url
from tests.conftest import Clock
from tests.databases import seeding
from tests.factories import NOW
from tests.files.samples import DOCX, PDF
from tests.files.test_photos import WORDS, photo
from tests.logbook.cast import Cast, cast, committed, known, logged
from tests.logbook.test_logging import VISIT
from tests.logbook.test_logging import WORDS as SAID
from tests.page import Page


@pytest.fixture
def people(database: Flask, client: PageClient) -> Cast:
    """Committed, and the student signed in."""
    with database.app_context():
        made = committed(cast())
    client.sign_in_as(made.student)
    return made


def files(*sent: tuple[str, bytes]) -> list[tuple[BytesIO, str]]:
    return [(BytesIO(content), name) for name, content in sent]


def send(client: PageClient, people: Cast, *sent: tuple[str, bytes], button: str = "Send to be confirmed") -> Page:
    form = client.page(f"{people.url}/new").form("Send to be confirmed")
    return client.submit(form, {**VISIT, **SAID, "files": files(*sent)}, button=button)


def kept(app: Flask) -> list[str]:
    """The names of what shows any visit, those removed left out."""
    with app.app_context():
        names = select(StoredFile.name).join(EntryEvidence).where(EntryEvidence.removed_at.is_(None))
        return list(db.session.scalars(names.order_by(StoredFile.name)))


def test_several_are_sent_with_the_visit_and_given_back_as_downloads(client: PageClient, people: Cast) -> None:
    page = send(client, people, ("The shelf.jpg", photo()), ("Rota.docx", DOCX))
    entry = client.page(page.link("Wed 14 Oct 2026, 1pm to 5pm"))
    answer = client.get(entry.link("The shelf.jpg"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="The shelf.jpg"'
    assert (answer.headers["Content-Type"], answer.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert WORDS not in answer.data
    assert client.get(entry.link("Rota.docx")).data == DOCX


def test_the_warning_stands_where_the_file_is_chosen(client: PageClient, people: Cast) -> None:
    page = client.page(f"{people.url}/new")
    assert "No faces, names or details of clients" in page.text
    assert page.form("Send to be confirmed").is_multipart


def test_they_are_added_later_and_the_same_bytes_are_kept_once(client: PageClient, people: Cast) -> None:
    page = send(client, people, ("Rota.pdf", PDF))
    entry = client.page(page.link("Wed 14 Oct 2026, 1pm to 5pm"))
    for _ in range(2):
        form = client.page(entry.link("Change this visit")).form("Save changes")
        client.submit(form, files=files(("Again.pdf", PDF), ("Shelf.webp", photo("WEBP"))))
    assert kept(client.application) == ["Rota.pdf", "Shelf.webp"]
    with client.application.app_context():
        assert db.session.scalars(select(Entry)).one().version == 1  # what is confirmed has not changed


def test_a_form_sent_twice_keeps_each_once(client: PageClient, people: Cast) -> None:
    form = client.page(f"{people.url}/new").form("Send to be confirmed")
    for _ in range(2):
        client.submit(form, {**VISIT, **SAID, "files": files(("Rota.pdf", PDF))}, button="Send to be confirmed")
    assert kept(client.application) == ["Rota.pdf"]


def test_what_is_removed_nobody_opens_and_that_it_was_there_is_known(client: PageClient, people: Cast) -> None:
    page = send(client, people, ("Mrs Jones.pdf", PDF), ("Rota.docx", DOCX))
    entry = client.page(page.link("Wed 14 Oct 2026, 1pm to 5pm"))
    url = entry.link("Mrs Jones.pdf")
    form = entry.form("Remove Mrs Jones.pdf")
    for _ in range(2):
        page = client.submit(form, follow=False)
    assert page.status == 404  # pressed again
    entry = client.page(entry.url)
    assert "Mrs Jones" not in entry.html
    assert "A photo or file added on Tue 20 Oct 2026, 9am was removed on Tue 20 Oct 2026, 9am." in entry.text
    client.page(url, status=404)
    assert kept(client.application) == ["Rota.docx"]
    with client.application.app_context():
        verbs = db.session.scalars(select(History.verb).where(History.verb.contains("evidence")).order_by(History.id))
        assert list(verbs) == ["added evidence to a log entry", "removed evidence from a log entry"]


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ([("a.exe", b"MZ")], "“a.exe” is not a kind of file that can be read here."),
        ([("a.jpg", photo()[:-50])], "“a.jpg” is damaged or incomplete."),
        ([(f"{n}.pdf", PDF) for n in range(6)], "Choose at most 5 files at a time."),
    ],
)
def test_a_bad_file_is_refused_where_it_was_chosen_and_the_words_stay(
    client: PageClient, people: Cast, sent: list[tuple[str, bytes]], sentence: str
) -> None:
    page = send(client, people, *sent)
    assert page.errors[0].startswith(sentence)
    assert "Choose your photos and files again" in page.text
    assert page.form("Send to be confirmed").values["reflection"] == ["Much is in one head."]
    with client.application.app_context():
        assert db.session.scalar(select(func.count(Entry.id))) == 0


def show(entry: Entry, *contents: bytes) -> None:
    received = [receive_evidence(FileStorage(BytesIO(each), "a.pdf")) for each in contents]
    evidence.add(entry, received, actor=Principal(entry.placement.enrolment.person_id), now=NOW)


def test_there_is_an_end_to_it(session: Any) -> None:
    entry = logged(cast())
    show(entry, *(PDF + bytes([each]) for each in range(20)))
    show(entry, PDF + b"\0")
    with pytest.raises(Refused, match="A visit can have 20 photos and files"):
        show(entry, PDF)


@pytest.mark.parametrize(
    ("state", "is_open"),
    [("draft", True), ("submitted", True), ("queried", True), ("confirmed", False), ("verified", False)],
)
def test_once_somebody_has_answered_nothing_is_added_or_taken(session: Any, state: str, is_open: bool) -> None:
    entry = make.entry(cast().placement, state=EntryState(state))
    there = make.entry_evidence(entry)
    student = Principal(entry.placement.enrolment.person_id)
    if is_open:
        show(entry, PDF + b"x")
        evidence.remove(there, actor=student, now=NOW)
        return
    for act in (lambda: show(entry, PDF + b"x"), lambda: evidence.remove(there, actor=student, now=NOW)):
        with pytest.raises(Refused, match="once it has been confirmed or decided about"):
            act()


def test_the_form_of_a_confirmed_visit_takes_no_file(database: Flask, client: PageClient) -> None:
    with database.app_context():
        people = cast()
        entry = make.entry(people.placement, state=EntryState.CONFIRMED)
        make.entry_evidence(entry)
        url = f"/log/{entry.public_id}"
        committed(people)
    client.sign_in_as(people.student)
    assert "files" not in client.page(f"{url}/edit").form("Save changes").names
    assert "Remove" not in client.page(url).text


def shown(app: Flask, **said: Any) -> tuple[Cast, str]:
    """A visit of 14 October with a file, committed; the file's address."""
    with app.app_context():
        people = cast()
        url = f"/log-files/{make.entry_evidence(logged(people, **said), name='Mrs Jones.pdf').public_id}"
        return committed(people), url


def test_the_supervisor_opens_it_while_it_waits_and_not_after(database: Flask, client: PageClient) -> None:
    people, url = shown(database)
    client.sign_in_as(people.supervisor)
    assert client.get(client.page("/confirm/hours").link("Mrs Jones.pdf")).status_code == 200
    with database.app_context():
        entry = db.session.scalars(select(Entry)).one()
        confirming.answer({entry.id: 1}, {}, how=How.ACCOUNT, actor=known(people)["supervisor"], now=NOW)
        db.session.commit()
    client.page(url, status=404)


def test_and_without_an_account_by_the_link_of_the_mail(database: Flask, client: PageClient, clock: Clock) -> None:
    people, url = shown(database)
    page = client.page(link_url(database, clock))
    address = page.link("Mrs Jones.pdf")
    assert client.get(address).data.startswith(b"%PDF")
    client.page(url, status=302)  # what needs signing in still does
    clock.now += timedelta(days=30)
    assert client.get(address).location == page.url
    with database.app_context():
        entry = db.session.scalars(select(Entry)).one()
        confirming.answer({entry.id: 1}, {}, how=How.LINK, actor=known(people)["supervisor"], now=NOW)
        db.session.commit()
    client.page(address, status=404)


def test_a_link_opens_nothing_of_another_supervisors(database: Flask, client: PageClient, clock: Clock) -> None:
    shown(database)
    mine = link_url(database, clock)
    _, theirs = shown(database)
    client.page(f"{mine}/files/{theirs.rpartition('/')[2]}", status=404)
    client.page(f"{mine}x/files/{theirs.rpartition('/')[2]}", status=404)


def test_a_draft_is_the_students_alone(database: Flask, client: PageClient) -> None:
    people, url = shown(database, is_draft=True)
    for somebody in (people.supervisor, people.tutor, people.leader):
        client.sign_in_as(somebody)
        client.page(url, status=404)


def test_that_a_module_leader_opened_it_is_kept_and_a_tutor_is_at_home(database: Flask, client: PageClient) -> None:
    people, url = shown(database)
    for somebody in (people.student, people.tutor, people.leader):
        client.sign_in_as(somebody)
        assert client.get(url).headers["Content-Disposition"] == 'attachment; filename="Mrs Jones.pdf"'
    with database.app_context():
        read = db.session.scalars(select(SensitiveRead)).one()
        assert (read.reader_id, read.about_kind, read.field) == (people.leader.person_id, "entry_evidence", "file")


def test_an_external_examiner_is_told_no_name(database: Flask, client: PageClient) -> None:
    people, url = shown(database)
    with seeding(database):
        external = make.account()
        run = db.session.get_one(ModuleRun, people.run.id)
        make.run_role(RunRole.EXTERNAL, external.person, run)
        enrolment = db.session.get_one(Enrolment, people.placement.enrolment_id)
        script = make.submission(
            enrolment, run.components[0], receipt="ABCD-2345", state=SubmissionState.RECEIVED, received_at=NOW
        )
        db.session.add(ScriptRequest(submission=script, by_id=external.person_id, at=NOW))
    client.sign_in_as(external)
    said = client.get(url).headers["Content-Disposition"]
    assert "Jones" not in said
    assert said.endswith(f"-{url.rpartition('/')[2]}.pdf")
