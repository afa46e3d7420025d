"""How long a visit was, on London's clocks, and whether it can be logged."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.logbook.rules import Visit, visit_problems

pytestmark = pytest.mark.pure

NOW = datetime(2027, 2, 17, 10, 0, tzinfo=UTC)
WEDNESDAY = date(2027, 2, 10)


def visit(starts: str, ends: str, pause: int = 0, on: date = WEDNESDAY, next_day: bool = False) -> Visit:
    return Visit(on, time.fromisoformat(starts), time.fromisoformat(ends), pause, next_day)


@pytest.mark.parametrize(
    ("case", "minutes"),
    [
        (visit("09:00", "17:00", 30), 450),
        (visit("09:00", "09:01"), 1),
        (visit("22:00", "02:30", 15, next_day=True), 255),
        (visit("22:00", "00:00", next_day=True), 120),
        # the clocks went forward at 1am on 28 March 2027: 1am to 2am did not happen
        (visit("00:30", "03:00", on=date(2027, 3, 28)), 90),
        (visit("22:00", "06:00", on=date(2027, 3, 27), next_day=True), 420),
        (visit("09:00", "17:00", on=date(2027, 3, 28)), 480),
        # they went back at 2am on 25 October 2026: 1am to 2am happened twice
        (visit("00:30", "03:00", on=date(2026, 10, 25)), 210),
        (visit("22:00", "06:00", on=date(2026, 10, 24), next_day=True), 540),
        (visit("00:30", "01:30", on=date(2026, 10, 25)), 60),  # the first 1:30
        (visit("01:30", "02:30", on=date(2026, 10, 25)), 120),
    ],
)
def test_minutes_are_those_that_really_passed(case, minutes):
    assert case.minutes == minutes
    assert visit_problems(case, [], datetime(2027, 6, 1, tzinfo=UTC)) == {}


@pytest.mark.parametrize(
    ("case", "problems"),
    [
        (
            visit("09:00", "17:00", on=date(2027, 2, 18)),
            {"on": "Enter a day that has already come. You can log a visit once it is over."},
        ),
        (
            visit("09:00", "17:00", on=date.max, next_day=True),
            {"on": "Enter a day that has already come. You can log a visit once it is over."},
        ),
        (
            visit("08:00", "10:01", on=date(2027, 2, 17)),
            {"ends": "It is not 10:01am yet. You can log a visit once it is over."},
        ),
        (
            visit("09:00", "17:00", on=date(2025, 2, 17)),
            {"on": "Enter the day of your visit, with its year: 2025 is more than a year ago."},
        ),
        (
            visit("09:00", "17:00", on=date.min),
            {"on": "Enter the day of your visit, with its year: 1 is more than a year ago."},
        ),
        (visit("09:00", "17:00", on=date(2026, 2, 16)), {}),
        (
            visit("09:00", "17:00", on=date(2026, 2, 15)),
            {"on": "Enter the day of your visit, with its year: 2026 is more than a year ago."},
        ),
        (
            visit("17:00", "09:00"),
            {
                "ends": "Enter the time you finished: it comes after 5pm. "
                "If it was after midnight, say that you finished the next day."
            },
        ),
        (
            visit("09:00", "09:00"),
            {
                "ends": "Enter the time you finished: it comes after 9am. "
                "If it was after midnight, say that you finished the next day."
            },
        ),
        (
            visit("06:00", "22:01"),
            {"ends": "Enter the time you finished: one visit can last up to 16 hours. Log each day on its own."},
        ),
        (
            visit("09:00", "17:00", next_day=True),
            {"ends": "Enter the time you finished: one visit can last up to 16 hours. Log each day on its own."},
        ),
        (visit("09:00", "10:00", 60), {"break_minutes": "Enter a break that is shorter than the visit, in minutes."}),
        (
            visit("09:00", "10:00", 2**63),
            {"break_minutes": "Enter a break that is shorter than the visit, in minutes."},
        ),
        (visit("09:00", "10:00", -5), {"break_minutes": "Enter your break in minutes, or 0 if you had none."}),
        (visit("06:00", "22:00"), {}),
        (visit("09:00", "10:00", 59), {}),
        (visit("08:00", "10:00", on=date(2027, 2, 17)), {}),
    ],
)
def test_what_cannot_be_logged_says_what_to_enter(case, problems):
    assert visit_problems(case, [], NOW) == problems


@pytest.mark.parametrize(
    ("case", "field"),
    [
        (visit("01:30", "03:00", on=date(2027, 3, 28)), "starts"),
        (visit("00:30", "01:30", on=date(2027, 3, 28)), "ends"),
        (visit("22:00", "01:30", on=date(2027, 3, 27), next_day=True), "ends"),
    ],
)
def test_a_time_that_the_clocks_jumped_over_is_asked_for_again(case, field):
    assert visit_problems(case, [], datetime(2027, 4, 1, tzinfo=UTC)) == {
        field: "The clocks went forward on Sun 28 Mar 2027, so there was no 1:30am. Enter the time that a clock showed."
    }


LATE = visit("22:00", "02:00", on=date(2027, 2, 9), next_day=True)
AFTERNOON = visit("14:00", "17:00")


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (visit("16:59", "18:00"), "Wed 10 Feb 2027, 2pm to 5pm"),
        (visit("15:00", "15:30"), "Wed 10 Feb 2027, 2pm to 5pm"),
        (visit("13:00", "18:00"), "Wed 10 Feb 2027, 2pm to 5pm"),
        (visit("01:59", "03:00"), "Tue 9 Feb 2027, 10pm to 2am the next day"),
        (visit("01:00", "15:00"), "Tue 9 Feb 2027, 10pm to 2am the next day"),
        (visit("17:00", "18:00"), None),
        (visit("02:00", "14:00"), None),
        (visit("14:00", "17:00", on=date(2027, 2, 11)), None),
    ],
)
def test_visits_that_share_time_are_refused_and_touching_ones_are_not(case, said):
    sentence = f"You have already logged {said}. Enter times that do not overlap it, or change that entry."
    assert visit_problems(case, [AFTERNOON, LATE], NOW) == ({"starts": sentence} if said else {})


TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
VISITS = st.builds(
    Visit,
    on=st.dates(date(2026, 10, 23), date(2027, 3, 30)),
    starts=TIMES,
    ends=TIMES,
    break_minutes=st.integers(-10, 120),
    ends_next_day=st.booleans(),
)


@given(case=VISITS)
@settings(max_examples=200)
def test_what_can_be_logged_lasts_from_a_minute_to_sixteen_hours(case):
    if visit_problems(case, [], datetime(2027, 4, 1, tzinfo=UTC)) == {}:
        assert 1 <= case.minutes <= 960
        assert case.ends_at - case.starts_at == timedelta(minutes=case.minutes + case.break_minutes)


@given(one=VISITS, other=VISITS)
@settings(max_examples=100)
def test_overlapping_is_mutual(one, other):
    assert one.overlaps(other) == other.overlaps(one)
