"""The words that feedback sends, and what is no longer said."""

import re
from typing import Any

import pytest

from placements.feedback import actions, notices
from placements.feedback.models import Feedback
from placements.feedback.rules import Occasion
from placements.people.models import Person
from tests import golden
from tests.factories import DAY, NOW
from tests.factories.feedback import feedback
from tests.feedback.scene import AtWork
from tests.golden import check_golden


@pytest.fixture
def made(session: Any) -> AtWork:
    return AtWork()


@pytest.fixture
def asked(made: AtWork) -> Feedback:
    found = actions.ask(made.placement, Occasion.INTERIM, actor=made.by("tutor"), now=NOW)
    found.public_id = "feedback-pub"
    return found


def said(notice: Any, about: Feedback, to: Person, now: Any = NOW) -> str:
    text = golden.said(notice, about.id, to, now) or ""
    return re.sub(r"/give-feedback/[\w.-]+", "/give-feedback/TOKEN", text)


def test_what_a_supervisor_reads_while_it_is_wanted(made: AtWork, asked: Feedback) -> None:
    sue = made.supervisor.person
    check_golden("feedback/asked", said(notices.ASKED, asked, sue))
    check_golden("feedback/still_asked", said(notices.STILL_ASKED, asked, sue, NOW + 7 * DAY))
    check_golden("feedback/link", said(notices.LINK, asked, sue))
    asked.occasion = Occasion.FINAL
    check_golden("feedback/asked_at_the_end", said(notices.ASKED, asked, sue))
    assert said(notices.ASKED, asked, sue, NOW + 35 * DAY) == ""
    assert said(notices.ASKED, asked, made.contact.person) == ""


def test_what_tutor_and_student_read(made: AtWork, asked: Feedback) -> None:
    check_golden("feedback/does_not_come", said(notices.DOES_NOT_COME, asked, made.tutor.person))
    assert said(notices.RECEIVED, asked, made.student.person) == ""
    words = made.words(strengths="SECRET")
    actions.save(asked, words, actor=made.by("supervisor"), now=NOW)
    actions.share(asked, seen=actions.seen_of(words), actor=made.by("supervisor"), now=NOW)
    text = said(notices.RECEIVED, asked, made.student.person)
    check_golden("feedback/received", text)
    assert "SECRET" not in text
    for notice, to in ((notices.ASKED, made.supervisor), (notices.DOES_NOT_COME, made.tutor)):
        assert said(notice, asked, to.person) == ""
    actions.comment(asked, "", seen=1, actor=made.by("student"), now=NOW)
    assert said(notices.RECEIVED, asked, made.student.person) == ""


def test_nobody_is_reminded_of_the_interim_once_the_final_is_asked_for(made: AtWork, asked: Feedback) -> None:
    feedback(made.placement, occasion=Occasion.FINAL)
    assert said(notices.STILL_ASKED, asked, made.supervisor.person) == ""
    assert said(notices.DOES_NOT_COME, asked, made.tutor.person) == ""
