"""The hours week by week, on paper."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placements.agreements.weeks import even_spread, fitted, mondays, open_weeks, plan_problem, say_weeks

pytestmark = pytest.mark.pure

MON = date(2026, 11, 16)
CHRISTMAS = frozenset(date(2026, 12, 21) + timedelta(days=ahead) for ahead in range(14))
DAYS = st.dates(date(2026, 9, 1), date(2027, 6, 30))


def week(nth: int) -> date:
    return MON + timedelta(weeks=nth)


def test_the_weeks_of_a_placement_begin_on_mondays():
    assert mondays(date(2026, 11, 18), date(2026, 11, 30)) == [week(0), week(1), week(2)]
    assert mondays(MON, MON) == [MON]


def test_a_week_is_open_with_one_working_day_of_the_placement_in_it():
    found = open_weeks(date(2026, 12, 19), date(2027, 1, 8), CHRISTMAS)  # from a Saturday on
    assert found == [date(2027, 1, 4)]
    assert open_weeks(MON, date(2026, 11, 22), {week(0) + timedelta(days=day) for day in range(4)}) == [MON]


def test_an_even_spread_leaves_out_the_closed_weeks_and_begins_with_what_does_not_divide():
    spread = even_spread(10 * 60, date(2026, 12, 7), date(2027, 1, 17), CHRISTMAS)
    assert spread == {date(2026, 12, 7): 150, date(2026, 12, 14): 150, date(2027, 1, 4): 150, date(2027, 1, 11): 150}
    assert even_spread(7 * 60 + 15, MON, week(2), ()) == {week(0): 165, week(1): 150, week(2): 120}


def test_where_all_is_closed_the_hours_are_spread_all_the_same():
    assert even_spread(120, date(2026, 12, 21), date(2027, 1, 1), CHRISTMAS) == {
        date(2026, 12, 21): 60,
        date(2026, 12, 28): 60,
    }


@given(minutes=st.integers(1, 70 * 60), one=DAYS, other=DAYS)
def test_an_even_spread_comes_to_the_agreed_minutes_within_half_an_hour_of_each_other(minutes, one, other):
    starts_on, ends_on = sorted((one, other))
    spread = even_spread(minutes, starts_on, ends_on, CHRISTMAS)
    assert sum(spread.values()) == minutes
    assert set(spread) <= set(mondays(starts_on, ends_on))
    assert max(spread.values()) - min(spread.values()) < 60


@given(st.tuples(DAYS, DAYS), st.tuples(DAYS, DAYS))
def test_under_other_dates_nothing_is_lost_and_what_stays_inside_stays(before, after):
    plan = even_spread(45 * 60, *sorted(before), CHRISTMAS)
    moved = fitted(plan, *sorted(after), CHRISTMAS)
    assert sum(moved.values()) == 45 * 60
    assert set(moved) <= set(mondays(*sorted(after)))
    assert all(moved[monday] >= minutes for monday, minutes in plan.items() if monday in mondays(*sorted(after)))


def test_longer_dates_leave_a_plan_as_it_is():
    plan = {week(0): 60, week(2): 120}
    assert fitted(plan, MON, week(40), ()) == plan


@pytest.mark.parametrize(
    ("plan", "problem"),
    [
        ({week(0): 40 * 60}, None),
        ({week(0): 30 * 60, week(1): 40 * 60}, None),
        ({}, "Your weeks come to 0 hours. Between 40 and 70 hours can be agreed. Add at least 40 hours."),
        (
            {week(0): 39 * 60 + 45},
            "Your weeks come to 39.75 hours. Between 40 and 70 hours can be agreed. Add at least 0.25 hours.",
        ),
        (
            {week(0): 71 * 60},
            "Your weeks come to 71 hours. Between 40 and 70 hours can be agreed. Take off at least 1 hour.",
        ),
        (
            {week(0): 40 * 60, week(-1): 60},
            "Plan the hours again: some of them are in weeks outside the dates of the placement.",
        ),
    ],
)
def test_what_is_wrong_with_a_plan_is_said(plan, problem):
    assert plan_problem(plan, MON, week(3), 40 * 60, 70 * 60) == problem


def test_a_plan_reads_in_stretches_of_the_same_hours():
    plan = {week(0): 120, week(1): 120, week(2): 150, week(4): 150, week(5): 150}
    assert say_weeks(plan).splitlines() == [
        "16 Nov 2026 to 29 Nov 2026: 2 hours a week",
        "30 Nov 2026 to 6 Dec 2026: 2.5 hours",
        "14 Dec 2026 to 27 Dec 2026: 2.5 hours a week",
    ]
    assert say_weeks({}) == ""
