"""When feedback is due, on paper; and the words that it is kept in."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from placements.feedback.rules import Occasion, Progress, Rating, Words, due, words_of

pytestmark = pytest.mark.pure

STARTS, ENDS = date(2026, 10, 5), date(2027, 4, 30)
TARGET = 45 * 60

DUE = [
    (0, date(2026, 10, 5), None),
    (TARGET // 2 - 1, date(2027, 1, 14), None),
    (TARGET // 2, date(2026, 11, 2), Occasion.INTERIM),  # half of the hours
    (0, date(2027, 1, 15), None),
    (0, date(2027, 1, 16), Occasion.INTERIM),  # half of the dates
    (TARGET - 1, date(2027, 4, 23), Occasion.INTERIM),
    (TARGET, date(2026, 12, 1), Occasion.FINAL),  # the target
    (TARGET + 600, date(2026, 12, 1), Occasion.FINAL),
    (0, date(2027, 4, 24), Occasion.FINAL),  # the last week
    (0, date(2027, 6, 1), Occasion.FINAL),
]


@pytest.mark.parametrize(("minutes", "on", "expected"), DUE)
def test_what_is_due_by_hours_and_dates(minutes: int, on: date, expected: Occasion | None) -> None:
    assert due(Progress(STARTS, ENDS, minutes, TARGET), on) is expected


def test_the_final_feedback_is_due_as_soon_as_the_placement_is_completed() -> None:
    assert due(Progress(STARTS, ENDS, 40 * 60, TARGET, is_completed=True), STARTS) is Occasion.FINAL


RANK = {None: 0, Occasion.INTERIM: 1, Occasion.FINAL: 2}


@given(some.integers(0, 400), some.integers(0, 400), some.integers(0, 5000), some.integers(0, 5000))
def test_time_and_hours_never_take_back_what_was_due(days: int, more_days: int, minutes: int, more: int) -> None:
    on = STARTS + timedelta(days=days)
    before = due(Progress(STARTS, ENDS, minutes, TARGET), on)
    after = due(Progress(STARTS, ENDS, minutes + more, TARGET), on + timedelta(days=more_days))
    assert RANK[after] >= RANK[before]


RATED = some.dictionaries(some.integers(1, 99), some.sampled_from(Rating))


@given(RATED, some.text(), some.text())
def test_words_are_kept_as_they_are(ratings: dict[int, Rating], strengths: str, next_steps: str) -> None:
    words = Words(ratings, strengths, next_steps)
    assert words_of(words.kept(), ratings) == words


def test_a_rating_of_an_objective_that_is_gone_is_left_out() -> None:
    words = Words({1: Rating.FULLY, 2: Rating.MORE}, "Good.")
    assert words_of(words.kept(), [2]) == Words({2: Rating.MORE}, "Good.")


WHOLE = [
    (Words({1: Rating.FULLY, 2: Rating.NOT_SEEN}, "Good."), True),
    (Words({1: Rating.FULLY}, "Good."), False),
    (Words({1: Rating.FULLY, 2: Rating.FULLY}), False),
    (Words({1: Rating.FULLY, 3: Rating.FULLY}, "Good."), False),
]


@pytest.mark.parametrize(("words", "expected"), WHOLE)
def test_words_are_whole_once_each_objective_has_its_rating(words: Words, expected: bool) -> None:
    assert words.is_whole([1, 2]) is expected
