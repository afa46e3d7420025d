"""The pages of moved deadlines: a leader looks before granting, a tutor reads a date, a student reads why."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.assessment.workflow import SubmissionState
from placements.db import db
from placements.extensions.models import Extension
from placements.history.models import SensitiveRead
from tests import factories as make
from tests.assessment.scene import HOUR, Scene, hand_in, mark_it, scene, seeded
from tests.client import PageClient, counting_queries
from tests.databases import seeding
from tests.factories import NOW
from tests.factories.extensions import extension
from tests.page import Page

DAY = timedelta(days=1)
DUE = datetime(2026, 10, 19, 14, 0, tzinfo=UTC)  # yesterday, 3pm in London
FRIDAY = ["30", "10", "2026"]
CAPPED = {"kind": "capped_within", "days": 7, "cap": 40}


def late_and_marked() -> Scene:
    of = scene(students=3, due=DUE, late_policy=CAPPED)
    mark_it(of, hand_in(of, 0, DUE + HOUR), 62, 62, 62)
    return of


@pytest.fixture
def of(database: Flask) -> Scene:
    made: Scene = seeded(database, late_and_marked)
    return made


@pytest.fixture
def leader(of: Scene, client: PageClient) -> PageClient:
    client.sign_in_as(of.leader)
    return client


def asked(leader: PageClient, of: Scene, *places: int, **said: Any) -> Page:
    """The form filled in and sent: what it moves, or what is wrong."""
    page = leader.page(f"/runs/{of.run.public_id}/extensions/grant")
    students = [of.enrolments[place].public_id for place in places]
    answers = {"students": students, "work": of.portfolio.public_id, "cause": "placed_late", "day": FRIDAY, **said}
    return leader.submit(page.form("Check what it moves"), answers)


def extensions(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [(each.cause.value, each.reference) for each in db.session.scalars(select(Extension))]


def test_a_leader_sees_what_moves_before_anything_does(leader: PageClient, of: Scene, database: Flask) -> None:
    page = asked(leader, of, 0, 1)
    assert page.h1 == "Check this extension"
    assert "2 deadlines will be moved: placed late." in page.text
    marked, unmarked = page.rows[:2]
    assert marked[2:] == [
        "Mon 19 Oct 2026, 3pm becomes Fri 30 Oct 2026, 3pm",
        "Mon 9 Nov 2026, 3pm becomes Fri 20 Nov 2026, 3pm",
        "40, by the late policy, becomes 62",
    ]
    assert unmarked[4] == "Stays"
    assert extensions(database) == []
    back = leader.submit(page.form(), button="Change this")
    assert back.h1 == "Give an extension"
    done = leader.submit(page.form(), button="Move 2 deadlines", follow=True)
    assert "Deadlines moved: 2. Each student is written to now." in done.text
    assert extensions(database) == [("placed_late", ""), ("placed_late", "")]
    assert [row[0] for row in done.rows] == ["Student1 Okoro", "Student2 Okoro"]


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"cause": "adjustment"}, "Enter the reference of the agreed adjustment"),
        ({"students": []}, "Choose at least one student"),
        ({"day": ["31", "10", "2026"]}, "Sat 31 Oct 2026 is no working day. The next one is Mon 2 Nov 2026."),
        ({"days": "3"}, "Enter the new deadline, or by how many days it is later"),
        ({"work": "every"}, "For every deadline, enter by how many days it is later, and no day"),
        ({"day": ["19", "10", "2026"]}, "That is not later than the deadline, Mon 19 Oct 2026, 3pm."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_moves(
    leader: PageClient, of: Scene, database: Flask, said: dict[str, Any], wrong: str
) -> None:
    page = asked(leader, of, 1, **said)
    assert wrong in page.errors
    assert extensions(database) == []


def test_an_adjustment_moves_every_deadline_in_one_press(leader: PageClient, of: Scene, database: Flask) -> None:
    none = {"day": ["", "", ""]}
    page = asked(leader, of, 1, work="every", days="7", cause="adjustment", reference="DS-77", **none)
    assert [row[2] for row in page.rows] == ["Mon 19 Oct 2026, 3pm becomes Mon 26 Oct 2026, 3pm"]
    leader.submit(page.form(), button="Move 1 deadline", follow=True)
    assert extensions(database) == [("adjustment", "DS-77")]


def granted(database: Flask, of: Scene, *places: int) -> list[str]:
    """Extensions there are, by address."""
    with seeding(database):
        made = [
            extension(opened(of, place), of.leader.person, reference="DS-secret", due_before=DUE) for place in places
        ]
        db.session.flush()
        return [each.public_id for each in made]


def opened(of: Scene, place: int) -> Any:
    from_now = {"state": SubmissionState.OPEN, "due_at": NOW + 3 * DAY}
    return make.submission(db.session.merge(of.enrolments[place]), db.session.merge(of.portfolio), **from_now)


def test_a_tutor_reads_the_date_and_not_why_and_grants_nothing(of: Scene, client: PageClient, database: Flask) -> None:
    [address] = granted(database, of, 1)
    client.sign_in_as(of.tutor)
    client.forbidden = {"DS-secret", "Placed late", "19 Oct"}
    page = client.page(f"/runs/{of.run.public_id}/extensions")
    assert [row[:2] for row in page.rows] == [["Student2 Okoro", "Final Project Portfolio"]]
    assert "Fri 30 Oct 2026, 8am" in page.rows[0][2]
    assert "Give an extension" not in page.text
    client.page(f"/runs/{of.run.public_id}/extensions/grant", status=403)
    client.page(f"/extensions/{address}", status=404)


def test_that_a_leader_read_why_is_written_down(of: Scene, leader: PageClient, database: Flask) -> None:
    [address] = granted(database, of, 1)
    listed = leader.page(f"/runs/{of.run.public_id}/extensions")
    assert "DS-secret" not in listed.text
    page = leader.page(f"/extensions/{address}")
    assert "DS-secret" in page.text
    with database.app_context():
        rows = db.session.scalars(select(SensitiveRead))
        assert [(each.about_kind, each.field, each.reader_id) for each in rows] == [
            ("extension", "reference", of.leader.person_id)
        ]


def test_a_student_reads_why_and_leaves_no_trace(of: Scene, client: PageClient, database: Flask) -> None:
    granted(database, of, 1)
    client.sign_in_as(of.students[1])
    work = client.page("/assessment")
    assert "This deadline is your own: see why." in work.text
    mine = client.page(work.link("see why"))
    assert "Placed late, reference DS-secret." in mine.text
    one = client.page(mine.link("See what happened: Final Project Portfolio"))
    assert one.h1 == "Final Project Portfolio: your later deadline"
    assert "Change it" not in one.text
    with database.app_context():
        assert db.session.scalars(select(SensitiveRead)).all() == []


def test_a_leader_changes_and_withdraws(of: Scene, leader: PageClient, database: Flask) -> None:
    [address] = granted(database, of, 1)
    page = leader.page(f"/extensions/{address}/change")
    check = leader.submit(page.form("Check what it moves"), {"day": ["2", "11", "2026"]})
    assert check.rows[0][2] == "Fri 30 Oct 2026, 8am becomes Mon 2 Nov 2026, 3pm"
    changed = leader.submit(check.form(), button="Move the deadline", follow=True)
    assert "The deadline is Mon 2 Nov 2026, 3pm" in changed.text
    withdrawing = leader.page(changed.link("Withdraw it"))
    assert "would again have until Mon 19 Oct 2026, 3pm" in withdrawing.text
    done = leader.submit(withdrawing.form("Withdraw it"), {"reason": "The wrong student."}, follow=True)
    assert "The extension is withdrawn." in done.text
    ended = leader.page(f"/runs/{of.run.public_id}/extensions?ended=y")
    assert [row[2].split(")")[-1].strip() for row in ended.rows] == ["Changed", "Withdrawn"]


def test_where_everybodys_deadline_came_to_be_later_every_page_says_that_one(
    of: Scene, client: PageClient, database: Flask
) -> None:
    [address] = granted(database, of, 1)
    with seeding(database):
        db.session.merge(of.portfolio).due_at = NOW + 30 * DAY
    later = "Thu 19 Nov 2026, 8am"
    client.sign_in_as(of.students[1])
    work = client.page("/assessment")
    assert f"Due {later}" in work.text
    assert "This deadline is your own" not in work.text
    mine = client.page("/extensions")
    assert f"Due {later} (in 30 days), as for everybody: your deadline was to be Fri 30 Oct 2026, 8am" in mine.text
    client.sign_in_as(of.leader)
    [row] = client.page(f"/runs/{of.run.public_id}/extensions").rows
    assert (row[2].endswith("Everybody’s is later"), row[3]) == (True, later)
    page = client.page(f"/extensions/{address}")
    assert f"The deadline is {later} (in 30 days), as for everybody" in page.text
    assert f"still has until {later}" in client.page(page.link("Withdraw it")).text
    assert "this extension until Fri 30 Oct 2026, 8am is earlier" in client.page(page.link("Change it")).text


def test_a_list_costs_the_same_however_long(database: Flask, client: PageClient) -> None:
    counts = []
    for students in (1, 3):
        of = seeded(database, lambda n=students: scene(students=n, due=DUE, numbers=f"27{n}"))  # type: ignore[misc]
        granted(database, of, *range(students))
        client.sign_in_as(of.leader)
        address = f"/runs/{of.run.public_id}/extensions"
        client.page(address)
        with counting_queries() as queries:
            client.page(address)
        counts.append(queries.count)
    assert counts == [6, 6]
