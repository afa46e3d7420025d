"""The list of a run's students: who sees whom, searching, filtering, sorting, paging, and taking it away."""

import csv
import io

import pytest
from flask import Flask

from placements.cohorts.models import ModuleRun
from placements.cohorts.workflow import EnrolmentState
from placements.db import db
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.cohorts.people import Cohort, committed

STUDENTS = [
    ("Ada", "Okafor", "21000003", "A", "Psychology BSc", EnrolmentState.PLACED),
    ("Ben", "Mbeki", "21000001", "A", "Law LLB", EnrolmentState.REGISTERED),
    ("Cai", "Lin", "21000002", "B", "Art BA", EnrolmentState.WITHDRAWN),
]


@pytest.fixture
def made(database: Flask) -> Cohort:
    made = committed(database)
    with database.app_context():
        groups = {group.occurrence: group for group in db.session.get_one(ModuleRun, made.run.id).groups}
        for given, family, number, group, course, state in STUDENTS:
            who = make.person(
                given_name=given, family_name=family, email=f"{given}@example.org".lower(), student_number=number
            )
            make.enrolment(groups[group], who, course_title=course, state=state, is_visa_sponsored=True)
        make.enrolment(make.group(), make.person(family_name="Elsewhere"))
        db.session.commit()
    return made


def url(made: Cohort, rest: str = "") -> str:
    return f"/runs/{made.run.public_id}/students{rest}"


def names(client: PageClient, address: str) -> list[str]:
    return [row[0] for row in client.page(address).rows]


def test_a_leader_sees_the_whole_run(made, client: PageClient):
    client.sign_in_as(made.leader)
    page = client.page(client.page(f"/runs/{made.run.public_id}").link("See the students"))
    assert page.rows == [
        ["Cai Lin", "21000002", "Art BA", "Friday morning", "Withdrawn", "Nobody yet", "cai@example.org"],
        ["Ben Mbeki", "21000001", "Law LLB", "Wednesday afternoon", "Registered", "Joseph Amadi", "ben@example.org"],
        [
            "Ada Okafor",
            "21000003",
            "Psychology BSc",
            "Wednesday afternoon",
            "Placed",
            "Joseph Amadi",
            "ada@example.org",
        ],
    ]
    assert "1–3 of 3 students" in page.text


def test_a_tutor_sees_their_own_group_and_can_ask_for_no_other(made, client: PageClient):
    client.sign_in_as(made.tutor)
    client.forbidden |= {"Cai", "21000002"}
    assert names(client, url(made)) == ["Ben Mbeki", "Ada Okafor"]
    assert client.page(url(made)).form().offers("group") == ["", made.a.public_id]
    assert names(client, url(made, f"?group={made.b.public_id}")) == ["Ben Mbeki", "Ada Okafor"]
    assert names(client, url(made, "?search=cai")) == []
    client.get(url(made, ".csv"))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("search=okaf", ["Ada Okafor"]),
        ("search=ada+OKAFOR", ["Ada Okafor"]),
        ("search=ada+mbeki", []),
        ("search=21000002", ["Cai Lin"]),
        ("search=ben@example", ["Ben Mbeki"]),
        ("search=%25", []),
        ("search=_", []),
        ("status=placed", ["Ada Okafor"]),
        ("status=nonsense", ["Cai Lin", "Ben Mbeki", "Ada Okafor"]),
        ("group=nonsense", ["Cai Lin", "Ben Mbeki", "Ada Okafor"]),
        ("sort=number", ["Ben Mbeki", "Cai Lin", "Ada Okafor"]),
        ("sort=-number", ["Ada Okafor", "Cai Lin", "Ben Mbeki"]),
        ("sort=-name", ["Ada Okafor", "Ben Mbeki", "Cai Lin"]),
        ("sort=course", ["Cai Lin", "Ben Mbeki", "Ada Okafor"]),
        ("sort=group", ["Ben Mbeki", "Ada Okafor", "Cai Lin"]),
        ("sort=nonsense", ["Cai Lin", "Ben Mbeki", "Ada Okafor"]),
        ("page=99", []),
        ("page=0&page=x", ["Cai Lin", "Ben Mbeki", "Ada Okafor"]),
    ],
)
def test_what_is_asked_for_is_found(made, client: PageClient, asked, found):
    client.sign_in_as(made.leader)
    assert names(client, url(made, f"?{asked}")) == found


def test_filters_show_as_tags_that_take_themselves_away(made, client: PageClient):
    client.sign_in_as(made.leader)
    page = client.submit(client.page(url(made)).form(), search="a", group=made.a.public_id)
    assert [row[0] for row in page.rows] == ["Ben Mbeki", "Ada Okafor"]
    assert names(client, page.link("Remove Group: Wednesday afternoon")) == ["Cai Lin", "Ben Mbeki", "Ada Okafor"]
    page = client.page(url(made, "?search=nobody"))
    assert "No student is found" in page.text
    assert names(client, page.link("Clear all")) == ["Cai Lin", "Ben Mbeki", "Ada Okafor"]


def test_a_heading_sorts_and_sorts_the_other_way_round_keeping_the_search(made, client: PageClient):
    client.sign_in_as(made.leader)
    page = client.page(client.page(url(made, "?search=example")).link("Student number"))
    assert [row[0] for row in page.rows] == ["Ben Mbeki", "Cai Lin", "Ada Okafor"]
    assert names(client, page.link("Student number")) == ["Ada Okafor", "Cai Lin", "Ben Mbeki"]


def test_the_sheet_holds_what_is_shown_and_never_who_is_sponsored(made, database, client: PageClient):
    with database.app_context():
        cheeky = make.person(given_name="=1+1", family_name="Zed", email="zed@example.org", student_number="21000009")
        make.enrolment(db.session.get_one(ModuleRun, made.run.id).groups[0], cheeky, course_title="Law LLB")
        db.session.commit()
    client.sign_in_as(made.leader)
    page = client.page(url(made, "?search=law&sort=number"))
    assert page.rows == []  # the course is not searched
    page = client.page(url(made, f"?group={made.a.public_id}&sort=-number"))
    answer = client.get(page.link("Download these students (CSV)"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="students-wl6w50-2026-27.csv"'
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == [
        *("Student number", "Surname", "Forename", "Email", "Course code", "Course title", "Mode", "Group"),
        *("Tutor", "Status"),
    ]
    assert [row[0:3] for row in rows[1:]] == [
        ["21000009", "Zed", "'=1+1"],
        ["21000003", "Okafor", "Ada"],
        ["21000001", "Mbeki", "Ben"],
    ]
    assert rows[2][3:] == [
        *("ada@example.org", "BSCPSY", "Psychology BSc", "Full time", "Wednesday afternoon"),
        *("Joseph Amadi", "placed"),
    ]


def test_long_lists_come_in_pages_and_ask_the_same_number_of_questions(made, database, client: PageClient):
    client.sign_in_as(made.leader)
    client.page(url(made))
    with counting_queries() as few:
        client.page(url(made))
    with database.app_context():
        group = db.session.get_one(ModuleRun, made.run.id).groups[0]
        for n in range(60):
            make.enrolment(group, make.person(family_name=f"Z{n:02}", student_number=f"2200{n:04}"))
        db.session.commit()
    with counting_queries() as many:
        page = client.page(url(made))
    assert (few.count, many.count) == (6, 6)
    assert "1–25 of 63 students" in page.text
    page = client.page(page.link("Next page"))
    assert "26–50 of 63 students" in page.text
    page = client.page(page.link("Next page"))
    assert "51–63 of 63 students" in page.text
    assert [link.text for link in page.links if "page" in link.text] == ["Previous page"]


def test_an_empty_run_says_what_will_be_there(database, client: PageClient):
    made = committed(database)
    client.sign_in_as(made.leader)
    assert "No students yet They come in from the student record." in client.page(url(made)).text
