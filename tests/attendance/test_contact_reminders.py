"""Who is reminded of a visit or call by the tutor: before it, and where nobody says how it went."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.attendance import contacts, notices
from placements.attendance.models import ContactKind, ContactPoint
from placements.attendance.workflow import ContactState
from placements.cohorts.models import RunRole
from placements.core.policy import Principal
from placements.db import db
from placements.mail.actions import remind
from placements.mail.models import Notification
from tests import factories as make
from tests.attendance.scene import Scene, scene
from tests.factories import DAY, NOW
from tests.golden import check_golden, said

AT = datetime(2026, 10, 29, 14, 0, tzinfo=UTC)  # a Thursday, nine days after NOW
DAY_BEFORE = datetime(2026, 10, 28, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def made(session: Any) -> Scene:
    return scene()


def plan(made: Scene, now: datetime = NOW) -> ContactPoint:
    return contacts.plan_contact(made.placement, ContactKind.VISIT, AT, "key", actor=made.who("tutor"), now=now)


def told(name: str, now: datetime) -> list[tuple[int, datetime]]:
    remind(now)
    rows = select(Notification.recipient_id, Notification.due_at).where(Notification.notice == f"attendance.{name}")
    return sorted((person, due_at) for person, due_at in db.session.execute(rows))


def test_everybody_is_reminded_once_on_the_day_before(made: Scene) -> None:
    plan(made)
    make.contact_point(made.placement, at=AT + 40 * DAY)
    people = sorted([made.student.person_id, made.tutor.person_id, made.supervisor.id])
    assert told("contact_near", DAY_BEFORE - SECOND) == []
    assert told("contact_near", DAY_BEFORE) == [(person, DAY_BEFORE) for person in people]
    assert told("contact_near", AT - SECOND) == [(person, DAY_BEFORE) for person in people]


def test_whoever_heard_of_it_a_few_days_before_is_not_but_the_tutor_is(made: Scene) -> None:
    plan(made, AT - 2 * DAY)
    assert told("contact_near", DAY_BEFORE) == [(made.tutor.person_id, DAY_BEFORE)]


def test_of_one_that_was_planned_later_than_the_reminder_nobody_is_reminded(made: Scene) -> None:
    plan(made, DAY_BEFORE + SECOND)
    assert told("contact_near", AT - SECOND) == []


def test_of_one_that_is_no_longer_planned_nobody_is_reminded(made: Scene) -> None:
    contact = plan(made)
    contact.state = ContactState.MISSED
    db.session.flush()
    assert told("contact_near", DAY_BEFORE) == []


def test_two_working_days_on_the_tutor_is_asked_how_it_went_and_after_ten_the_leader_hears(made: Scene) -> None:
    leader = make.run_role(RunRole.LEADER, make.person(), made.placement.enrolment.run).person_id
    contact = plan(made)
    monday, leaders = datetime(2026, 11, 2, 9, 0, tzinfo=UTC), datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
    tutor = made.tutor.person_id
    assert told("contact_past", monday - SECOND) == []
    assert told("contact_past", monday) == [(tutor, monday)]
    assert told("contact_long_past", leaders - SECOND) == []
    assert told("contact_long_past", leaders) == [(leader, leaders)]
    assert told("contact_past", leaders + 10 * DAY) == [(tutor, monday)]
    assert said(notices.CONTACT_PAST, contact.id, made.tutor.person, monday) is not None
    contacts.settle(contact, ContactState.DONE, "Well.", actor=Principal(tutor), now=monday)
    assert said(notices.CONTACT_PAST, contact.id, made.tutor.person, monday) is None
    assert said(notices.CONTACT_LONG_PAST, contact.id, made.tutor.person, leaders) is None


def test_nobody_is_asked_how_it_went_who_has_said_so(made: Scene) -> None:
    contact = plan(made)
    contacts.settle(contact, ContactState.DONE, "Well.", actor=made.who("tutor"), now=AT + DAY)
    assert told("contact_past", AT + 9 * DAY) == []


def test_what_they_read(made: Scene) -> None:
    contact = plan(made)
    mails = [said(notices.CONTACT_NEAR, contact.id, made.tutor.person, DAY_BEFORE)]
    mails.append(said(notices.CONTACT_NEAR, contact.id, made.student.person, DAY_BEFORE))
    check_golden("attendance/contact_near", "\n----\n".join(each or "" for each in mails))
    for notice, name in ((notices.CONTACT_PAST, "contact_past"), (notices.CONTACT_LONG_PAST, "contact_long_past")):
        check_golden(f"attendance/{name}", said(notice, contact.id, made.tutor.person, AT + 9 * DAY) or "")
