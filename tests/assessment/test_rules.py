"""A component mark on paper: the rubric, lateness, the steps of an attempt, and the clocks beside them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.assessment.rules import (
    NOT_ACCEPTED,
    Attempt,
    AttemptMark,
    LateKind,
    LatePolicy,
    Score,
    attempt_mark,
    band,
    days_late,
    feedback_due_at,
    is_on_time,
    mitigation_closes_on,
    rubric_mark,
)
from placements.core.clock import LONDON
from tests.assessment.policies import capped_within, sliding

pytestmark = pytest.mark.pure

POLICIES = (NOT_ACCEPTED, capped_within(7, 40), sliding(5, 5), sliding(20, 5))


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


@pytest.mark.parametrize(
    ("scores", "mark"),
    [
        ([Score(100, 63)], 63),
        ([Score(50, 60), Score(50, 61)], 61),  # 60.5
        ([Score(30, 62), Score(30, 58), Score(40, 71)], 64),  # 18.6 + 17.4 + 28.4 = 64.4
        ([Score(15, 70), Score(85, 60)], 62),  # 61.5
        ([Score(1, 49), Score(99, 100)], 99),  # 99.49
        ([Score(1, 50), Score(99, 100)], 100),  # 99.5
        ([Score(33, 40), Score(33, 40), Score(34, 39)], 40),  # 39.66
        ([Score(0, 100), Score(100, 0)], 0),
    ],
)
def test_a_rubric_is_weighted_exactly_and_rounded_half_up(scores, mark):
    assert rubric_mark(scores) == mark


@pytest.mark.parametrize(
    "scores", [[], [Score(99, 50)], [Score(60, 50), Score(60, 50)], [Score(100, 101)], [Score(100, -1)], [Score(-10, 50), Score(110, 50)]]
)  # fmt: skip
def test_half_a_rubric_has_no_mark(scores):
    with pytest.raises(ValueError):
        rubric_mark(scores)


@pytest.mark.parametrize(
    ("mark", "lowest"),
    [(100, 70), (70, 70), (69, 60), (60, 60), (59, 50), (50, 50), (49, 40), (40, 40), (39, 0), (0, 0)],
)
def test_bands(mark, lowest):
    assert band(mark) == lowest


DUE = london("2027-05-12 15:00")


@pytest.mark.parametrize(
    ("arrived", "late"),
    [
        (DUE - timedelta(days=3), 0),
        (DUE, 0),
        (DUE + timedelta(microseconds=1), 1),
        (DUE + timedelta(hours=20), 1),
        (DUE + timedelta(hours=24), 1),
        (DUE + timedelta(hours=24, microseconds=1), 2),
        (DUE + timedelta(days=30), 30),
    ],
)
def test_days_late(arrived, late):
    assert days_late(arrived, DUE) == late
    assert is_on_time(arrived, DUE) == (late == 0)


def test_an_attempt_shows_its_steps():
    late = Attempt(72, DUE, DUE + timedelta(minutes=1), number=2, adjustment=2)
    assert attempt_mark(late, sliding(5, 3)) == AttemptMark(
        mark=40, is_submission=True, days_late=1, after_lateness=69, cap=40, given=72, after_moderation=74
    )
    waiting = Attempt(None, DUE, DUE)
    assert attempt_mark(waiting) == AttemptMark(
        mark=None, is_submission=True, days_late=0, after_lateness=None, cap=None
    )
    assert attempt_mark(late) == AttemptMark(mark=0, is_submission=False, days_late=1, after_lateness=0, cap=40)


def test_days_left_over_in_a_policy_that_accepts_nothing_accept_nothing():
    late = Attempt(72, DUE, DUE + timedelta(minutes=1))
    assert attempt_mark(late, LatePolicy(LateKind.NOT_ACCEPTED, days=7)).is_submission is False


@pytest.mark.parametrize(
    ("due", "feedback_due"),
    [
        ("2027-05-12 15:00", "2027-06-02 15:00"),
        ("2027-03-17 15:00", "2027-04-07 15:00"),  # the clocks went forward in between
        ("2026-10-14 15:00", "2026-11-04 15:00"),  # and back
    ],
)
def test_feedback_is_due_three_weeks_later_at_the_same_london_time(due, feedback_due):
    assert feedback_due_at(london(due)) == london(feedback_due)


@pytest.mark.parametrize(
    ("due", "closed", "closes"),
    [
        ("2027-05-12 15:00", [], date(2027, 5, 26)),
        ("2027-05-21 15:00", [date(2027, 5, 31)], date(2027, 6, 7)),  # spring bank holiday
    ],
)
def test_mitigation_is_claimed_within_ten_working_days(due, closed, closes):
    assert mitigation_closes_on(london(due), closed) == closes


MARKS = st.integers(0, 100)


@given(given_mark=MARKS, minutes=st.integers(-2000, 20_000), attempt=st.integers(1, 3))
@settings(max_examples=200)
def test_no_policy_lifts_a_mark_and_later_is_never_better(given_mark, minutes, attempt):
    arrived_at = DUE + timedelta(minutes=minutes)
    for policy in POLICIES:
        now, later = (
            attempt_mark(Attempt(given_mark, DUE, at, attempt), policy).mark
            for at in (arrived_at, arrived_at + timedelta(hours=7))
        )
        assert now is not None
        assert later is not None
        assert 0 <= later <= now <= given_mark
        assert attempt == 1 or now <= 40
