"""The words that assessment mails, and who is reminded of a deadline, and when."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import g
from sqlalchemy import select

from placements.assessment import notices
from placements.assessment.collecting import find_missing
from placements.board.notices import MARK_READY
from placements.board.releasing import fingerprint_of, release
from placements.cohorts.workflow import EnrolmentState, RunState
from placements.mail.actions import remind
from placements.mail.asking import Said
from placements.mail.models import Notification
from placements.mail.notices import Notice
from placements.mail.rendering import render
from placements.people.models import Person
from tests import factories as make
from tests.assessment.scene import FILE, HOUR, OTHER_FILE, Scene, agree, hand_in, mark_it, scene
from tests.factories import NOW
from tests.golden import check_golden

DAY = timedelta(days=1)
DUE = datetime(2027, 5, 12, 14, 0, tzinfo=UTC)  # Wednesday, 3pm in London


def _context(notice: Notice, about: int, recipient: Person, now: datetime) -> Mapping[str, Any]:
    context = notice.context(about, recipient, now)
    assert context is not None
    return context


def said(notice: Notice, about: int, recipient: Person, now: datetime) -> str:
    g.now = now
    mail = render([Said(notice, _context(notice, about, recipient, now))], recipient)
    return f"Subject: {mail.subject}\n\n{mail.text}"


def fixed(of: Scene) -> Scene:
    """Addresses and people that a golden text can name."""
    of.run.public_id, of.portfolio.public_id = "run-00000000", "portfolio-00"
    of.tutor.person.email = "tariq.tutor@example.org"
    return of


def test_the_receipt(session: Any) -> None:
    of = fixed(scene(due=DUE))
    submission = hand_in(of, 0, DUE - 6 * DAY, FILE, OTHER_FILE)
    submission.public_id, submission.receipt = "submission00", "ABCD-2345"
    session.flush()
    check_golden("assessment/receipt", said(notices.RECEIPT, submission.id, of.students[0].person, DUE - 6 * DAY))


def test_the_receipt_of_late_work(session: Any) -> None:
    of = fixed(scene(due=DUE))
    submission = hand_in(of, 0, DUE + HOUR)
    submission.public_id, submission.receipt = "submission00", "ABCD-2345"
    session.flush()
    check_golden("assessment/receipt_late", said(notices.RECEIPT, submission.id, of.students[0].person, DUE + HOUR))


def test_nothing_handed_in(session: Any) -> None:
    of = fixed(scene(due=DUE))
    find_missing(DUE + DAY)
    about = session.scalars(select(Notification.about_id)).one()
    student = of.students[0].person
    check_golden("assessment/not_handed_in", said(notices.NOT_HANDED_IN, about, student, DUE + DAY))
    hand_in(of, 0, DUE + 2 * DAY)
    assert notices.NOT_HANDED_IN.context(about, student, DUE + 2 * DAY) is None


def test_the_portfolio_is_due(session: Any) -> None:
    of = fixed(scene(due=DUE))
    student = of.students[0].person
    check_golden("assessment/portfolio_due", said(notices.PORTFOLIO_DUE, of.portfolio.id, student, DUE - 2 * DAY))


def test_marking_is_due_and_overdue(session: Any) -> None:
    of = fixed(scene(students=2, due=DUE))
    hand_in(of, 0)
    hand_in(of, 1)
    tutor, back = of.tutor.person, DUE + 21 * DAY
    check_golden("assessment/marking_due", said(notices.MARKING_DUE, of.portfolio.id, tutor, back - 7 * DAY))
    check_golden("assessment/marking_overdue", said(notices.MARKING_DUE, of.portfolio.id, tutor, back + DAY))


def test_a_mark_is_ready_and_the_mail_never_says_which(session: Any) -> None:
    of = fixed(scene(students=2))
    marks = [mark_it(of, hand_in(of, 0), 20, 20, 20), mark_it(of, hand_in(of, 1), 90, 90, 90)]
    student = of.students[0].person
    assert MARK_READY.context(marks[0].id, student, NOW) is None
    release(of.run, marks, seen=fingerprint_of(marks), actor=of.who(of.leader), now=NOW)
    low, high = (said(MARK_READY, mark.id, student, NOW) for mark in marks)
    assert low == high
    check_golden("board/mark_ready", low)


def reminded(session: Any, notice: Notice, at: datetime) -> list[tuple[int, datetime]]:
    """Who has been reminded once the worker has run at that moment: (person, due)."""
    remind(at)
    rows = select(Notification.recipient_id, Notification.due_at).where(Notification.notice == notice.name)
    return [(person, due) for person, due in session.execute(rows.order_by(Notification.id))]


def test_students_are_reminded_7_and_2_days_before_and_on_the_day_at_9(session: Any) -> None:
    of = scene(students=3, due=DUE)
    hand_in(of, 1, DUE - 9 * DAY)
    of.enrolments[2].state = EnrolmentState.WITHDRAWN
    session.flush()
    student = of.enrolments[0].person_id
    nine = DUE - 6 * HOUR
    assert reminded(session, notices.PORTFOLIO_DUE, nine - 7 * DAY - HOUR) == []
    week = [(student, nine - 7 * DAY)]
    assert reminded(session, notices.PORTFOLIO_DUE, nine - 7 * DAY) == week
    assert reminded(session, notices.PORTFOLIO_DUE, nine - 3 * DAY) == week
    both = [*week, (student, nine - 2 * DAY)]
    assert reminded(session, notices.PORTFOLIO_DUE, nine - DAY) == both
    assert reminded(session, notices.PORTFOLIO_DUE, nine + HOUR) == [*both, (student, nine)]
    assert reminded(session, notices.PORTFOLIO_DUE, DUE + HOUR) == [*both, (student, nine)]


def test_whoever_starts_late_gets_one_reminder_and_not_three(session: Any) -> None:
    of = scene(due=DUE)
    assert reminded(session, notices.PORTFOLIO_DUE, DUE - HOUR) == [(of.enrolments[0].person_id, DUE - 6 * HOUR)]


def test_a_run_that_is_not_open_reminds_nobody(session: Any) -> None:
    of = scene(due=DUE)
    of.run.state = RunState.CLOSED
    session.flush()
    assert reminded(session, notices.PORTFOLIO_DUE, DUE - HOUR) == []


def test_a_reminder_that_is_no_longer_true_is_not_said(session: Any) -> None:
    of = scene(due=DUE)
    student = of.students[0].person
    assert notices.PORTFOLIO_DUE.context(of.portfolio.id, student, DUE + HOUR) is None
    hand_in(of, 0, DUE - DAY)
    assert notices.PORTFOLIO_DUE.context(of.portfolio.id, student, DUE - HOUR) is None


@pytest.mark.parametrize(("at", "count"), [(13 * DAY, 0), (14 * DAY, 1), (20 * DAY, 2), (21 * DAY, 2), (22 * DAY, 3)])
def test_the_marker_is_reminded_a_week_and_a_day_before_and_a_day_after(
    session: Any, at: timedelta, count: int
) -> None:
    of = scene(students=2, due=DUE)
    hand_in(of, 0)
    hand_in(of, 1)
    steps = [14 * DAY, 20 * DAY, 22 * DAY]
    for day in range(at.days + 1):
        found = reminded(session, notices.MARKING_DUE, DUE + day * DAY + HOUR)
    assert found == [(of.tutor.person_id, DUE + step) for step in steps[:count]]


def test_marking_that_is_done_is_not_asked_for(session: Any) -> None:
    of = scene(due=NOW - 20 * DAY)
    mark_it(of, hand_in(of), 60, 60, 60)
    assert reminded(session, notices.MARKING_DUE, NOW) == []
    assert notices.MARKING_DUE.context(of.portfolio.id, of.tutor.person, NOW) is None


def test_agreements_are_asked_for_by_the_first_that_waits_and_of_the_placements_tutor(session: Any) -> None:
    of = scene(students=2, due=DUE)
    cover = make.person()
    of.placements[0].tutor = cover
    agree(of, 0, NOW - 20 * DAY)
    agree(of, 1, NOW - 3 * DAY)
    assert reminded(session, notices.MARKING_DUE, NOW) == [(cover.id, NOW)]
    assert notices.MARKING_DUE.context(of.agreement.id, of.tutor.person, NOW) == {
        "component": of.agreement,
        "count": 1,
        "is_late": False,
        "due_at": NOW + 18 * DAY + HOUR,  # 3 weeks on at the same London time, after the clocks have gone back
    }
