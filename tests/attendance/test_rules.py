"""What a plan has, what silence is, and when it is spoken of: typed dates, and a property over a year."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.attendance.rules import Expected, asked_at, silent_since, suggested_contacts, usual_days
from placements.cohorts.closures import usual_closures

pytestmark = pytest.mark.pure

WEDNESDAY = 0b100
STARTS, ENDS = date(2026, 10, 5), date(2027, 4, 30)
CLOSED = frozenset(usual_closures("2026/27"))
WEDNESDAYS = list(usual_days(STARTS, ENDS, WEDNESDAY, ()))


def expected(plan: list[date] | None = WEDNESDAYS, days: int = 0, rests=(), closed=CLOSED, cancelled=()) -> Expected:
    return Expected(STARTS, ENDS, days, plan, closed, rests, cancelled)


def test_a_plan_has_the_usual_days_of_the_weeks_that_hours_are_planned_for() -> None:
    assert list(usual_days(date(2026, 10, 5), date(2026, 10, 23), WEDNESDAY | 1, ())) == [
        date(2026, 10, day) for day in (5, 7, 12, 14, 19, 21)
    ]
    mondays = {date(2026, 10, 12)}
    assert list(usual_days(date(2026, 10, 5), date(2026, 10, 23), WEDNESDAY, mondays)) == [date(2026, 10, 14)]
    assert list(usual_days(date(2026, 10, 24), date(2026, 10, 23), WEDNESDAY, ())) == []


@pytest.mark.parametrize(
    ("last_on", "today", "since"),
    [
        (date(2026, 10, 14), date(2026, 10, 21), None),  # the next planned day is not over
        (date(2026, 10, 14), date(2026, 10, 22), date(2026, 10, 14)),
        (date(2026, 10, 16), date(2026, 10, 22), date(2026, 10, 16)),  # came on another day
        (date(2026, 12, 16), date(2027, 1, 6), None),  # 23 December is planned below, 30 December is closed
        (None, date(2026, 10, 7), None),
        (None, date(2026, 10, 8), STARTS),
    ],
)
def test_silence_is_counted_from_the_plan(last_on: date | None, today: date, since: date | None) -> None:
    plan = [day for day in WEDNESDAYS if day != date(2026, 12, 23)]
    assert silent_since(expected(plan), last_on, today) == since


def test_over_the_winter_break_nobody_is_silent_and_the_first_missed_day_is_asked_about_as_ever() -> None:
    plan = [day for day in WEDNESDAYS if day != date(2026, 12, 23)]
    days = [date(2026, 12, 17) + timedelta(days=n) for n in range(21)]
    assert {silent_since(expected(plan), date(2026, 12, 16), day) for day in days} == {None}
    since = silent_since(expected(plan), date(2026, 12, 16), date(2027, 1, 7))
    assert since == date(2026, 12, 30)
    assert asked_at(since, 7, CLOSED) == datetime(2027, 1, 7, 9, tzinfo=UTC)
    assert asked_at(since, 14, CLOSED) == datetime(2027, 1, 14, 9, tzinfo=UTC)


def test_whoever_is_asked_is_asked_on_a_working_day_at_nine_in_london() -> None:
    assert asked_at(date(2026, 10, 11), 7, ()) == datetime(2026, 10, 19, 8, tzinfo=UTC)
    assert asked_at(date(2026, 10, 17), 7, ()) == datetime(2026, 10, 26, 9, tzinfo=UTC)  # Sunday, the clocks: Monday
    assert asked_at(date(2026, 12, 16), 7, CLOSED) == datetime(2027, 1, 4, 9, tzinfo=UTC)  # 24 December is closed
    assert asked_at(date(2027, 3, 20), 7, CLOSED) == datetime(2027, 3, 30, 8, tzinfo=UTC)  # Easter, and the clocks


@pytest.mark.parametrize(
    ("days", "today", "since"),
    [
        (WEDNESDAY, date(2026, 10, 21), None),
        (WEDNESDAY, date(2026, 10, 22), date(2026, 10, 14)),
        (0, date(2026, 10, 21), None),  # any day: five working days from Wednesday
        (0, date(2026, 10, 22), date(2026, 10, 14)),
    ],
)
def test_without_a_plan_the_usual_days_count_then_the_calendar(days: int, today: date, since: date | None) -> None:
    assert silent_since(expected(None, days), date(2026, 10, 14), today) == since


def test_the_calendar_leaves_out_what_is_closed() -> None:
    last_on = date(2026, 12, 18)
    assert silent_since(expected(None), last_on, date(2027, 1, 5)) is None
    assert silent_since(expected(None), last_on, date(2027, 1, 6)) == date(2026, 12, 29)


def test_what_is_cancelled_expects_nothing_and_a_pause_neither() -> None:
    assert silent_since(expected([], cancelled=[date(2027, 1, 20)]), None, date(2027, 1, 20)) is None
    rested = [(date(2026, 10, 12), date(2026, 10, 27))]
    assert silent_since(expected(rests=rested), date(2026, 10, 7), date(2026, 10, 28)) is None
    assert silent_since(expected(rests=rested), date(2026, 10, 7), date(2026, 10, 29)) == date(2026, 10, 21)
    assert silent_since(expected(None, rests=[(date(2026, 10, 12), None)]), date(2026, 10, 7), ENDS) is None


def test_after_the_last_day_nothing_is_expected() -> None:
    assert silent_since(expected(None, WEDNESDAY), date(2027, 4, 28), date(2027, 6, 1)) is None
    assert silent_since(expected(None), date(2027, 4, 28), date(2027, 6, 1)) is None


def test_a_plan_that_has_run_out_leaves_it_to_the_calendar() -> None:
    planned, cancelled = [date(2027, 1, 13)], [date(2027, 1, 20)]
    by_then = expected(planned, cancelled=cancelled)
    assert silent_since(by_then, date(2027, 1, 13), date(2027, 1, 27)) is None
    assert silent_since(by_then, date(2027, 1, 13), date(2027, 1, 28)) == date(2027, 1, 20)
    assert silent_since(by_then, date(2027, 1, 25), date(2027, 2, 1)) is None
    assert silent_since(by_then, date(2027, 1, 25), date(2027, 2, 2)) == date(2027, 1, 25)


FATES = st.sampled_from(["logged", "cancelled", "closed"])


@settings(max_examples=200, deadline=None)
@given(st.lists(FATES, min_size=len(WEDNESDAYS), max_size=len(WEDNESDAYS)), st.integers(0, 207))
def test_nobody_is_silent_while_every_planned_day_is_logged_cancelled_or_closed(fates: list[str], ahead: int) -> None:
    today = STARTS + timedelta(days=ahead)
    fate = dict(zip(WEDNESDAYS, fates, strict=True))
    plan = [day for day in WEDNESDAYS if fate[day] != "cancelled"]
    closed = CLOSED | {day for day in WEDNESDAYS if fate[day] == "closed"}
    logged = [day for day in WEDNESDAYS if fate[day] == "logged" and day < today]
    cancelled = [day for day in WEDNESDAYS if fate[day] == "cancelled"]
    by_then = expected(plan, closed=closed, cancelled=cancelled)
    assert silent_since(by_then, max(logged, default=None), today) is None


@settings(max_examples=100, deadline=None)
@given(st.integers(1, len(WEDNESDAYS) - 2))
def test_a_planned_day_that_passes_with_nothing_is_always_spoken_of(which: int) -> None:
    missed = WEDNESDAYS[which]
    last_on = WEDNESDAYS[which - 1]
    since = silent_since(expected(closed=()), last_on, missed + timedelta(days=1))
    assert since is not None
    assert asked_at(since, 7, ()).date() - missed <= timedelta(days=3)


def test_two_visits_are_suggested_on_working_days() -> None:
    assert suggested_contacts(date(2026, 10, 5), date(2027, 4, 30), CLOSED) == [date(2026, 12, 14), date(2027, 2, 22)]
    assert suggested_contacts(date(2026, 11, 28), date(2027, 1, 21), CLOSED) == [date(2026, 12, 16), date(2027, 1, 4)]
