"""The words that are mailed about marks: corrections, a release that stopped, what is taken again, scripts to mark."""

import re
from datetime import datetime
from typing import Any

from flask import g
from sqlalchemy import select

from placements.board.correcting import agree, ask, refuse
from placements.board.releasing import release_due
from placements.cohorts.models import Component, ComponentKind
from placements.core.policy import Principal
from placements.mail.asking import Said
from placements.mail.models import Notification
from placements.mail.notices import notices
from placements.mail.rendering import render
from placements.marking.actions import reopen
from placements.people.models import Person
from tests.board.test_correcting import confirmed, second
from tests.board.test_staging import LATER, marked, put_by
from tests.factories import NOW
from tests.golden import check_golden
from tests.reassessment.scene import failing, opened
from tests.reassessment.test_reopening import waive
from tests.scripts.scene import staffed
from tests.scripts.test_sharing import shared_out

RANDOM = re.compile(r"(?<=[/=])[\w-]{12}(?![\w-])|p\d+(?=@example)")  # public ids, and addresses by their number


def check(session: Any, name: str, now: datetime = NOW) -> None:
    """The mail of the first notification of that name, what is random masked, against what is kept."""
    session.flush()
    rows = select(Notification).where(Notification.notice == name).order_by(Notification.id)
    row = session.scalars(rows).first()
    notice, recipient = notices()[name], session.get_one(Person, row.recipient_id)
    said = notice.context(row.about_id, recipient, now)
    assert said is not None
    g.now = now
    mail = render([Said(notice, said)], recipient)
    check_golden(name.replace(".", "/"), RANDOM.sub("…", f"Subject: {mail.subject}\n\n{mail.text}"))


def test_of_a_correction_another_leader_hears_then_its_student(session: Any) -> None:
    of, (mark,) = confirmed()
    other = second(of)
    asked = ask(mark, 62, "A page was not read.", actor=of.who(of.leader), now=NOW)
    check(session, "board.correction_asked")
    agree(asked, actor=other, now=NOW)
    check(session, "board.mark_corrected")


def test_of_a_refused_correction_who_asked_hears(session: Any) -> None:
    of, (mark,) = confirmed()
    asked = ask(mark, 62, "A page was not read.", actor=of.who(of.leader), now=NOW)
    refuse(asked, "All pages were read.", actor=second(of), now=NOW)
    check(session, "board.correction_refused")


def test_of_a_release_that_stopped_the_leaders_hear(session: Any) -> None:
    of, marks = marked()
    put_by(of, marks)
    reopen(marks[1], actor=Principal(of.tutor.person_id), now=NOW)
    release_due(LATER)
    check(session, "board.release_stopped", LATER)


def test_who_takes_something_again_or_need_not_hears(session: Any) -> None:
    of = failing((62, 30))
    opened(of)
    check(session, "reassessment.opened")
    waive(of, session.scalars(select(Component).where(Component.kind == ComponentKind.FEEDBACK)).one())
    check(session, "reassessment.news")


def test_a_marker_hears_of_scripts(session: Any) -> None:
    of, _ = staffed(5)
    shared_out(of)
    check(session, "scripts.given")
