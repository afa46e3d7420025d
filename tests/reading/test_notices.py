"""The words that reading a logbook sends, and what they never carry."""

from typing import Any

import pytest
from sqlalchemy import select

from placements.db import db
from placements.logbook import actions as logbook
from placements.logbook.models import LedgerEvent
from placements.mail.notices import Notice
from placements.mail.rendering import render
from placements.people.models import Person
from placements.reading import actions, grading, notices
from placements.reading.queries import checkpoints_of
from tests.factories import NOW
from tests.golden import check_golden
from tests.logbook.cast import Cast, cast, known, logged


@pytest.fixture
def people(session: Any) -> Cast:
    made = cast()
    made.placement.public_id = "placementpub"
    made.placement.challenge.organisation.name = "The food bank"
    for who, address in ((made.student, "amina"), (made.tutor, "tessa"), (made.supervisor, "sam")):
        who.person.email = f"{address}@example.org"
    return made


def said(notice: Notice, about: Any, to: Person) -> str:
    """The mail that the notice makes for that person, subject first; nothing where it is not true."""
    context = notice.context(about.id, to, NOW)
    if context is None:
        return ""
    mail = render([(notice, context)], to)
    return f"{mail.subject}\n\n{mail.text}"


def last_line() -> LedgerEvent:
    return db.session.scalars(select(LedgerEvent).order_by(LedgerEvent.id.desc())).first()


def test_what_the_student_reads(people: Cast) -> None:
    entry, tutor = logged(people), known(people)["tutor"]
    entry.public_id = "entry-public"
    actions.decide(entry, True, "SECRET", actor=tutor, now=NOW)
    check_golden("reading/decided", said(notices.DECIDED, last_line(), people.student.person))
    at = checkpoints_of(people.run.id)[0]
    grade = grading.grade(people.placement, at, {}, "SECRET", version=0, actor=tutor, now=NOW)
    check_golden("reading/grade", said(notices.GRADE, grade, people.student.person))


def test_a_decision_that_was_taken_back_is_not_said(people: Cast) -> None:
    entry, tutor = logged(people), known(people)["tutor"]
    actions.decide(entry, True, "I saw the rota.", actor=tutor, now=NOW)
    line = last_line()
    logbook.comment(entry, "Thank you.", actor=tutor, now=NOW)
    assert said(notices.DECIDED, line, people.student.person) != ""
    actions.decide(entry, False, "It is another day's rota.", actor=tutor, now=NOW)
    db.session.expire_all()
    assert said(notices.DECIDED, line, people.student.person) == ""
