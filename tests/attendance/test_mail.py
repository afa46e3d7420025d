"""The words of planned days and contact points; never why somebody cannot come."""

import re
from typing import Any

import pytest

from placements.attendance import actions, contacts, notices, planning
from placements.attendance.models import ContactKind
from placements.attendance.workflow import ContactState
from placements.db import db
from placements.links.models import Link
from placements.people.models import Person
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests import golden
from tests.attendance.scene import Scene, scene
from tests.factories import DAY, NOW
from tests.golden import check_golden


@pytest.fixture
def made(session: Any) -> Scene:
    return scene()


def said(notice: Any, about_id: int, to: Person, now: Any = NOW) -> str:
    return re.sub(r"/expected/[\w.-]+", "/expected/TOKEN", golden.said(notice, about_id, to, now) or "")


def test_what_host_and_student_read_of_a_day_that_is_off(made: Scene) -> None:
    actions.cancel(made.soon, "SECRET", actor=made.who("student"), now=NOW)
    text = said(notices.CANNOT_COME, made.soon.id, made.supervisor)
    check_golden("attendance/cannot_come", text)
    assert "SECRET" not in text
    assert said(notices.CAN_COME, made.soon.id, made.supervisor) == ""
    assert said(notices.CANNOT_COME, made.soon.id, made.supervisor, NOW + 9 * DAY) == ""
    actions.restore(made.soon, actor=made.who("student"), now=NOW)
    assert said(notices.CANNOT_COME, made.soon.id, made.supervisor) == ""
    check_golden("attendance/can_come", said(notices.CAN_COME, made.soon.id, made.supervisor))
    actions.cancel(made.soon, actor=made.who("supervisor"), now=NOW)
    check_golden("attendance/cannot_come_by_host", said(notices.CANNOT_COME, made.soon.id, made.student.person))


def test_what_a_supervisor_without_an_account_reads(session: Any) -> None:
    made = scene(has_account=False)
    planning.plan_due(NOW)
    link = db.session.query(Link).filter_by(purpose="attendance.by_link").one()
    check_golden("attendance/your_page", said(notices.YOUR_PAGE, link.id, made.supervisor))
    assert said(notices.YOUR_PAGE, link.id, made.supervisor, NOW + 61 * DAY) == ""


def test_what_asks_for_the_organisations_note_until_it_is_there(made: Scene) -> None:
    contact = make.contact_point(made.placement, at=NOW - DAY)
    contacts.settle(contact, ContactState.DONE, "SECRET", actor=made.who("tutor"), now=NOW)
    text = re.sub(r"/visit-note/[\w.-]+", "/visit-note/TOKEN", said(notices.NOTE_WANTED, contact.id, made.supervisor))
    check_golden("attendance/note_wanted", text)
    assert "SECRET" not in text
    assert said(notices.NOTE_WANTED, contact.id, made.supervisor, NOW + 28 * DAY) == ""
    assert said(notices.NOTE_WANTED, contact.id, made.student.person) == ""
    contacts.add_note(contact, "All well.", actor=made.who("supervisor"), now=NOW)
    assert said(notices.NOTE_WANTED, contact.id, made.supervisor) == ""


def test_what_a_planned_visit_says_until_it_is_over(made: Scene) -> None:
    given = {"actor": made.who("tutor"), "now": NOW}
    contact = contacts.plan_contact(made.placement, ContactKind.VISIT, NOW + 9 * DAY, "key", **given)
    check_golden("attendance/contact_planned", said(notices.CONTACT_PLANNED, contact.id, made.student.person))
    assert said(notices.CONTACT_PLANNED, contact.id, made.student.person, NOW + 10 * DAY) == ""
    contact.state = ContactState.MISSED
    assert said(notices.CONTACT_PLANNED, contact.id, made.student.person) == ""


def test_nobody_is_told_of_days_and_visits_of_a_placement_that_has_ended(made: Scene) -> None:
    given = {"actor": made.who("tutor"), "now": NOW}
    contact = contacts.plan_contact(made.placement, ContactKind.VISIT, NOW + 9 * DAY, "key", **given)
    actions.cancel(made.soon, actor=made.who("supervisor"), now=NOW)
    told = [(notices.CONTACT_PLANNED, contact.id), (notices.CONTACT_NEAR, contact.id)]
    told.append((notices.CANNOT_COME, made.soon.id))
    assert all(said(notice, about_id, made.student.person) for notice, about_id in told)
    made.placement.state = PlacementState.ENDED_EARLY
    db.session.flush()
    assert [said(notice, about_id, made.student.person) for notice, about_id in told] == ["", "", ""]
