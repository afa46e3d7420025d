"""A run's dates: their order, the phase they put it in, where they usually lie, another year's made of them."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from placements.cohorts.dates import KeyDates, Phase, date_problems, known_dates, moved, phase, usual_dates

pytestmark = pytest.mark.pure


def at(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2027) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


DATES = KeyDates(
    teaching_starts_on=date(2026, 9, 28),
    ranking_opens_at=at(10, 5, 8, year=2026),  # 9am in London: summer time
    ranking_closes_at=at(10, 19, 14, year=2026),  # 3pm
    offers_due_at=at(11, 2, 15, year=2026),
    placements_start_on=date(2026, 11, 9),
    placed_by_on=date(2026, 11, 16),
    placements_end_on=date(2027, 4, 30),
    portfolio_due_at=at(5, 12, 14),
    board_on=date(2027, 6, 15),
    reassessment_due_at=at(7, 14, 14),
)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(9, 27, 22, 59, year=2026), Phase.PLANNED),
        (at(9, 27, 23, 0, year=2026), Phase.GETTING_READY),  # midnight in London, still summer time
        (at(10, 5, 7, 59, year=2026), Phase.GETTING_READY),
        (at(10, 5, 8, 0, year=2026), Phase.CHOOSING),
        (at(10, 19, 14, 0, year=2026), Phase.MATCHING),
        (at(11, 2, 15, 0, year=2026), Phase.SETTING_UP),
        (at(11, 9, 0, 0, year=2026), Phase.ON_PLACEMENT),
        (at(4, 30, 22, 59), Phase.ON_PLACEMENT),  # the last day is still a day on placement
        (at(4, 30, 23, 0), Phase.WRITING_UP),
        (at(5, 12, 14, 0), Phase.MARKING),
        (at(6, 14, 23, 0), Phase.REASSESSMENT),
        (at(7, 14, 14, 0), Phase.FINISHED),
        (at(1, 1, year=2031), Phase.FINISHED),
    ],
)
def test_the_phase_is_read_off_the_dates(now, expected):
    assert phase(DATES, now) is expected


def test_a_date_not_yet_known_is_passed_over():
    dates = replace(DATES, offers_due_at=None, board_on=None)
    assert phase(dates, at(11, 3, year=2026)) is Phase.MATCHING
    assert phase(dates, at(6, 20)) is Phase.MARKING
    assert phase(KeyDates(), at(6, 20)) is Phase.PLANNED


def test_placements_may_end_on_the_day_the_portfolio_is_due():
    dates = replace(DATES, placements_end_on=date(2027, 5, 12))
    assert date_problems(dates, "2026/27") == {}
    assert phase(dates, at(5, 12, 13)) is Phase.ON_PLACEMENT
    assert phase(dates, at(5, 12, 14)) is Phase.MARKING


def test_dates_in_order_have_no_problem():
    assert date_problems(DATES, "2026/27") == {}
    assert date_problems(KeyDates(), "2026/27") == {}


@pytest.mark.parametrize(
    ("changed", "problems"),
    [
        (
            {"ranking_closes_at": at(10, 5, 8, year=2026)},
            {"ranking_closes_at": "Enter a date after the opening of choices, Mon 5 Oct 2026, 9am."},
        ),
        (
            {"offers_due_at": None, "placements_start_on": date(2026, 10, 19)},
            {"placements_start_on": "Enter a date after the closing of choices, Mon 19 Oct 2026, 3pm."},
        ),
        (
            {"board_on": date(2027, 5, 12)},
            {"board_on": "Enter a date after the portfolio deadline, Wed 12 May 2027, 3pm."},
        ),
        (
            {"placements_end_on": date(2026, 11, 9)},
            {"placements_end_on": "Enter a date after the first day of placements, Mon 9 Nov 2026."},
        ),
        *(
            (
                {"placed_by_on": day},
                {
                    "placed_by_on": "Enter a date after the closing of choices, Mon 19 Oct 2026, 3pm, "
                    "and no later than the last day of placements, Fri 30 Apr 2027."
                },
            )
            for day in (date(2026, 10, 19), date(2027, 5, 1))
        ),
        (
            {"teaching_starts_on": date(2026, 7, 31)},
            {"teaching_starts_on": "Enter a date in 2026/27: from Sat 1 Aug 2026 to Sat 31 Jul 2027."},
        ),
    ],
)
def test_a_date_out_of_order_says_what_it_must_follow(changed, problems):
    assert date_problems(replace(DATES, **changed), "2026/27") == problems


@pytest.mark.parametrize("day", [date(2026, 8, 1), date(2027, 7, 31)])
def test_teaching_may_start_on_any_day_of_its_year(day):
    assert date_problems(KeyDates(teaching_starts_on=day), "2026/27") == {}


def test_dates_at_the_ends_of_time_are_answered_like_any_other():
    dates = replace(DATES, teaching_starts_on=date.min, reassessment_due_at=None, board_on=date.max)
    assert list(date_problems(dates, "2026/27")) == ["teaching_starts_on", "board_on"]


def test_what_follows_teaching_may_run_on_until_december():
    late = at(12, 31, 23)
    assert date_problems(replace(DATES, reassessment_due_at=late), "2026/27") == {}
    assert date_problems(replace(DATES, reassessment_due_at=at(1, 1, year=2028)), "2026/27") == {
        "reassessment_due_at": "Enter a date in 2026/27: from Sat 1 Aug 2026 to Fri 31 Dec 2027."
    }


def test_everybody_may_have_a_place_before_placements_start():
    assert date_problems(replace(DATES, placed_by_on=date(2026, 11, 2)), "2026/27") == {}


def test_the_day_by_which_everybody_has_a_place_begins_no_phase_and_is_listed_where_it_lies():
    dates = replace(DATES, placed_by_on=date(2026, 10, 26))
    assert phase(dates, at(10, 26, 12, year=2026)) is Phase.MATCHING
    assert [milestone.field for milestone, _ in known_dates(dates)][2:5] == [
        *("ranking_closes_at", "placed_by_on", "offers_due_at")
    ]


def test_the_usual_dates_of_a_year_are_in_order():
    assert usual_dates("2026/27") == DATES
    for year in ("2025/26", "2027/28", "2031/32"):
        assert date_problems(usual_dates(year), year) == {}


def test_another_years_dates_keep_their_weekdays_and_their_time_in_london():
    dates = moved(replace(DATES, board_on=None), "2026/27", "2027/28")
    assert dates == KeyDates(
        teaching_starts_on=date(2027, 9, 27),
        ranking_opens_at=at(10, 4, 8),
        ranking_closes_at=at(10, 18, 14),
        offers_due_at=at(11, 1, 15),
        placements_start_on=date(2027, 11, 8),
        placed_by_on=date(2027, 11, 15),
        placements_end_on=date(2028, 4, 28),
        portfolio_due_at=at(5, 10, 14, year=2028),
        board_on=None,
        reassessment_due_at=at(7, 12, 14, year=2028),
    )
    assert moved(DATES, "2026/27", "2026/27") == DATES


def test_a_time_stays_what_londons_clocks_say_whether_or_not_it_is_summer_time():
    dates = KeyDates(portfolio_due_at=at(3, 28, 14, year=2029))  # 3pm, three days into summer time
    assert moved(dates, "2028/29", "2029/30").portfolio_due_at == at(3, 27, 15, year=2030)  # 3pm, four days before
