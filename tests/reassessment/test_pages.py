"""Pages of reassessment: what a leader does in a run and for one student, and what that student then reads."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.assessment.models import Submission
from placements.assessment.workflow import SubmissionState
from placements.db import db
from placements.history.models import SensitiveRead
from placements.reassessment.models import Mitigation, Waiver
from tests.assessment.scene import Scene, seeded
from tests.client import PageClient, counting_queries
from tests.reassessment.scene import failing


@pytest.fixture
def of(database: Flask) -> Scene:
    """One who failed by a portfolio that never came, one who failed both parts, one who passed."""
    made: Scene = seeded(database, lambda: failing((62, None), (30, 30), (60, 70)))
    return made


@pytest.fixture
def leader(of: Scene, client: PageClient) -> PageClient:
    client.sign_in_as(of.leader)
    return client


def test_a_leader_opens_reassessment_for_who_failed(of: Scene, leader: PageClient, database: Flask) -> None:
    run = leader.page(f"/runs/{of.run.public_id}/reassessment")
    assert "2 students have failed parts to take again that are not open yet." in run.text
    url = f"/runs/{of.run.public_id}/reassessment/open"
    offered = leader.page(url)
    assert "Student3" not in offered.text
    checked = leader.submit(offered.form(), {"students": [of.enrolments[0].public_id, of.enrolments[1].public_id]})
    assert "2 students can hand in again what is listed here" in checked.text
    assert "It says no mark." in checked.text
    leader.submit(checked.form(), {})
    with database.app_context():
        found = db.session.scalars(select(Submission.state).where(Submission.attempt == 2)).all()
    assert found == [SubmissionState.OPEN] * 3
    assert "Nobody has a part to take again" in leader.page(url).text
    leader.sign_in_as(of.students[0])
    mine = leader.page("/assessment/news")
    assert "second attempt" in mine.text
    assert "It counts for at most 40." in mine.text
    assert "Wed 14 Jul 2027, 3pm" in mine.text
    assert "This is your second attempt." in leader.page("/assessment").text
    assert "This is your second attempt." in leader.page(f"/assessment/{of.portfolio.public_id}").text


def test_a_claim_is_recorded_and_decided_and_each_reading_of_it_is_kept(
    of: Scene, leader: PageClient, database: Flask
) -> None:
    url = f"/enrolments/{of.enrolments[0].public_id}"
    form = leader.page(f"{url}/mitigation").form()
    day = {"claimed_on": ["19", "10", "2026"]}
    shown = leader.submit(form, {"component": of.portfolio.public_id, "reference": "MC-77", **day})
    assert "MC-77" in shown.text
    assert "Waits for its decision" in shown.text
    with database.app_context():
        claim = db.session.scalars(select(Mitigation)).one()
        read = db.session.scalars(select(SensitiveRead.reader_id).where(SensitiveRead.about_kind == "mitigation"))
        assert list(read) == [of.leader.person_id]
    form = leader.page(f"/mitigation/{claim.public_id}").form()
    decided = {"decided_on": ["20", "10", "2026"], "due_on": ["14", "7", "2027"]}
    shown = leader.submit(form, {"outcome": "accepted", **decided})
    assert "DF: deferred" in shown.text
    leader.sign_in_as(of.students[0])
    mine = leader.page("/assessment/news")
    assert "Your claim MC-77" in mine.text
    assert "It counts as your first attempt, in full." in mine.text
    leader.sign_in_as(of.tutor)
    assert leader.get(url + "/reassessment").status_code == 404


def test_accepting_without_a_new_deadline_is_told_beside_the_field(
    of: Scene, leader: PageClient, database: Flask
) -> None:
    url = f"/enrolments/{of.enrolments[0].public_id}"
    day = {"claimed_on": ["19", "10", "2026"]}
    said = {"component": of.portfolio.public_id, "reference": "MC-77", **day}
    leader.submit(leader.page(f"{url}/mitigation").form(), said)
    with database.app_context():
        claim = db.session.scalars(select(Mitigation)).one()
    form = leader.page(f"/mitigation/{claim.public_id}").form()
    said = {"outcome": "accepted", "decided_on": ["20", "10", "2026"], "due_on": ["", "", ""]}
    assert "Enter the new deadline" in leader.submit(form, said).text


def test_a_component_is_waived_with_a_reason_that_its_student_reads(
    of: Scene, leader: PageClient, database: Flask
) -> None:
    url = f"/enrolments/{of.enrolments[0].public_id}"
    form = leader.page(f"{url}/waive").form()
    shown = leader.submit(form, {"component": of.agreement.public_id, "reason": "It closed."})
    assert "Say that you want its weight to fall to the rest" in shown.text
    said = {"component": of.agreement.public_id, "reason": "It closed.", "is_sure": True}
    assert "It is waived." in leader.submit(form, said).text
    with database.app_context():
        waiver = db.session.scalars(select(Waiver)).one()
    student = PageClient(database)
    student.sign_in_as(of.students[0])
    assert "Why: It closed." in student.page("/assessment/news").text
    assert "Empowering London Challenge Agreement Waived" in student.page("/assessment").text
    form = leader.page(f"{url}/reassessment").form(f"/waivers/{waiver.public_id}/end")
    assert "It is asked for again." in leader.submit(form, {}).text


def test_a_task_takes_the_place_of_a_portfolio(of: Scene, leader: PageClient, database: Flask) -> None:
    url = f"/runs/{of.run.public_id}/reassessment/open"
    checked = leader.submit(leader.page(url).form(), {"students": [of.enrolments[0].public_id]})
    leader.submit(checked.form(), {})
    with database.app_context():
        attempt = db.session.scalars(select(Submission).where(Submission.attempt == 2)).one()
    words = leader.page(f"/components/{of.portfolio.public_id}/reassessment-task")
    leader.submit(words.form(), {"title": "A published case", "brief": "Write about it."})
    shown = leader.submit(leader.page(f"/submissions/{attempt.public_id}/task").form(), {"reason": "Host gone."})
    assert "Instead: A published case" in shown.text
    leader.sign_in_as(of.students[0])
    page = leader.page(f"/assessment/{of.portfolio.public_id}")
    assert "Write about it." in page.text
    assert "Host gone." not in page.text


@pytest.mark.parametrize("students", [1, 3])
def test_the_list_of_a_run_takes_as_many_queries_however_many_students(
    database: Flask, client: PageClient, students: int
) -> None:
    of: Any = seeded(database, lambda: failing(*[(62, 30)] * students))
    client.sign_in_as(of.leader)
    with counting_queries() as queries:
        client.page(f"/runs/{of.run.public_id}/reassessment")
    assert queries.count == 15


def test_an_agreement_that_was_put_off_is_not_handed_in_here(database: Flask, client: PageClient) -> None:
    of, leader = seeded(database, lambda: failing((None, 30))), client
    leader.sign_in_as(of.leader)
    url = f"/enrolments/{of.enrolments[0].public_id}/mitigation"
    said = {"component": of.agreement.public_id, "reference": "MC-78", "claimed_on": ["19", "10", "2026"]}
    leader.submit(leader.page(url).form(), said)
    with database.app_context():
        claim = db.session.scalars(select(Mitigation)).one()
    form = leader.page(f"/mitigation/{claim.public_id}").form()
    decided = {"decided_on": ["20", "10", "2026"], "due_on": ["14", "7", "2027"]}
    leader.submit(form, {"outcome": "accepted", **decided})
    leader.sign_in_as(of.students[0])
    assert "You hand nothing in here: it is marked once everybody has signed" in leader.page("/assessment/news").text
