"""The lists of warnings and the form, as those whose students they are read and use them."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.accounts.models import GlobalRole
from placements.attendance.workflow import ContactState
from placements.db import db
from placements.history.models import SensitiveRead
from placements.mail.models import Message, MessageState, Notification
from placements.mail.notices import notices
from placements.people.models import Person
from placements.reading.models import Nudge, NudgeRecipient
from placements.reading.rules import Why
from placements.watch.models import EarlyWarning, WarningAction
from placements.watch.queries import MAILED
from placements.watch.rules import Kind
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.factories import DAY, NOW
from tests.factories.base import add
from tests.placing.scene import Scene, committed
from tests.watch.making import action, warning

PLACED = {"starts_on": date(2026, 10, 5)}


def scene(**said: object) -> Scene:
    made = Scene(**{**PLACED, **said})
    warning(made.placement)
    return made


def _mailed(to: Person, notice: str, about_id: int, days_ago: int) -> None:
    at = NOW - days_ago * DAY
    sent = {"state": MessageState.SENT, "created_at": at, "next_try_at": at, "sent_at": at}
    message = add(Message(recipient=to, **sent))
    add(Notification(notice=notice, about_id=about_id, recipient_id=to.id, due_at=at, message_id=message.id))


def _nudged(made: Scene, days_ago: int) -> None:
    said = {"why": Why.SILENT, "form_key": "nudge", "text": "How is it going?"}
    sent = Nudge(sent_by=made.tutor.person, at=NOW - days_ago * DAY, **said)
    sent.recipients = [NudgeRecipient(placement=made.placement, person=made.student.person)]
    db.session.add(sent)


def test_a_tutor_reads_why_and_what_was_tried_and_records_what_they_did(database: Flask, client: PageClient) -> None:
    with database.app_context():
        made = scene()
        action(db.session.scalars(select(EarlyWarning)).one(), made.leader.person, "No answer.", at=NOW - 3 * DAY)
        _mailed(made.student.person, "logbook.silent", made.placement.id, 5)
        _mailed(made.student.person, "logbook.silent", made.placement.id, 20)  # before it began
        make.contact_point(made.placement, at=NOW + 2 * DAY, state=ContactState.PLANNED)
        _nudged(made, 4)
        committed(made)
    client.sign_in_as(made.tutor)
    page = client.page("/warnings")
    [cells] = page.rows
    assert cells[0] == "Ada Okoro The food bank"
    assert cells[1].startswith("No visit logged Nothing has been logged since Wed 7 Oct 2026.")
    assert cells[2] == (
        "Visit, planned Thu 22 Oct 2026, 9am "
        "Lea Leader: Talked with the student: “No answer.” Sat 17 Oct 2026, 9am "
        "Tom Tutor wrote to Ada Okoro Fri 16 Oct 2026, 9am "
        "Email to Ada Okoro Thu 15 Oct 2026, 9am"
    )
    form = client.page(page.link("Record what you did about Ada Okoro: no visit logged")).form()
    answer = client.submit(form, what="talked", words="She was ill.", again_on=["27", "10", "2026"])
    assert "Kept. It comes back on Tue 27 Oct 2026 if it is still so." in answer.text
    assert "Nobody needs a look now" in answer.text
    assert client.page("/warnings?put_off=y").rows[0][0] == "Ada Okoro The food bank"


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("", ["Ben Else", "Ada Okoro"]),
        ("?kind=silent", ["Ada Okoro"]),
        ("?kind=attendance", ["Ben Else", "Ada Okoro"]),
        ("?q=ben", ["Ben Else"]),
    ],
)
def test_what_cannot_wait_comes_first_and_the_list_can_be_narrowed(
    database: Flask, client: PageClient, asked: str, names: list[str]
) -> None:
    with database.app_context():
        made = scene()
        other = make.enrolment(made.group, make.person(given_name="Ben", family_name="Else"))
        warning(other, Kind.UNPLACED, is_urgent=True)
        warning(make.placement(make.enrolment(made.group)), Kind.ATTENDANCE, is_urgent=True)
        warning(make.placement(make.enrolment(made.group)), closed_at=NOW)
        warning(make.placement(), Kind.SILENT)  # of another run
        committed(made)
    client.sign_in_as(made.leader)
    page = client.page(f"/warnings{asked}")
    assert [" ".join(row[0].split()[:2]) for row in page.rows] == names


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_asks_as_few_queries_for_one_as_for_three(database: Flask, client: PageClient, many: int) -> None:
    with database.app_context():
        made = scene()
        for _ in range(many):
            warning(make.placement(make.enrolment(made.group)), Kind.UNANSWERED)
        committed(made)
    client.sign_in_as(made.tutor)
    with counting_queries() as queries:
        assert len(client.page("/warnings").rows) == many + 1
    assert queries.count == 8


def test_the_visa_officer_alone_reads_of_missed_attendance_and_each_reading_is_kept(
    database: Flask, client: PageClient
) -> None:
    with database.app_context():
        made = Scene(**PLACED)
        made.visa = make.account(None, GlobalRole.VISA_OFFICER)  # type: ignore[attr-defined]
        made.student.person.student_number = "26000001"
        about = warning(made.placement, Kind.ATTENDANCE, is_urgent=True, why="Expected on Wed 7 Oct 2026.")
        key, address = about.id, f"/warnings/{about.public_id}/act"
        committed(made)
    officer = made.visa  # type: ignore[attr-defined]
    client.sign_in_as(officer)
    assert client.page("/home").link("See whose") == "/warnings/attendance"
    [cells] = client.page("/warnings/attendance").rows
    assert cells[0] == "Ada Okoro 26000001"
    assert "10 working days are missed: report it." in cells[2]
    client.page(address)
    with database.app_context():
        reads = select(SensitiveRead.about_id, SensitiveRead.reader_id, SensitiveRead.field)
        assert [tuple(row) for row in db.session.execute(reads)] == 2 * [(key, officer.person_id, "attendance")]
    for other in (made.tutor, made.leader):
        client.sign_in_as(other)
        assert client.get(address).status_code == 404
        assert "Nobody needs a look now" in client.page("/warnings").text


def test_the_same_form_twice_is_kept_once(database: Flask, client: PageClient) -> None:
    with database.app_context():
        made = scene()
        address = f"/warnings/{db.session.scalars(select(EarlyWarning)).one().public_id}/act"
        committed(made)
    client.sign_in_as(made.tutor)
    form = client.page(address).form()
    for _ in range(2):
        client.submit(form, what="fine", words="All is well.", again_on=["1", "11", "2026"])
    with database.app_context():
        assert db.session.scalar(select(func.count(WarningAction.id))) == 1


def test_the_notices_that_count_as_tried_are_notices(app: Flask) -> None:
    with app.app_context():
        assert {name for names, _ in MAILED.values() for name in names} <= notices().keys()
