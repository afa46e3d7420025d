"""The words that are sent about the clearing list, and when its dates are called to mind."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.clearing import notices
from placements.cohorts.models import RunRole
from placements.core.clock import LONDON
from placements.db import db
from placements.mail.actions import remind
from placements.mail.models import Notification
from placements.mail.notices import TimedReminder
from placements.offers.models import AskedPlace, Clearing
from tests import factories as make
from tests.factories import DAY, NOW
from tests.golden import check_golden, said


@pytest.fixture
def row(session: Any) -> Clearing:
    tutor = make.person(given_name="Tom", family_name="Tutor", email="tom@example.org")
    student = make.person(given_name="Ada", family_name="Okoro", email="ada@example.org")
    return make.clearing(make.enrolment(make.group(tutor=tutor), student), tutor)


def test_what_was_agreed_in_place_of_a_placement_is_read_after_signing_in(row: Clearing) -> None:
    student = row.enrolment.person
    assert said(notices.ALTERNATIVE, row.id, student) is None
    row.closed_at, row.outcome = NOW, "A project on paper."
    text = said(notices.ALTERNATIVE, row.id, student) or ""
    assert "A project on paper." not in text
    check_golden("clearing/alternative", text)


def test_what_the_owner_reads_of_what_is_asked_for(row: Clearing) -> None:
    air = make.challenge(make.organisation(name="Clean air now"), title="Measure the air")
    for challenge in (make.challenge(make.organisation(name="Shelter East"), title="Map the warm spaces"), air):
        wish = AskedPlace(clearing=row, challenge=challenge, words="Something private.", asked_at=NOW)
        db.session.add(wish)
    db.session.flush()
    row.public_id = "row-public"
    text = said(notices.ASKED, row.id, row.owner) or ""
    assert "Something private." not in text
    check_golden("clearing/asked", text)
    assert said(notices.ASKED, row.id, make.person()) is None  # looks after them no more
    row.closed_at = NOW
    assert said(notices.ASKED, row.id, row.owner) is None


def test_what_is_all_taken_back_is_not_said(row: Clearing) -> None:
    assert said(notices.ASKED, row.id, row.owner) is None


def test_what_the_owner_and_the_leader_read_of_dates(row: Clearing) -> None:
    owner, leader = row.owner, make.person(given_name="Lea", family_name="Leader", email="lea@example.org")
    row.by_on = date(2026, 10, 23)
    check_golden("clearing/date_near", said(notices.DATE_NEAR, owner.id, owner) or "")
    assert said(notices.DATE_PASSED, owner.id, owner) is None
    after = NOW + 4 * DAY
    assert said(notices.DATE_NEAR, owner.id, owner, after) is None
    check_golden("clearing/date_passed", said(notices.DATE_PASSED, owner.id, owner, after) or "")
    run = row.enrolment.run
    check_golden("clearing/dates_passed_in_run", said(notices.DATES_PASSED_IN_RUN, run.id, leader, after) or "")
    assert said(notices.DATES_PASSED_IN_RUN, run.id, owner, after) is None  # their own are said to them
    row.closed_at = NOW
    assert said(notices.DATE_PASSED, owner.id, owner, after) is None
    assert said(notices.DATES_PASSED_IN_RUN, run.id, leader, after) is None


# Reminders


def of_dates(now: datetime) -> list[tuple[str, int, datetime]]:
    """What was queued about dates on the clearing list by `now`: which notice, to whom, due when."""
    remind(now)
    rows = select(Notification.notice, Notification.recipient_id, Notification.due_at).order_by(Notification.id)
    found = db.session.execute(rows.where(Notification.notice.startswith("clearing.date")))
    return [(row.notice, row.recipient_id, row.due_at) for row in found]


def at_nine(month: int, day: int) -> datetime:
    """9am in London."""
    return datetime(2026, month, day, 9, tzinfo=LONDON).astimezone(UTC)


def test_a_date_is_called_to_mind_three_working_days_before_and_the_leader_is_told_on_the_day_after(
    row: Clearing,
) -> None:
    leader, owner = make.person(), row.owner_id
    make.run_role(RunRole.LEADER, leader, row.enrolment.run)
    other = make.clearing(make.enrolment(row.enrolment.group), row.owner)  # the same date is one mail
    assert row.by_on == other.by_on == date(2026, 11, 3)  # a Tuesday
    near, passed = at_nine(10, 29), at_nine(11, 4)
    assert of_dates(near - timedelta(seconds=1)) == []
    expected = [("clearing.date_near", owner, near)]
    assert of_dates(near) == expected
    assert of_dates(near + 2 * DAY) == expected  # once only
    assert of_dates(passed - timedelta(seconds=1)) == expected
    expected += [("clearing.date_passed", owner, passed), ("clearing.dates_passed_in_run", leader.id, passed)]
    assert of_dates(passed) == expected
    assert of_dates(passed + 3 * DAY) == expected


def test_who_came_on_the_list_within_three_working_days_of_the_date_is_not_called_to_mind(row: Clearing) -> None:
    row.opened_at = at_nine(10, 29)
    assert of_dates(at_nine(10, 30)) == []


def test_a_leader_who_is_the_owner_is_told_once(row: Clearing) -> None:
    make.run_role(RunRole.LEADER, row.owner, row.enrolment.run)
    assert [notice for notice, _, _ in of_dates(at_nine(11, 4))] == ["clearing.date_passed"]


@pytest.mark.parametrize(
    ("steps", "day", "told"),
    [((1, 5), 7, [4]), ((1, 5), 8, [8]), ((1, 5), 14, [8]), ((1, 5), 15, []), ((0,), 3, [3]), ((10,), 13, [13])],
)
def test_a_run_may_tell_its_leaders_on_days_of_its_own(
    row: Clearing, steps: tuple[int, ...], day: int, told: list[int]
) -> None:
    leader, run = make.person(), row.enrolment.run
    make.run_role(RunRole.LEADER, leader, run)
    [timed] = [each for each in notices.REMINDERS if each.notice is notices.DATES_PASSED_IN_RUN]
    assert isinstance(timed, TimedReminder)
    rows = db.session.execute(timed.due(at_nine(11, day), steps)).all()
    assert [tuple(each) for each in rows] == [(run.id, leader.id, at_nine(11, at), run.id, None) for at in told]


def test_nobody_is_told_of_a_row_that_is_closed(row: Clearing) -> None:
    row.closed_at = NOW
    assert of_dates(at_nine(11, 4)) == []
