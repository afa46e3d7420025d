"""The words that reading a logbook sends, and what they never carry."""

from typing import Any

import pytest
from sqlalchemy import select

from placements.db import db
from placements.logbook.models import LedgerEvent
from placements.mail.asking import Said
from placements.mail.notices import Notice
from placements.mail.rendering import render
from placements.people.models import Person
from placements.reading import grading, notices
from placements.reading.queries import checkpoints_of
from tests.factories import NOW
from tests.golden import check_golden
from tests.logbook.cast import Cast, known
from tests.logbook.mails import named_cast


@pytest.fixture
def people(session: Any) -> Cast:
    return named_cast()


def said(notice: Notice, about: Any, to: Person) -> str:
    """The mail that the notice makes for that person, subject first; nothing where it is not true."""
    context = notice.context(about.id, to, NOW)
    if context is None:
        return ""
    mail = render([Said(notice, context)], to)
    return f"{mail.subject}\n\n{mail.text}"


def last_line() -> LedgerEvent:
    return db.session.scalars(select(LedgerEvent).order_by(LedgerEvent.id.desc())).first()


def test_what_the_student_reads(people: Cast) -> None:
    tutor = known(people)["tutor"]
    at = checkpoints_of(people.run.id)[0]
    grade = grading.grade(people.placement, at, {}, "SECRET", version=0, actor=tutor, now=NOW)
    check_golden("reading/grade", said(notices.GRADE, grade, people.student.person))
