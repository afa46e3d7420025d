"""The module leader looks at how far marking is, shares scripts out, and gives one by hand."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.assessment.models import Mark
from placements.cohorts.models import MarkedBy
from placements.db import db
from placements.people.models import Person
from tests.assessment.scene import Scene, mark_it, seeded
from tests.client import PageClient, counting_queries
from tests.factories import DAY, NOW
from tests.scripts.scene import staffed


@pytest.fixture
def of(database: Flask) -> Scene:
    made: Scene = seeded(database, lambda: staffed(3)[0])
    return made


@pytest.fixture
def leader(of: Scene, client: PageClient) -> PageClient:
    client.sign_in_as(of.leader)
    return client


def here(of: Scene, page: str = "") -> str:
    return f"/scripts/{of.portfolio.public_id}{page}"


def test_scripts_are_looked_at_and_then_given(of: Scene, leader: PageClient) -> None:
    page = leader.page(here(of))
    assert page.h1 == "Who marks Final Project Portfolio"
    assert "3 scripts need a marker" in page.text
    page = leader.page(page.link("Share scripts out"))
    assert "3 scripts change hands" in page.text
    done = leader.submit(page.form())
    assert "3 scripts have a new marker." in done.text
    assert [row[1] for row in done.rows if row[0].startswith("Student")] != ["Nobody yet Needs a marker"] * 3
    assert "Nothing would change" in leader.page(here(of, "/share")).text


def test_what_each_takes_on_is_said_and_seen_in_the_proposal(of: Scene, leader: PageClient) -> None:
    page = leader.page(here(of, "/shares"))
    seen = leader.submit(page.form(), weight_0="0", weight_1="1", weight_2="2", weight_3="0", most_2="1")
    assert seen.h1 == "Check who marks what"
    assert seen.rows[:4] == [
        ["Lena Leader", "0", "0", "0", "–"],
        ["Tariq Tutor", "0", "2", "1", "–"],
        ["Olu Umar", "0", "1", "2", "1"],
        ["Pia Vale", "0", "0", "0", "–"],
    ]
    wrong = leader.submit(leader.page(here(of, "/shares")).form(), weight_1="lots", most_2="-1")
    assert wrong.status == 422


def test_a_stale_proposal_does_nothing_and_says_so(of: Scene, leader: PageClient) -> None:
    page = leader.page(here(of, "/share"))
    leader.submit(leader.page(here(of, "/shares")).form(), weight_1="5")
    again = leader.submit(page.form())
    assert again.status == 422
    assert "so nothing was done" in again.text


def test_one_is_given_by_hand_with_a_reason(of: Scene, database: Flask, leader: PageClient) -> None:
    page = leader.page(leader.page(here(of)).link("Change who marks Student1 Okoro"))
    assert page.h1 == "Choose who marks Student1 Okoro"
    assert leader.submit(page.form(), reason="").status == 422
    done = leader.submit(page.form(), marker=_person(database, "Pia"), reason="She knows it.")
    assert "Pia Vale marks it." in done.text
    assert "By hand: She knows it." in done.text


@pytest.fixture
def at_work(database: Flask) -> Scene:
    """Two of Tariq's three are marked, a day after the deadline and three days after it; the third is overdue."""

    def build() -> Scene:
        of, _ = staffed(3, MarkedBy.TUTOR)
        of.portfolio.due_at = NOW - 30 * DAY
        for place, days in ((0, 29), (1, 27)):
            submission = next(each.submission for each in _marks(of) if each.enrolment is of.enrolments[place])
            mark_it(of, submission, 50, 60, 70).submitted_at = NOW - days * DAY
        return of

    made: Scene = seeded(database, build)
    return made


def _person(app: Flask, name: str) -> str:
    with app.app_context():
        return str(db.session.scalars(select(Person.public_id).where(Person.given_name == name)).one())


def _marks(of: Scene) -> Any:
    return db.session.scalars(select(Mark).where(Mark.component_id == of.portfolio.id).order_by(Mark.id)).all()


def test_progress_says_how_far_each_is_and_what_is_overdue(at_work: Scene, client: PageClient) -> None:
    client.sign_in_as(at_work.leader)
    page = client.page(f"/runs/{at_work.run.public_id}/marking")
    assert "2 of 3 marked, 1 overdue" in page.text
    assert page.rows == [["Tariq Tutor", "2 of 3", "1", "1", "2"]]


@pytest.mark.parametrize("students", [1, 3])
def test_the_pages_ask_as_often_however_many_scripts(database: Flask, client: PageClient, students: int) -> None:
    of = seeded(database, lambda: staffed(students)[0])
    client.sign_in_as(of.leader)
    client.page("/marking")
    with counting_queries() as queries:
        client.page(f"/runs/{of.run.public_id}/marking")
    assert queries.count == 7
    with counting_queries() as queries:
        assert len([row for row in client.page(here(of)).rows if len(row) == 4]) == 4 + students
    assert queries.count == 10
