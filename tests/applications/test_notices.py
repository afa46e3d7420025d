"""The mails of choosing, word for word, and whom reminders reach and when they stop."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.applications import notices
from placements.applications.models import Receipt
from placements.applications.workflow import ApplicationState
from placements.cohorts.models import Enrolment, TimeslotGroup
from placements.cohorts.workflow import EnrolmentState
from placements.db import db
from placements.mail.actions import remind
from placements.mail.models import Notification
from placements.mail.notices import Notice
from tests import factories as make
from tests.applications.scene import student
from tests.golden import check_golden, rendered

DAY = timedelta(days=1)
CLOSES = make.NOW + 10 * DAY  # Friday 30 October 2026, 8am in London: summer time ends in between


def _text(app: Flask, notice: Notice, about_id: int, enrolment: Enrolment, now: datetime) -> str | None:
    """Subject and plain text of the mail, as it would go out now; None where it is no longer true."""
    with app.test_request_context():
        context = notice.context(about_id, enrolment.person, now)
        if context is None:
            return None
        mail = rendered(notice, context, enrolment.person)
        return f"Subject: {mail.subject}\n\n{mail.text}"


def _group() -> TimeslotGroup:
    return make.group(tutor=make.person(given_name="Dan", family_name="Okafor", email="d.okafor@example.org"))


@pytest.fixture
def applied(session: Any) -> tuple[Enrolment, Receipt]:
    """A student who has submitted two choices."""
    _, enrolment = student(_group())
    enrolment.run.period = "YEAR"
    application = make.application(enrolment, [make.challenge(), make.challenge()], submitted_at=make.NOW)
    receipt = session.scalars(select(Receipt)).one()
    receipt.number = "K7QF-2M9X"
    receipt.statement = "I like maps.\n\nI know the borough & its people <well>."
    receipt.choices = [
        {"title": "Map the warm spaces", "organisation": "Bromley Neighbours", "addition": ""},
        {"title": "A repair café", "organisation": "Holloway Fixers", "addition": "I can solder."},
    ]
    session.flush()
    assert application.id == receipt.application_id
    return enrolment, receipt


def test_the_receipt_says_exactly_what_was_submitted(app: Flask, applied: tuple[Enrolment, Receipt]) -> None:
    enrolment, receipt = applied
    text = _text(app, notices.SUBMITTED, receipt.id, enrolment, make.NOW)
    check_golden("applications/submitted", text or "")


def test_a_receipt_stays_true_when_something_else_is_submitted(app: Flask, applied: tuple[Enrolment, Receipt]) -> None:
    enrolment, receipt = applied
    receipt.application.statement = "Something else"
    receipt.application.state = ApplicationState.WITHDRAWN
    assert "I like maps." in (_text(app, notices.SUBMITTED, receipt.id, enrolment, make.NOW) or "")


def test_withdrawing_is_confirmed_while_it_is_true(app: Flask, applied: tuple[Enrolment, Receipt]) -> None:
    enrolment, receipt = applied
    application = receipt.application
    assert _text(app, notices.WITHDRAWN, application.id, enrolment, make.NOW) is None
    application.state = ApplicationState.WITHDRAWN
    check_golden("applications/withdrawn", _text(app, notices.WITHDRAWN, application.id, enrolment, make.NOW) or "")


def test_the_reminder_to_who_has_not_chosen(app: Flask, session: Any, clock: Any) -> None:
    _, enrolment = student(_group())
    clock.now = CLOSES - 2 * DAY
    check_golden("applications/closing", _text(app, notices.CLOSING, enrolment.id, enrolment, clock.now) or "")


def test_the_nudge_to_who_has_a_draft(app: Flask, session: Any) -> None:
    _, enrolment = student(_group())
    make.application(enrolment, [make.challenge(), make.challenge()], state=ApplicationState.DRAFT)
    check_golden("applications/nudge", _text(app, notices.NUDGE, enrolment.id, enrolment, make.NOW) or "")


def _reminded(now: datetime) -> list[tuple[int, datetime]]:
    """Everybody whose reminder has been queued so far, with when it fell due."""
    remind(now)
    rows = db.session.execute(
        select(Notification.recipient_id, Notification.due_at)
        .where(Notification.notice == "applications.closing")
        .order_by(Notification.due_at, Notification.recipient_id)
    )
    return [(person, due) for person, due in rows]


def test_reminders_fall_due_7_2_and_1_days_before_once_each_for_those_without_choices(session: Any) -> None:
    group = make.group()
    without, drafting, submitted, withdrawn, placed, left = (make.enrolment(group) for _ in range(6))
    challenge = make.challenge()
    make.application(drafting, [challenge], state=ApplicationState.DRAFT)
    make.application(submitted, [challenge])
    make.application(withdrawn, [challenge], state=ApplicationState.WITHDRAWN)
    placed.state, left.state = EnrolmentState.PLACED, EnrolmentState.WITHDRAWN
    session.flush()
    seven, two, one = (
        datetime(2026, 10, 23, 7, 0, tzinfo=UTC),  # 8am in summer time
        datetime(2026, 10, 28, 8, 0, tzinfo=UTC),
        datetime(2026, 10, 29, 8, 0, tzinfo=UTC),
    )
    three = [without.person_id, drafting.person_id, withdrawn.person_id]
    assert _reminded(seven - timedelta(minutes=1)) == []
    first = [(person, seven) for person in three]
    assert _reminded(seven) == first
    assert _reminded(two - timedelta(minutes=1)) == first
    make.application(without, [challenge])
    second = [(person, two) for person in three[1:]]
    assert _reminded(two) == first + second
    assert _reminded(one + timedelta(hours=1)) == first + second + [(person, one) for person in three[1:]]
    assert len(_reminded(CLOSES)) == 7


def test_who_enrols_late_gets_the_latest_reminder_alone(session: Any) -> None:
    enrolment = make.enrolment()
    assert _reminded(CLOSES - timedelta(hours=3)) == [(enrolment.person_id, datetime(2026, 10, 29, 8, 0, tzinfo=UTC))]


def test_a_short_window_is_not_reminded_of_before_it_opens(session: Any) -> None:
    enrolment = make.enrolment()
    enrolment.run.ranking_opens_at = CLOSES - 3 * DAY
    session.flush()
    assert _reminded(CLOSES - 3 * DAY) == []
    two = datetime(2026, 10, 28, 8, 0, tzinfo=UTC)
    assert _reminded(two) == [(enrolment.person_id, two)]


def test_each_run_has_its_own_days(session: Any) -> None:
    soon, later = make.enrolment(), make.enrolment()
    later.run.ranking_closes_at = CLOSES + 30 * DAY
    session.flush()
    assert [person for person, _ in _reminded(CLOSES - DAY)] == [soon.person_id]


OPENS = datetime(2026, 10, 21, 7, 0, tzinfo=UTC)  # a Wednesday, 8am in London


def _told_that_it_is_open(now: datetime) -> list[tuple[int, datetime, datetime | None]]:
    remind(now)
    rows = select(Notification.recipient_id, Notification.due_at, Notification.deadline_at)
    found = rows.where(Notification.notice == "applications.open").order_by(Notification.recipient_id)
    return [(person, due, deadline) for person, due, deadline in db.session.execute(found)]


def test_when_choosing_opens_those_without_choices_hear_it_once_and_nobody_else(session: Any) -> None:
    group = make.group(make.run(ranking_opens_at=OPENS))
    without, drafting, submitted, placed, left = (make.enrolment(group) for _ in range(5))
    make.enrolment(make.group(make.run(ranking_opens_at=OPENS + DAY)))
    challenge = make.challenge()
    make.application(drafting, [challenge], state=ApplicationState.DRAFT)
    make.application(submitted, [challenge])
    placed.state, left.state = EnrolmentState.PLACED, EnrolmentState.WITHDRAWN
    session.flush()
    assert _told_that_it_is_open(OPENS - timedelta(minutes=1)) == []
    expected = [(each.person_id, OPENS, CLOSES) for each in (without, drafting)]
    assert _told_that_it_is_open(OPENS) == expected
    assert _told_that_it_is_open(OPENS + timedelta(hours=5)) == expected


def test_a_worker_that_was_down_for_more_than_a_week_does_not_say_that_it_opened(session: Any) -> None:
    make.enrolment(make.group(make.run(ranking_opens_at=CLOSES - 20 * DAY)))
    assert _told_that_it_is_open(CLOSES - 12 * DAY) == []


def test_what_opens_is_said_until_choices_are_in_or_it_has_closed(app: Flask, session: Any) -> None:
    _, enrolment = student(_group())
    enrolment.run.period = "YEAR"
    check_golden("applications/open", _text(app, notices.OPEN, enrolment.id, enrolment, make.NOW) or "")
    before = enrolment.run.ranking_opens_at - DAY
    assert (_text(app, notices.OPEN, enrolment.id, enrolment, before) or "").startswith("Subject: You choose soon: ")
    assert _text(app, notices.OPEN, enrolment.id, enrolment, CLOSES) is None
    make.application(enrolment, [make.challenge()])
    assert _text(app, notices.OPEN, enrolment.id, enrolment, make.NOW) is None


def test_who_has_a_place_is_not_told_that_they_can_choose(app: Flask, session: Any) -> None:
    _, enrolment = student(_group())
    enrolment.state = EnrolmentState.PLACED
    assert _text(app, notices.OPEN, enrolment.id, enrolment, make.NOW) is None


@pytest.mark.parametrize("why", ["submitted", "closed", "placed"])
def test_a_reminder_on_its_way_is_dropped_when_it_is_no_longer_true(app: Flask, session: Any, why: str) -> None:
    enrolment = make.enrolment()
    now = CLOSES if why == "closed" else CLOSES - DAY
    assert notices.CLOSING.context(enrolment.id, enrolment.person, CLOSES - DAY) is not None
    if why == "submitted":
        make.application(enrolment, [make.challenge()])
    if why == "placed":
        enrolment.state = EnrolmentState.PLACED
    assert _text(app, notices.CLOSING, enrolment.id, enrolment, now) is None
