"""Where a component is anonymous, its markers find a number and nowhere the student, until the mark is released."""

import pytest
from flask import Flask
from sqlalchemy import select

from placements.assessment.models import Mark, SubmissionFile, new_script_number
from placements.assessment.workflow import MarkState
from placements.core.policy import Principal
from placements.db import db
from placements.files.actions import receive
from placements.history.queries import lately
from placements.reading.freezing import freeze
from tests.assessment.scene import Scene, hand_in, mark_it, scene, seeded
from tests.client import PageClient
from tests.databases import seeding
from tests.files.samples import PDF
from tests.files.test_receiving import upload

HIDDEN = ("Ngozi", "Adichie", "26120000", "ngozi@", "My portfolio by Ngozi")


@pytest.fixture
def of(database: Flask) -> Scene:
    def build() -> Scene:
        of = scene(1, is_anonymous=True)
        person = of.enrolments[0].person
        person.given_name, person.family_name, person.email = "Ngozi", "Adichie", "ngozi@example.org"
        hand_in(of, 0, None, receive(upload("My portfolio by Ngozi.pdf", PDF)))
        return of

    made: Scene = seeded(database, build)
    return made


def script(app: Flask) -> tuple[str, str, str, str]:
    """The number of the only script, and where its mark, what was handed in and its file are found."""
    with app.app_context():
        mark = db.session.scalars(select(Mark)).one()
        file = db.session.scalars(select(SubmissionFile)).one()
        return mark.script, mark.public_id, mark.submission.public_id, file.public_id


def pages(app: Flask) -> list[str]:
    _, mark, submission, _ = script(app)
    return [
        "/marking",
        "/marking?text=Ngozi",
        f"/marking/{mark}",
        f"/submissions/{submission}",
        f"/marking/{mark}/versions",
        "/home",
    ]


def leaks(client: PageClient, urls: list[str]) -> list[tuple[str, str]]:
    """Where a marker learns whose script it is. What they typed into the filter themselves says nothing."""
    found = []
    for url in urls:
        text = client.get(url).text.replace('value="Ngozi"', "").replace("Name or number: Ngozi", "")
        found += [(url, word) for word in HIDDEN if word.lower() in text.lower()]
    return found


def is_marked(app: Flask, of: Scene) -> None:
    with seeding(app):
        mark_it(of, db.session.scalars(select(Mark)).one().submission, 62, 58, 71)


@pytest.mark.parametrize("marked", [False, True])
def test_the_marker_finds_a_number_and_no_name(of: Scene, database: Flask, client: PageClient, marked: bool) -> None:
    if marked:
        is_marked(database, of)
    number, mark, submission, file = script(database)
    client.sign_in_as(of.tutor)
    urls = pages(database) if not marked else [url for url in pages(database) if not url.endswith(mark)]
    assert leaks(client, urls) == []
    assert f"Script {number}" in client.page("/marking").text
    assert (
        client.get(f"/submission-files/{file}").headers["Content-Disposition"] == f"attachment; filename={number}-1.pdf"
    )
    assert client.page(f"/submissions/{submission}").h1 == f"Final Project Portfolio: Script {number}"


def test_the_name_is_there_without_the_flag(of: Scene, database: Flask, client: PageClient) -> None:
    """The negative control: the same pages, of a component that names its students."""
    with seeding(database):
        db.session.scalars(select(Mark)).one().component.is_anonymous = False
    client.sign_in_as(of.tutor)
    assert {word for _, word in leaks(client, pages(database))} == {
        "Ngozi",
        "Adichie",
        "26120000",
        "My portfolio by Ngozi",
    }


def test_a_script_is_found_by_its_number_and_not_by_name(of: Scene, database: Flask, client: PageClient) -> None:
    number = script(database)[0]
    client.sign_in_as(of.tutor)
    assert len(client.page(f"/marking?text=script {number.lower()}").rows) == 1
    assert len(client.page(f"/marking?text={number[:3]}").rows) == 1
    for asked in ("Ngozi", "Adichie", "2612"):
        assert client.page(f"/marking?text={asked}").rows == []


def test_released_it_has_its_name_again(of: Scene, database: Flask, client: PageClient) -> None:
    is_marked(database, of)
    with seeding(database):
        db.session.scalars(select(Mark)).one().state = MarkState.PROVISIONAL
    client.sign_in_as(of.tutor)
    assert "Ngozi Adichie" in client.page("/marking").text
    assert client.page(f"/submissions/{script(database)[2]}").h1 == "Final Project Portfolio: Ngozi Adichie"


def test_the_module_leader_sees_names(of: Scene, database: Flask, client: PageClient) -> None:
    client.sign_in_as(of.leader)
    assert client.page(f"/submissions/{script(database)[2]}").h1 == "Final Project Portfolio: Ngozi Adichie"
    assert "Ngozi Adichie" in client.page(f"/components/{of.portfolio.public_id}/scripts").text


def test_the_evidence_waits_until_the_mark_is_submitted(of: Scene, database: Flask, client: PageClient) -> None:
    with seeding(database):
        mark = db.session.scalars(select(Mark)).one()
        assert mark.submission.received_at is not None
        freeze(mark.enrolment_id, now=mark.submission.received_at)
    _, mark_key, submission, _ = script(database)
    client.sign_in_as(of.tutor)
    assert "name the student" in client.page(f"/marking/{mark_key}").text
    assert client.get(f"/marking/{mark_key}/logbook").status_code == 409
    is_marked(database, of)
    page = client.page(f"/submissions/{submission}")
    assert client.page(page.link("Read the logbook as handed in")).h1 == "Logbook as handed in"


def test_what_one_did_lately_does_not_name_whose_it_was(of: Scene, database: Flask) -> None:
    is_marked(database, of)
    with database.app_context():
        lines = lately(Principal(of.tutor.person_id), 10)
        assert [(line.sentence, line.about) for line in lines] == [("Marked", ""), ("Began marking", "")]


@pytest.mark.pure
def test_numbers_are_drawn_and_not_worked_out() -> None:
    drawn = {new_script_number() for _ in range(200)}
    assert len(drawn) >= 199
    assert {len(number) for number in drawn} == {5}
    assert not {*"".join(drawn)} & {*"01OIL"}


def test_a_draft_of_a_nameless_script_is_saved_as_any(of: Scene, database: Flask, client: PageClient) -> None:
    client.sign_in_as(of.tutor)
    page = client.page(f"/marking/{script(database)[1]}")
    done = client.submit(page.form(), score_1="62")
    assert "The draft is saved." in done.text
