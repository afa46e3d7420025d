"""Planned days in the browser: who sees and presses what, by account and by link."""

from datetime import date

import pytest
from flask import Flask, url_for
from sqlalchemy import select

from placements.accounts.models import Account
from placements.attendance import planning
from placements.attendance.models import ContactPoint, PlannedDay
from placements.attendance.workflow import ContactState, DayState
from placements.db import db
from placements.links.actions import token
from placements.links.models import Link
from placements.mail.models import Notification
from tests import factories as make
from tests.attendance.scene import Scene, committed, scene
from tests.client import PageClient, counting_queries
from tests.databases import seeding
from tests.factories import DAY, NOW

PLAN = "/placements/placementpub/planned-days"


@pytest.fixture
def made(database: Flask) -> Scene:
    with database.app_context():
        return committed(scene())


def days(app: Flask) -> dict[date, PlannedDay]:
    with app.app_context():
        return {each.on: each for each in db.session.scalars(select(PlannedDay))}


def told(app: Flask, name: str) -> set[int]:
    with app.app_context():
        return set(db.session.scalars(select(Notification.recipient_id).where(Notification.notice == name)))


def test_a_student_says_from_the_placements_page_that_they_cannot_come_and_takes_it_back(
    database: Flask, client: PageClient, made: Scene
) -> None:
    client.sign_in_as(made.student)
    page = client.page("/placements/placementpub")
    assert "You are expected next on Wed 28 Oct 2026 (in 8 days)." in page.text
    page = client.page(page.link("I can’t come on Wed 28 Oct 2026"))
    assert "Sam Super and Tessa Tutor are told at once" in page.text
    page = client.submit(page.form("I can’t come"), why="~private~")
    assert "We are telling Sam Super and Tessa Tutor now." in page.text
    assert "~private~" not in page.text
    assert told(database, "attendance.cannot_come") == {made.supervisor.id, made.tutor.person_id}
    page = client.submit(page.form("I can come after all Wed 28 Oct 2026"))
    assert "Wed 28 Oct 2026 is on again." in page.text
    assert days(database)[date(2026, 10, 28)].why == ""


def test_why_is_read_by_the_tutor_and_by_nobody_else(database: Flask, client: PageClient, made: Scene) -> None:
    with seeding(database):
        day = db.session.get_one(PlannedDay, made.soon.id)
        day.state, day.cancelled_by_id, day.why = DayState.CANCELLED, made.student.person_id, "~private~"
    assert isinstance(made.host, Account)
    for account, reads in ((made.tutor, True), (made.host, False), (made.student, False)):
        client.sign_in_as(account)
        page = client.page(PLAN)
        assert "The student cannot come" in page.text
        assert ("~private~" in page.text) is reads


def test_a_student_adds_moves_and_takes_out_days(database: Flask, client: PageClient, made: Scene) -> None:
    client.sign_in_as(made.student)
    page = client.page(client.page(PLAN).link("Add a day"))
    page = client.submit(page.form("Add the day"), on=["6", "11", "2026"], starts="10am", ends="1pm")
    assert "Fri 6 Nov 2026, 10am to 1pm" in page.text
    page = client.page(page.link("Move Wed 28 Oct 2026"))
    again = client.submit(page.form("Save the change"), on=["4", "11", "2026"])
    assert "That day is in the plan already. Choose another." in again.text
    page = client.submit(page.form("Save the change"), on=["29", "10", "2026"])
    page = client.page(page.link("Move Wed 4 Nov 2026"))
    page = client.submit(page.form("Take it out of the plan"))
    assert set(days(database)) == {date(2026, 10, 29), date(2026, 11, 6)}
    assert "expected next on Thu 29 Oct 2026" in client.page("/placements/placementpub").text


def test_a_host_says_by_account_that_nobody_is_there_and_when_they_are_closed(
    database: Flask, client: PageClient, made: Scene
) -> None:
    assert made.host is not None
    client.sign_in_as(made.host)
    page = client.page(client.page(PLAN).link("Not here that day Wed 28 Oct 2026"))
    page = client.submit(page.form("I am not there that day"))
    assert told(database, "attendance.cannot_come") == {made.student.person_id, made.tutor.person_id}
    page = client.page(page.link("When we are closed"))
    page = client.submit(page.form("Add the closed days"), from_on=["4", "11", "2026"], to_on=["4", "11", "2026"])
    assert "Wed 4 Nov 2026: no student is expected." in page.text
    assert client.page(PLAN).rows[1][:2] == ["Wed 4 Nov 2026", "Closed The organisation is closed"]
    page = client.submit(page.form("Take away Wed 4 Nov 2026"))
    assert "No closed days are entered." in page.text


def test_a_supervisor_without_an_account_reads_and_answers_by_link(database: Flask, client: PageClient) -> None:
    with database.app_context():
        made = committed(scene(has_account=False))
        planning.plan_due(NOW)
        db.session.commit()
        link = db.session.scalars(select(Link)).one()
        url = url_for("attendance.by_link", token=token(link))
    for _ in range(3):
        client.get(url)
        client.head(url)
    assert days(database)[date(2026, 10, 28)].state is DayState.PLANNED
    page = client.page(url)
    assert "call 999 first" in page.text and "amina@example.org" in page.text
    page = client.submit(page.form("Not here that day Wed 28 Oct 2026"))
    assert "Wed 28 Oct 2026 is off. We are telling Amina Rahman and Tessa Tutor now." in page.text
    page = client.submit(page.form("It is on after all Wed 28 Oct 2026"))
    assert days(database)[date(2026, 10, 28)].state is DayState.PLANNED
    with seeding(database):
        db.session.get_one(Link, link.id).expires_at = NOW - DAY
    page = client.page(url)
    assert "amina@example.org" not in page.text
    page = client.submit(page.form("Email me a new link"))
    assert "We have sent an email with a new link to sam@example.org." in page.text
    with seeding(database):
        db.session.get_one(Link, link.id).holder_id = made.tutor.person_id
    assert "You have nothing to do here any more." in client.page(url).text


def test_a_visit_is_planned_done_with_notes_of_both_and_read_by_those_it_is_for(
    database: Flask, client: PageClient, made: Scene
) -> None:
    client.sign_in_as(made.tutor)
    page = client.page(client.page(PLAN).link("Plan a visit or call"))
    assert "about Mon 14 Dec 2026 and Sat 20 Feb 2027" not in page.text
    page = client.submit(page.form("Plan it"), kind="visit", on=["21", "10", "2026"], at="2pm")
    assert told(database, "attendance.contact_planned") == {made.student.person_id, made.supervisor.id}
    page = client.page(page.link("Say how it went: Visit on Wed 21 Oct 2026, 2pm"))
    early = client.submit(page.form("Save it"), went="done", note="Went well.")
    assert "It has not come yet. Say afterwards how it went." in early.text
    with seeding(database):
        db.session.scalars(select(ContactPoint)).one().at = NOW - DAY
    page = client.submit(page.form("Save it"), went="done", note="~tutors~")
    assert "Took place" in page.text and "~tutors~" in page.text
    assert made.host is not None
    client.sign_in_as(made.host)
    page = client.page(PLAN)
    assert "~tutors~" not in page.text
    page = client.page(page.link("Add your note: Visit on Mon 19 Oct 2026, 9am"))
    page = client.submit(page.form("Save your note"), note="~hosts~")
    assert "~hosts~" in page.text
    client.sign_in_as(made.student)
    page = client.page("/placements/placementpub")
    assert "Took place" in page.text and "~hosts~" not in page.text and "~tutors~" not in page.text
    with database.app_context():
        assert db.session.scalars(select(ContactPoint)).one().state is ContactState.DONE


@pytest.mark.parametrize("more", [0, 2])
def test_the_plan_asks_the_same_for_two_days_and_four(
    database: Flask, client: PageClient, made: Scene, more: int
) -> None:
    with seeding(database):
        placement = db.session.merge(made.placement)
        for n in range(more):
            make.planned_day(placement, date(2026, 11, 11 + 7 * n))
            make.contact_point(placement)
    client.sign_in_as(made.student)
    with counting_queries() as queries:
        client.page(PLAN)
    assert queries.count == 8
