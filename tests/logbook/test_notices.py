"""The words that logbooks send, when silence is spoken of, and what is no longer said."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.db import db
from placements.logbook import actions, notices
from placements.logbook.models import EntryComment
from placements.logbook.workflow import EntryState
from placements.mail.models import Notification
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.factories import NOW
from tests.logbook.cast import Cast, known, logged
from tests.logbook.mails import check, named_cast, reminded, said, visit

WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


@pytest.fixture
def people(session: Any) -> Cast:
    return named_cast()


def test_what_the_student_reads(people: Cast) -> None:
    entry, who = visit(people), known(people)
    actions.comment(entry, "Go on.", actor=who["tutor"], now=NOW)
    comment = db.session.scalars(select(EntryComment)).one()
    check(notices.COMMENT, comment, people.student.person)
    check(notices.SILENT, people.placement, people.student.person, NOW + 8 * timedelta(days=1))


def test_what_the_tutor_reads(people: Cast) -> None:
    entry = visit(people)
    actions.comment(entry, "Is this right?", actor=known(people)["student"], now=NOW)
    comment = db.session.scalars(select(EntryComment)).one()
    check(notices.COMMENT, comment, people.tutor.person, name="logbook/comment_of_a_student")
    check(notices.SILENT_STUDENT, people.placement, people.tutor.person, NOW + 8 * timedelta(days=1))
    people.placement.agreed_at = None
    check(notices.NOT_COUNTED, entry, people.tutor.person)


def test_no_mail_carries_what_was_said(people: Cast) -> None:
    entry, who = visit(people, reflection="SECRET"), known(people)
    actions.comment(entry, "SECRET", actor=who["tutor"], now=NOW)
    comment = db.session.scalars(select(EntryComment)).one()
    assert "SECRET" not in said(notices.COMMENT, comment, people.student.person)


def test_what_is_no_longer_true_is_not_said(people: Cast) -> None:
    entry, student = visit(people), people.student.person
    assert said(notices.NOT_COUNTED, entry, people.tutor.person) == ""
    assert said(notices.SILENT, people.placement, student) == ""
    people.placement.state = PlacementState.PAUSED
    assert said(notices.SILENT, people.placement, student, NOW + 4 * WEEK) == ""


SILENCE = ("logbook.silent", "logbook.silent_student")


def test_silence_is_spoken_of_after_seven_days_to_the_student_and_after_fourteen_to_the_tutor_too(
    people: Cast,
) -> None:
    student, tutor = people.student.person_id, people.tutor.person_id
    make.entry(people.placement, on=date(2026, 10, 12))
    make.entry(people.placement, on=date(2026, 10, 16), state=EntryState.DRAFT)
    assert reminded(NOW - HOUR, *SILENCE) == []
    assert reminded(NOW, *SILENCE) == [("logbook.silent", student, NOW)]
    assert reminded(NOW + HOUR, *SILENCE) == []
    fortnight = datetime(2026, 10, 27, 9, 0, tzinfo=UTC)  # 9am again, on winter time
    assert reminded(fortnight - HOUR, *SILENCE) == []
    assert reminded(fortnight, *SILENCE) == [
        ("logbook.silent", student, fortnight),
        ("logbook.silent_student", tutor, fortnight),
    ]
    assert reminded(fortnight + 2 * WEEK, *SILENCE) == []


def test_whoever_comes_once_a_week_is_not_asked_on_the_morning_of_their_day(people: Cast) -> None:
    make.entry(people.placement, on=date(2026, 10, 13))
    assert reminded(NOW, *SILENCE) == []


def test_silence_is_counted_from_the_start_where_nothing_is_logged(people: Cast) -> None:
    people.placement.starts_on = date(2026, 10, 11)  # nine days ago; the worker slept through yesterday
    assert reminded(NOW, *SILENCE) == [("logbook.silent", people.student.person_id, NOW - timedelta(days=1))]


@pytest.mark.parametrize("state", [each for each in PlacementState if each is not PlacementState.ACTIVE])
def test_silence_means_nothing_unless_the_placement_is_active(people: Cast, state: PlacementState) -> None:
    people.placement.state, people.placement.starts_on = state, date(2026, 10, 12)
    assert reminded(NOW, *SILENCE) == []


def test_where_nobody_is_the_tutor_the_module_leader_hears_of_hours_that_do_not_count(people: Cast) -> None:
    people.placement.tutor, people.placement.agreed_at = None, None
    logged(people)
    told = [(each.notice, each.recipient_id) for each in db.session.scalars(select(Notification))]
    assert told == [("logbook.not_counted", people.leader.person_id)]
