"""When a visit goes to the tutor: working days, closed days, and what is asked about again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placements.confirming.rules import (
    Choice,
    Outcome,
    came_to_tutor_on,
    decided_by,
    goes_to_tutor_on,
    outcome,
    unanswered_before,
)

pytestmark = pytest.mark.pure

CHRISTMAS = {date(2026, 12, day) for day in (24, 25, 28, 29, 30, 31)} | {date(2027, 1, 1)}


@pytest.mark.parametrize(
    ("asked_on", "goes_on", "decided_on"),
    [
        (date(2026, 10, 5), date(2026, 10, 26), date(2026, 11, 2)),  # a Monday: three weeks on
        (date(2026, 10, 9), date(2026, 10, 30), date(2026, 11, 6)),
        (date(2026, 10, 10), date(2026, 11, 2), date(2026, 11, 9)),  # a Saturday counts from the Monday
        (date(2026, 12, 14), date(2027, 1, 13), date(2027, 1, 20)),  # seven closed days at Christmas
    ],
)
def test_three_weeks_of_working_days_and_then_one_to_decide(asked_on, goes_on, decided_on):
    assert goes_to_tutor_on(asked_on, CHRISTMAS) == goes_on
    assert decided_by(goes_on, CHRISTMAS) == decided_on


@pytest.mark.parametrize(("questions", "came_on"), [(0, 26), (1, 26), (2, 5), (3, 5)])
def test_what_is_asked_about_again_comes_at_once(questions, came_on):
    assert came_to_tutor_on(date(2026, 10, 5), questions, ()) == date(2026, 10, came_on)


@given(st.integers(0, 3000), st.integers(0, 60))
def test_the_instant_before_which_is_the_rule_read_backwards(hours, days_ago):
    now = datetime(2026, 10, 1, tzinfo=UTC) + timedelta(hours=hours)
    sent_on = now.date() - timedelta(days=days_ago)
    noon = datetime(sent_on.year, sent_on.month, sent_on.day, 12, tzinfo=UTC)
    is_summer = now < datetime(2026, 10, 25, 1, tzinfo=UTC)
    today = (now + timedelta(hours=is_summer)).date()
    assert (noon < unanswered_before(now, CHRISTMAS)) == (goes_to_tutor_on(sent_on, CHRISTMAS) <= today)


FINISH, GO_ON = Choice.FINISH, Choice.GO_ON
OUTCOMES = [
    (None, None, Outcome.OPEN, Outcome.OPEN),
    (FINISH, None, Outcome.OPEN, Outcome.COMPLETE),
    (GO_ON, None, Outcome.OPEN, Outcome.OPEN),
    (FINISH, FINISH, Outcome.COMPLETE, Outcome.COMPLETE),
    (GO_ON, GO_ON, Outcome.GOES_ON, Outcome.GOES_ON),
    (FINISH, GO_ON, Outcome.DISAGREED, Outcome.DISAGREED),
]


@pytest.mark.parametrize(("one", "other", "at_first", "in_the_end"), OUTCOMES)
def test_going_on_needs_both_and_finishing_that_nobody_objects(one, other, at_first, in_the_end):
    for student, supervisor in ((one, other), (other, one)):
        assert outcome(student, supervisor, has_waited=False) == at_first
        assert outcome(student, supervisor, has_waited=True) == in_the_end
