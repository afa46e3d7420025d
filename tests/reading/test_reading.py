"""A tutor reads, comments, decides and grades; a module leader sees totals, and reflections on the record."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.confirming import actions as confirming
from placements.db import db
from placements.history.models import SensitiveRead
from placements.logbook.hours import hours_of
from placements.logbook.models import Entry, EntryComment, How
from placements.logbook.workflow import EntryState
from placements.mail.models import Notification
from placements.placing.workflow import PlacementState
from placements.reading import actions
from placements.reading.models import LogbookGrade
from tests import factories as make
from tests.client import PageClient
from tests.factories import NOW
from tests.logbook.cast import Cast, cast, committed, known, logged, queries_of


@pytest.fixture
def people(database: Flask) -> Cast:
    """One visit of three hours with a reflection waits."""
    with database.app_context():
        made = cast()
        logged(made, reflection="A private thought.")
        return committed(made)


def told(app: Flask) -> list[tuple[str, int]]:
    with app.app_context():
        rows = db.session.scalars(select(Notification).order_by(Notification.id))
        return [(each.notice, each.recipient_id) for each in rows]


def test_the_list_has_ones_own_students_with_what_needs_looking_at(
    database: Flask, client: PageClient, people: Cast
) -> None:
    with database.app_context():
        silent = make.placement(
            make.enrolment(db.session.merge(people.placement).enrolment.group, make.person(given_name="Bea")),
            starts_on=date(2026, 10, 5),
        )
        make.entry(silent, state=EntryState.QUERIED, on=date(2026, 10, 6), starts=time(9), ends=time(12))
        cast()  # somebody else's student
        name, organisation = silent.enrolment.person.name, silent.challenge.organisation.name
        theirs = db.session.merge(people.placement).challenge.organisation.name
        db.session.commit()
    client.sign_in_as(people.tutor)
    page = client.page("/reading")
    assert page.rows == [
        [
            name,
            organisation,
            "0 h",
            "0 h",
            "Tue 6 Oct 2026 (14 days ago)",
            "Silent for 14 days 1 query 2 h 30 min not counted",
        ],
        ["Amina Rahman", theirs, "0 h", "3 h", "Wed 14 Oct 2026 (6 days ago)", "–"],
    ]
    assert [row[0] for row in client.page("/reading?show=silent").rows] == [name]
    assert [row[0] for row in client.page("/reading?show=queried").rows] == [name]
    assert [row[0] for row in client.page("/reading?q=rahm").rows] == ["Amina Rahman"]
    assert "No logbook is found" in client.page("/reading?show=over").text


def test_placements_that_are_over_stand_apart(database: Flask, client: PageClient) -> None:
    with database.app_context():
        people = committed(cast(state=PlacementState.COMPLETED, ended_on=date(2026, 10, 19)))
    client.sign_in_as(people.tutor)
    assert client.page("/reading").rows == []
    assert [row[0] for row in client.page("/reading?show=over").rows] == ["Amina Rahman"]


def test_the_list_takes_as_many_queries_for_one_as_for_three(database: Flask, client: PageClient) -> None:
    client.page("/help")
    counts = []
    for students in (1, 3):
        with database.app_context():
            people = cast()
            make.entry(people.placement)
            for _ in range(students - 1):
                make.entry(make.placement(make.enrolment(people.placement.enrolment.group)))
            people = committed(people)
        client.sign_in_as(people.tutor)
        counts.append(queries_of(client, "/reading"))
    assert counts == [11, 11]  # two of them for who is asking, five for what the plans expected


def test_a_comment_beside_a_visit_reaches_the_student_who_answers(
    database: Flask, client: PageClient, people: Cast
) -> None:
    client.sign_in_as(people.tutor)
    page = client.page(f"{people.url}/read")
    assert "A private thought." in page.text
    page = client.submit(page.form("Comment"), text="What would you do differently?")
    assert page.h1 == "Logbook of Amina Rahman"
    assert "What would you do differently?" in page.text
    client.submit(page.form("Comment"), text="What would you do differently?")
    client.sign_in_as(people.student)
    page = client.page(people.url)
    assert "1 comment" in page.text
    page = client.page(page.link("Wed 14 Oct 2026, 1pm to 4pm"))
    assert "Tessa Tutor Tue 20 Oct 2026, 9am What would you do differently?" in page.text
    client.submit(page.form("Comment"), text="Ask first.")
    with database.app_context():
        assert [each.text for each in db.session.scalars(select(EntryComment))] == [
            "What would you do differently?",
            "Ask first.",
        ]
    assert told(database) == [
        ("logbook.comment", people.student.person_id),
        ("logbook.comment", people.tutor.person_id),
    ]


def test_an_empty_comment_is_asked_for_again(client: PageClient, people: Cast) -> None:
    client.sign_in_as(people.tutor)
    page = client.submit(client.page(f"{people.url}/read").form("Comment"), text=" ")
    assert page.errors == ["Write your comment"]


def test_a_visit_is_verified_with_a_reason_that_the_student_can_read(
    database: Flask, client: PageClient, people: Cast
) -> None:
    client.sign_in_as(people.tutor)
    page = client.page(f"{people.url}/read")
    decide = client.page(page.link("Decide about Wed 14 Oct 2026, 1pm to 4pm"))
    form = decide.form("Decide and tell Amina")
    assert client.submit(form).errors == ["Choose whether these hours count", "Say why, for the student and the record"]
    page = client.submit(form, counts="yes", reason="The sign-in sheet has her name.")
    assert "Verified" in page.text
    with database.app_context():
        assert hours_of([people.placement.id])[people.placement.id].confirmed == 180
    assert told(database) == [("confirming.answers", people.student.person_id)]
    client.sign_in_as(people.student)
    page = client.page(client.page(people.url).link("Wed 14 Oct 2026, 1pm to 4pm"))
    assert "Verified by the university: 3 h (The sign-in sheet has her name.) Tessa Tutor" in page.text


def test_a_decision_can_be_taken_back_with_another(session: Any) -> None:
    people = cast()
    entry = logged(people)
    tutor = known(people)["tutor"]
    for counts, confirmed in ((True, 180), (False, 0), (False, 0), (True, 180)):
        actions.decide(entry, counts, "As the rota has it.", actor=tutor, now=NOW)
        assert hours_of([people.placement.id])[people.placement.id].confirmed == confirmed
    session.refresh(entry, ["events"])
    kinds = [each.kind.value for each in entry.events]
    assert kinds == ["submitted", "verified", "not_counted", "verified"]


def test_what_the_supervisor_confirmed_is_not_the_tutors_to_decide(
    database: Flask, client: PageClient, people: Cast
) -> None:
    with database.app_context():
        entry = db.session.scalars(select(Entry)).one()
        confirming.answer({entry.id: 1}, {}, how=How.LINK, actor=known(people)["supervisor"], now=NOW)
        db.session.commit()
        url = f"/log/{entry.public_id}/decide"
    client.sign_in_as(people.tutor)
    client.page(url, status=409)
    assert "Decide" not in client.page(f"{people.url}/read").text


def test_an_interest_in_the_organisation_keeps_a_tutor_from_deciding_and_grading_but_not_from_reading(
    database: Flask, client: PageClient, people: Cast
) -> None:
    with database.app_context():
        organisation = db.session.merge(people.placement).challenge.organisation
        make.interest(organisation, db.session.merge(people.tutor).person)
        url = f"/log/{db.session.scalars(select(Entry)).one().public_id}"
        db.session.commit()
    client.sign_in_as(people.tutor)
    page = client.page(f"{people.url}/read")
    assert "Grade this logbook" not in page.text
    client.page(f"{url}/decide", status=403)
    client.page(f"{people.url}/grade", status=403)
    client.page(url)


def test_a_module_leader_sees_hours_and_reflections_only_on_the_record(
    database: Flask, client: PageClient, people: Cast
) -> None:
    client.sign_in_as(people.leader)
    assert [row[0] for row in client.page("/reading").rows] == ["Amina Rahman"]
    page = client.page(f"{people.url}/read")
    assert "Counted the stock." in page.text
    assert "A private thought." not in page.text
    assert "A private thought." not in client.page(page.link("Wed 14 Oct 2026, 1pm to 4pm")).text
    page = client.submit(page.form("Show reflections"), follow=False)
    assert "A private thought." in page.text
    with database.app_context():
        read = db.session.scalars(select(SensitiveRead)).one()
        assert (read.reader_id, read.about_kind, read.about_id, read.field) == (
            people.leader.person_id,
            "placement",
            people.placement.id,
            "reflection",
        )


def grade_form(client: PageClient, people: Cast) -> Any:
    return client.page(f"{people.url}/grade").form("Save, and show it to Amina")


def only(form: Any, start: str) -> str:
    [name] = [each for each in form.names if each.startswith(start)]
    return name


def test_a_logbook_is_graded_against_the_criteria_about_it_and_the_student_sees_it_at_once(
    database: Flask, client: PageClient, people: Cast
) -> None:
    with database.app_context():
        for criterion in db.session.merge(people.run).components[0].criteria:
            criterion.bands = {"70": "Asks why, and changes.", "60": "Says what it means.", "0": "Only tells."}
        db.session.commit()
    client.sign_in_as(people.tutor)
    form = grade_form(client, people)
    score, note = only(form, "score_"), only(form, "note_")
    assert client.submit(form, {score: ""}).errors == ["Enter a score for Logbook and reflection"]
    assert client.submit(form, {score: "101"}).errors == ["Enter a whole number from 0 to 100"]
    client.submit(form, {score: "64", note: "Say more of what you felt.", "comment": "A good start."})
    assert told(database) == [("reading.grade", people.student.person_id)]
    client.sign_in_as(people.student)
    page = client.page(people.url)
    text = client.page(page.link("What your tutor says of your log so far")).text
    assert "Mid-point Never counts towards your mark" in text
    assert "Logbook and reflection: 64 Says what it means. Say more of what you felt. A good start." in text


def test_two_tutors_on_one_grade_see_both_and_lose_neither(database: Flask, client: PageClient, people: Cast) -> None:
    client.sign_in_as(people.tutor)
    mine = grade_form(client, people)
    score = only(mine, "score_")
    elsewhere = PageClient(database)
    elsewhere.sign_in_as(people.leader)
    elsewhere.submit(grade_form(elsewhere, people), {score: "70", "comment": "The leader's words."})
    page = client.submit(mine, {score: "50", "comment": "The tutor's words."})
    assert page.status == 422
    assert page.errors == [
        "Somebody else has saved a grade meanwhile. Both are below: save yours again, or leave theirs."
    ]
    assert "The leader's words." in page.text
    again = page.form("Save, and show it to Amina")
    assert (again.values[score], again.values["comment"]) == (["50"], ["The tutor's words."])
    with database.app_context():
        assert db.session.scalars(select(LogbookGrade)).one().comment == "The leader's words."
    client.submit(again)
    with database.app_context():
        grade = db.session.scalars(select(LogbookGrade)).one()
        assert (grade.comment, grade.version, [line.score for line in grade.scores]) == ("The tutor's words.", 2, [50])


def test_the_two_checkpoints_are_graded_apart(database: Flask, client: PageClient, people: Cast) -> None:
    client.sign_in_as(people.tutor)
    page = client.page(f"{people.url}/grade")
    client.submit(
        page.form("Save, and show it to Amina"), {only(page.form("Save, and show it to Amina"), "score_"): "40"}
    )
    page = client.page(page.link("Grade at the final check instead"))
    assert page.h1 == "Grade the logbook of Amina Rahman: Final check"
    form = page.form("Save the final grade")
    client.submit(form, {only(form, "score_"): "62"})
    with database.app_context():
        grades = db.session.scalars(select(LogbookGrade).order_by(LogbookGrade.id)).all()
        assert [(each.checkpoint.title, each.scores[0].score) for each in grades] == [
            ("Mid-point", 40),
            ("Final check", 62),
        ]


def test_a_long_logbook_is_read_page_by_page(database: Flask, client: PageClient) -> None:
    with database.app_context():
        people = cast(starts_on=date(2026, 9, 1))
        for day in range(17):
            make.entry(people.placement, on=date(2026, 9, 20) + timedelta(days=day), activity=f"Day {day}.")
        people = committed(people)
    client.sign_in_as(people.tutor)
    page = client.page(f"{people.url}/read")
    assert "1–15 of 17 visits" in page.text
    page = client.page(page.link("Next page"))
    assert "Day 0." in page.text
    first = next(form for form in page.forms if "text" in form.names)
    assert "?page=2" in first.action
    assert "16–17 of 17 visits" in client.submit(first, text="Good.").text
