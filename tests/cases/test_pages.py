"""The page of a student's case: what it says before one asks, that it is being made, and the file."""

import io
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.cases.making import make_due
from placements.cases.models import CaseExport
from placements.cohorts.models import RunRole
from placements.db import db
from placements.history.models import SensitiveRead
from tests import factories as make
from tests.assessment.scene import seeded
from tests.cases.factories import case_export
from tests.cases.scene import Year, year
from tests.client import PageClient, counting_queries
from tests.factories import NOW


@pytest.fixture
def case(database: Flask) -> Year:
    def build() -> Year:
        of = year()
        of.another = make.account(make.person(given_name="Lars", family_name="Leader"))  # type: ignore[attr-defined]
        make.run_role(RunRole.LEADER, of.another.person, of.of.run)  # type: ignore[attr-defined]
        return of

    built: Year = seeded(database, build)
    return built


def ask_on(page: Any, client: PageClient, reason: str) -> Any:
    return client.submit(page.form("Make the file"), reason=reason)


def test_a_leader_asks_for_it_and_has_it_a_minute_later(database: Flask, client: PageClient, case: Year) -> None:
    client.sign_in_as(case.of.leader)
    assert case.url in [link.href for link in client.page(case.url.replace("/case", "/reassessment")).links]
    assert case.url in [link.href for link in client.page(f"/placements/{case.of.placements[0].public_id}").links]
    page = client.page(case.url)
    assert "Nobody has had a file made of this student." in page.text
    page = ask_on(page, client, "Complaint 2026-117")
    assert "Being made" in page.text
    assert "Complaint 2026-117" in page.text
    assert "Make the file" not in page.text
    with database.app_context():
        make_due(NOW)
        db.session.remove()
    page = client.page(case.url)
    assert "Being made" not in page.text
    assert "Wed 20 Oct 2027" in page.text
    (url,) = [link.href for link in page.links if link.href.endswith(".zip")]
    with database.app_context():
        before = db.session.scalar(select(func.count(SensitiveRead.id)))
    answer = client.get(url)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Case of 26120000, 2026-10-20.zip"'
    assert ZipFile(io.BytesIO(answer.data)).namelist()[0] == "case.pdf"
    with database.app_context():
        assert db.session.scalar(select(func.count(SensitiveRead.id))) == (before or 0) + 1


def test_without_a_reason_nothing_is_made(client: PageClient, case: Year) -> None:
    client.sign_in_as(case.of.leader)
    page = ask_on(client.page(case.url), client, "  ")
    assert page.errors == ["Write why it is needed"]
    assert "Nobody has had a file made of this student." in page.text


def test_a_reason_has_500_letters_at_most(client: PageClient, case: Year) -> None:
    client.sign_in_as(case.of.leader)
    assert ask_on(client.page(case.url), client, "x" * 501).errors
    assert "x" * 500 in ask_on(client.page(case.url), client, "x" * 500).text


def test_another_leader_sees_that_it_was_made_and_has_no_file_of_it(
    database: Flask, client: PageClient, case: Year
) -> None:
    with database.app_context():
        case_export(db.session.merge(case.enrolment), db.session.merge(case.of.leader.person), b"PK")
        url = f"/case-files/{db.session.query(CaseExport).one().public_id}.zip"
        db.session.commit()
    client.sign_in_as(case.another)  # type: ignore[attr-defined]
    page = client.page(case.url)
    assert "Lena Leader" in page.text
    assert "Complaint 2026-117" in page.text
    assert url not in [link.href for link in page.links]
    assert client.get(url).status_code == 403


@pytest.mark.parametrize("name", ["tutor", "student"])
def test_neither_the_tutor_nor_the_student_learns_of_it(client: PageClient, case: Year, name: str) -> None:
    client.sign_in_as(case.of.tutor if name == "tutor" else case.of.students[0])
    assert client.get(case.url).status_code == 404
    placement = client.page(f"/placements/{case.of.placements[0].public_id}")
    assert case.url not in [link.href for link in placement.links]


def test_its_history_is_not_on_the_pages_of_others(database: Flask, client: PageClient, case: Year) -> None:
    client.sign_in_as(case.of.leader)
    ask_on(client.page(case.url), client, "A complaint about the tutor")
    for account in (case.of.tutor, case.of.students[0]):
        client.sign_in_as(account)
        for url in ("/home", f"/placements/{case.of.placements[0].public_id}"):
            assert "case file" not in client.page(url).text.lower()
            assert "A complaint about the tutor" not in client.page(url).text


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long(database: Flask, client: PageClient, case: Year, count: int) -> None:
    with database.app_context():
        for number in range(count):
            who = db.session.merge(case.of.leader.person)
            case_export(db.session.merge(case.enrolment), who, f"PK{number}".encode())
        db.session.commit()
    client.sign_in_as(case.of.leader)
    client.page(case.url)
    with counting_queries() as queries:
        client.page(case.url)
    assert queries.count == 5
