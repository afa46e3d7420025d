"""Who is reminded of an Agreement's own deadline, and of a draft that is not handed in; and the words of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from placements.agreements.workflow import AgreementState
from placements.assessment import notices
from placements.assessment.agreeing import follow_placings, take_agreements
from placements.mail.actions import remind
from placements.mail.models import Notification
from tests import factories as make
from tests.assessment.scene import HOUR, Scene, hand_in, scene
from tests.assessment.test_notices import fixed, said
from tests.factories import NOW
from tests.golden import check_golden

DAY = timedelta(days=1)
DUE = datetime(2026, 11, 17, 15, 0, tzinfo=UTC)  # 28 days after the placing


def placed(session: Any) -> Scene:
    of = fixed(scene(due=DUE + 100 * DAY))
    of.agreement.days_after_placing, of.placements[0].created_at = 28, NOW
    of.placements[0].public_id = "placement-00"
    session.flush()
    follow_placings(NOW)
    session.flush()
    return of


def told(session: Any, now: datetime, notice: str) -> list[datetime]:
    remind(now)
    found = select(Notification.due_at).where(Notification.notice == f"assessment.{notice}")
    return list(session.scalars(found.order_by(Notification.due_at)))


def test_who_has_not_sent_it_is_reminded_a_week_and_two_days_before_and_on_the_day(session: Any) -> None:
    placed(session)
    moments = [DUE - 8 * DAY, DUE - 7 * DAY, DUE - 2 * DAY, DUE - HOUR, DUE + HOUR]
    counts = [len(told(session, moment, "agreement_due")) for moment in moments]
    assert counts == [0, 1, 2, 3, 3]


def test_who_has_sent_it_is_not(session: Any) -> None:
    of = placed(session)
    make.agreement(of.placements[0], state=AgreementState.SIGNING, proposed_at=NOW + DAY)
    session.flush()
    take_agreements(NOW + DAY)
    session.flush()
    assert told(session, DUE - HOUR, "agreement_due") == []


def test_the_words_about_an_agreement(session: Any) -> None:
    of = placed(session)
    text = said(notices.AGREEMENT_DUE, of.agreement.id, of.students[0].person, DUE - 2 * DAY)
    check_golden("assessment/agreement_due", text)


def test_a_draft_that_is_not_handed_in_is_said_three_hours_before(session: Any) -> None:
    of = fixed(scene(students=3, due=DUE))
    make.work_draft(of.enrolments[0], of.portfolio, saved_at=DUE - 5 * DAY)
    make.work_draft(of.enrolments[1], of.portfolio, saved_at=DUE - 5 * DAY)
    hand_in(of, 1, DUE - 4 * HOUR)
    assert told(session, DUE - 3 * HOUR - timedelta(seconds=1), "draft_waits") == []
    assert told(session, DUE - 3 * HOUR, "draft_waits") == [DUE - 3 * HOUR]
    assert told(session, DUE, "draft_waits") == [DUE - 3 * HOUR]
    who = of.students[0].person
    check_golden("assessment/draft_waits", said(notices.DRAFT_WAITS, of.portfolio.id, who, DUE - 3 * HOUR))
    text = said(notices.PORTFOLIO_DUE, of.portfolio.id, who, DUE - 2 * DAY)
    check_golden("assessment/portfolio_due_with_a_draft", text)
    hand_in(of, 0, DUE - 2 * HOUR)
    assert notices.DRAFT_WAITS.context(of.portfolio.id, who, DUE - HOUR) is None
