"""What a board reads: figures by number, on the page, in the workbook and in the PDF, with no hole for a withheld mark."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from placements.board.releasing import fingerprint_of, release
from placements.board.report import Section, report
from placements.board.rules import Summary, is_borderline, summary
from placements.board.withholding import withhold
from placements.db import db
from tests.assessment.scene import Scene, add_student, hand_in, mark_it, scene, seeded
from tests.client import PageClient, counting_queries
from tests.factories import NOW


def released(*values: int, numbers: str = "2612") -> Scene:
    """A student for each mark, whose portfolio was given it and released."""
    of = scene(len(values), numbers=numbers)
    marks = [mark_it(of, hand_in(of, place), value, value, value) for place, value in enumerate(values)]
    release(of.run, marks, seen=fingerprint_of(marks), actor=of.who(of.leader), now=NOW)
    db.session.flush()
    return of


@pytest.mark.pure
def test_marks_are_summed_up_to_one_place() -> None:
    assert summary([38, 59, 71, 72]) == Summary(4, Decimal("60.0"), Decimal("65.0"), Decimal("13.7"))
    assert summary([40, 41]) == Summary(2, Decimal("40.5"), Decimal("40.5"), Decimal("0.5"))
    assert summary([]).cells == [0, "–", "–", "–"]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("mark", "within", "is_one"),
    [
        *((37, 2, False), (38, 2, True), (39, 2, True), (41, 2, True), (42, 2, False)),
        *((68, 2, True), (45, 2, False), (40, 0, False), (75, 2, False), (0, 2, False)),
    ],
)
def test_a_borderline_is_near_the_edge_of_a_band(mark: int, within: int, is_one: bool) -> None:
    assert is_borderline(mark, within) is is_one


def facts(section: Section) -> dict[str, object]:
    return dict(section.facts)


def tables(section: Section) -> dict[str, list[list[object]]]:
    return {table.title: [list(row) for row in table.rows] for table in section.all_tables}


def test_the_report_says_how_marks_are_spread_and_who_needs_a_decision(session: Any) -> None:
    of = released(35, 59, 71, 72)
    _, agreement, portfolio = report([of.run])
    assert (agreement.title, facts(agreement)["Not released yet"]) == (
        "WL6W50 2026/27: Empowering London Challenge Agreement",
        4,
    )
    assert (facts(portfolio)["Released"], facts(portfolio)["Failed, below 40"]) == (4, 1)
    assert portfolio.bands == {0: 1, 40: 0, 50: 1, 60: 0, 70: 2}
    found = tables(portfolio)
    assert found["By marker"] == [["Tariq Tutor", 4, "59.3", "65.0", "14.9"]]
    assert found["By group"] == [["Wednesday afternoon", 4, "59.3", "65.0", "14.9"]]
    assert found["Borderline"] == [
        ["26120001", "Wednesday afternoon", 1, 59],
        ["26120002", "Wednesday afternoon", 1, 71],
    ]
    assert found["Failed"] == [["26120000", "Wednesday afternoon", 1, 35]]


def test_a_withheld_mark_is_one_that_is_not_released_yet(session: Any) -> None:
    of = released(35, 59)
    add_student(of, "Student3")
    third = mark_it(of, hand_in(of, 2), 80, 80, 80)
    before = report([of.run])
    withhold(third, "Something is looked into.", actor=of.who(of.leader), now=NOW)
    session.flush()
    assert report([of.run]) == before


@pytest.mark.parametrize("students", [1, 3])
def test_a_report_asks_as_often_however_many_students(session: Any, students: int) -> None:
    of = released(*range(50, 50 + students))
    session.expire_all()
    run = session.merge(of.run)
    assert run.components
    with counting_queries() as queries:
        assert len(report([run])) == 3
    assert queries.count == 6


def test_the_page_the_workbook_and_the_pdf_are_the_leaders(database: Flask, client: PageClient) -> None:
    of = seeded(database, lambda: released(35, 59, 71))
    client.sign_in_as(of.leader)
    url = f"/runs/{of.run.public_id}/board-report"
    page = client.page(url)
    assert page.h1 == "Board report WL6W50 2026/27"
    assert "Student1" not in page.text
    assert "26120000" in page.text
    assert "withheld" not in page.text
    year = client.page(page.link("All runs of 2026/27 that you lead"))
    assert year.h1 == "Board report 2026/27"
    sheet = client.get(page.link("Download as a workbook (XLSX)"))
    assert sheet.headers["Content-Disposition"] == 'attachment; filename="board-report-wl6w50-2026-27.xlsx"'
    book = load_workbook(BytesIO(sheet.data))
    assert book.sheetnames[0] == "1 Module results"
    cells = [row for row in book.worksheets[2].values if row[0] == "Failed, below 40"]
    assert cells[0][1] == 1
    pdf = client.get(page.link("Download as PDF"))
    assert pdf.data.startswith(b"%PDF-1.7")
    assert b"pdfuaid" in pdf.data
    client.sign_in_as(of.tutor)
    for ending in ("", ".xlsx", ".pdf"):
        assert client.get(url + ending).status_code == 403
