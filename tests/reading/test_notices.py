"""The words that reading a logbook sends, and what they never carry."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.db import db
from placements.logbook.models import LedgerEvent
from placements.mail.notices import Notice
from placements.people.models import Person
from placements.reading import grading, notices
from placements.reading.queries import checkpoints_of
from tests import golden
from tests.factories import NOW
from tests.golden import check_golden
from tests.logbook.cast import Cast, known
from tests.logbook.mails import named_cast, reminded


@pytest.fixture
def people(session: Any) -> Cast:
    return named_cast()


def said(notice: Notice, about: Any, to: Person) -> str:
    """The mail that the notice makes for that person, subject first; nothing where it is not true."""
    return golden.said(notice, about.id, to) or ""


def last_line() -> LedgerEvent:
    return db.session.scalars(select(LedgerEvent).order_by(LedgerEvent.id.desc())).first()


def test_what_the_student_reads(people: Cast) -> None:
    tutor = known(people)["tutor"]
    at = checkpoints_of(people.run.id)[0]
    grade = grading.grade(people.placement, at, {}, "SECRET", version=0, actor=tutor, now=NOW)
    check_golden("reading/grade", said(notices.GRADE, grade, people.student.person))


def test_the_tutor_hears_three_days_before_a_checkpoint_how_many_have_no_feedback(people: Cast) -> None:
    at, final = checkpoints_of(people.run.id)
    at.due_on = final.due_on = date(2026, 10, 30)
    db.session.flush()
    due, tutor = datetime(2026, 10, 27, 9, 0, tzinfo=UTC), people.tutor.person_id
    assert reminded(due - timedelta(seconds=1), "reading.ungraded") == []
    assert reminded(due, "reading.ungraded") == [("reading.ungraded", tutor, due)]
    assert reminded(due + timedelta(hours=1), "reading.ungraded") == []
    check_golden("reading/ungraded", said(notices.UNGRADED, at, people.tutor.person))
    assert said(notices.UNGRADED, at, people.leader.person) == ""
    grading.grade(people.placement, at, {}, "Good.", version=0, actor=known(people)["tutor"], now=NOW)
    assert said(notices.UNGRADED, at, people.tutor.person) == ""
    assert said(notices.UNGRADED, final, people.tutor.person) == ""


def test_no_tutor_hears_of_a_checkpoint_whose_logbooks_all_have_feedback(people: Cast) -> None:
    at = checkpoints_of(people.run.id)[0]
    at.due_on = date(2026, 10, 30)
    grading.grade(people.placement, at, {}, "Good.", version=0, actor=known(people)["tutor"], now=NOW)
    assert reminded(datetime(2026, 10, 27, 9, 0, tzinfo=UTC), "reading.ungraded") == []
