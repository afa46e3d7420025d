"""What second markers and leaders see and press."""

from typing import Any

import pytest
from flask import Flask

from placements.db import db
from placements.double_marking.actions import compare_due
from tests.assessment.scene import seeded
from tests.client import PageClient, counting_queries
from tests.double_marking.scene import Twice, allotted, first_in, second_in, twice
from tests.factories import NOW
from tests.page import Page


def test_the_leader_allots_by_the_plan_or_otherwise(database: Flask, client: PageClient) -> None:
    at: Twice = seeded(database, lambda: twice(2))
    client.sign_in_as(at.of.leader)
    overview = client.page(f"/runs/{at.of.run.public_id}/second-marking")
    assert "No second marker yet: 2" in overview.text
    form = client.page(overview.link("Allot second markers : Final Project Portfolio")).form("Allot these")
    first = f"marker_{at.marks[0].public_id}"
    done = client.submit(form, {first: at.cleo.person.public_id})
    assert "2 scripts allotted. The markers are written to now." in done.text
    assert "Student1 Okoro Cleo Marker Being marked Tariq Tutor and Cleo Marker" in done.text
    handed = client.page(done.link("Give it to another: Student1 Okoro"))
    done = client.submit(handed.form("Give it to them"), marker=at.bea.person.public_id)
    assert "Student1 Okoro Bea Marker Being marked" in done.text


def scored(page: Page, client: PageClient, score: int, button: str) -> Page:
    said = {f"score_{place}": str(score) for place in (1, 2, 3)}
    return client.submit(page.form("Save draft"), said, feedback="Because.", button=button)


def test_two_mark_apart_and_then_see_both(database: Flask, client: PageClient) -> None:
    def build() -> Twice:
        at = twice()
        allotted(at)
        return at

    at: Twice = seeded(database, build)
    client.sign_in_as(at.bea)
    desk = client.page("/second-marking")
    page = client.page(desk.link("Student1 Okoro"))
    assert "You mark without knowing the first mark" in page.text
    assert "These scores come to 61." in scored(page, client, 61, "Save draft").text
    assert "Yours is in" in scored(client.page(desk.link("Student1 Okoro")), client, 61, "Submit the mark").text
    client.sign_in_as(at.of.tutor)
    assert client.get("/second-marking", checked=False).status_code == 403
    with database.app_context():
        db.session.add_all(at.marks)
        first_in(at, 59)
        compare_due(NOW)
        db.session.commit()
        mark = at.marks[0].public_id
    both = client.page(client.page("/second-marking").link("Student1 Okoro: Final Project Portfolio"))
    assert "The two marks are 59 and 61." in both.text
    propose = client.page(both.link("Propose a mark")).form("Propose this mark")
    outside = client.submit(propose, given="62", reason="So.", follow=False)
    assert "Propose a mark from 59 to 61." in outside.text
    done = client.submit(propose, given="60", reason="The logbook is better than I gave.")
    assert "Tariq Tutor proposes 60" in done.text
    client.sign_in_as(at.bea)
    both = client.page(f"/marks/{mark}/both")
    agreed = client.submit(both.form("Agree to 60"))
    assert "The mark of both is 60. Agreed by both markers." in agreed.text


@pytest.mark.parametrize("count", [1, 3])
def test_each_list_costs_the_same_whatever_its_length(database: Flask, client: PageClient, count: int) -> None:
    def build() -> Twice:
        at = twice(count)
        for place in range(count):
            second_in(at, allotted(at, place), 61)
        return at

    at: Twice = seeded(database, build)
    found: dict[str, Any] = {}
    for name, who, path in (
        ("desk", at.bea, "/second-marking"),
        ("overview", at.of.leader, f"/runs/{at.of.run.public_id}/second-marking"),
        ("allot", at.of.leader, f"/components/{at.of.portfolio.public_id}/second-markers"),
    ):
        client.sign_in_as(who)
        client.page(path)
        with counting_queries() as queries:
            client.page(path)
        found[name] = queries.count
    assert found == {"desk": 4, "overview": 7, "allot": 8}
