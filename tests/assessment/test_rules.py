"""Mark arithmetic: the worked cases typed in worked_cases.csv, tables beside it, and what must hold of every mark."""

import csv
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.assessment.rules import (
    NOT_ACCEPTED,
    Attempt,
    AttemptMark,
    ComponentMark,
    LateKind,
    LatePolicy,
    Outcome,
    Result,
    Score,
    attempt_mark,
    band,
    days_late,
    feedback_due_at,
    is_on_time,
    mitigation_closes_on,
    module_mark,
    module_outcome,
    rubric_mark,
)
from placements.core.clock import LONDON
from tests.assessment.policies import capped_within, sliding

pytestmark = pytest.mark.pure

CASES = list(csv.DictReader((Path(__file__).parent / "worked_cases.csv").read_text("utf-8").splitlines()))
POLICIES = {
    "not accepted": NOT_ACCEPTED,
    "capped within 7 at 40": capped_within(7, 40),
    "sliding 5 for 5": sliding(5, 5),
    "sliding 20 for 5": sliding(20, 5),
}


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def number(text: str) -> int | None:
    return int(text) if text else None


def component(case: dict[str, str], name: str) -> ComponentMark:
    said = {part: case[f"{name}_{part}"] for part in ("weight", "given", "arrived", "attempt", "qualifying")}
    weight, qualifying = int(said["weight"]), number(said["qualifying"])
    if said["given"] == "deferred":
        return ComponentMark(name, weight, None, qualifying, is_deferred=True)
    arrived_at = {"on time": london(case["due"]), "nothing": None}.get(said["arrived"], ...)
    attempt = Attempt(
        number(said["given"]),
        london(case["due"]),
        london(said["arrived"]) if arrived_at is ... else arrived_at,
        int(said["attempt"]),
    )
    return ComponentMark(name, weight, attempt_mark(attempt, POLICIES[case["late_policy"]]).mark, qualifying)


def test_the_worked_cases_are_all_different_and_name_their_source():
    assert len(CASES) >= 30
    assert len({case["case"] for case in CASES}) == len(CASES)
    assert all(case["source"] for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_worked_case(case):
    marks = [component(case, "agreement"), ComponentMark("feedback", 0, None), component(case, "portfolio")]
    assert (marks[0].mark, marks[2].mark) == (number(case["agreement_mark"]), number(case["portfolio_mark"]))
    outcome = module_outcome(marks, is_after_reassessment=case["after_reassessment"] == "yes")
    if case["result"] == "waiting":
        assert outcome is None
    else:
        code = "" if case["result"] == "pass" else case["result"]
        assert outcome == Outcome(number(case["module_mark"]), Result(code), tuple(case["reassess"].split()))


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
    late = Attempt(72, DUE, DUE + timedelta(minutes=1), number=2)
    assert attempt_mark(late, sliding(5, 3)) == AttemptMark(
        mark=40, is_submission=True, days_late=1, after_lateness=67, cap=40
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
    "components",
    [[], [ComponentMark("portfolio", 75, 50)], [ComponentMark("portfolio", 100, None)]],
    ids=["none", "weights", "mark"],
)
def test_a_module_mark_needs_every_weighted_mark(components):
    with pytest.raises(ValueError):
        module_mark(components)


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


@given(agreement=MARKS, portfolio=MARKS, weight=st.integers(0, 100))
@settings(max_examples=200)
def test_a_module_mark_is_the_nearest_whole_mark_and_lies_between_its_components(agreement, portfolio, weight):
    mark = module_mark([ComponentMark("a", weight, agreement), ComponentMark("p", 100 - weight, portfolio)])
    exact = Fraction(weight * agreement + (100 - weight) * portfolio, 100)
    assert Fraction(-1, 2) < mark - exact <= Fraction(1, 2)
    assert min(agreement, portfolio) <= mark <= max(agreement, portfolio)


@given(given_mark=MARKS, minutes=st.integers(-2000, 20_000), attempt=st.integers(1, 3))
@settings(max_examples=200)
def test_no_policy_lifts_a_mark_and_later_is_never_better(given_mark, minutes, attempt):
    arrived_at = DUE + timedelta(minutes=minutes)
    for policy in POLICIES.values():
        now, later = (
            attempt_mark(Attempt(given_mark, DUE, at, attempt), policy).mark
            for at in (arrived_at, arrived_at + timedelta(hours=7))
        )
        assert now is not None
        assert later is not None
        assert 0 <= later <= now <= given_mark
        assert attempt == 1 or now <= 40


@given(agreement=MARKS, portfolio=MARKS, qualifying=st.none() | MARKS)
@settings(max_examples=200)
def test_whoever_is_reassessed_has_something_to_take_again(agreement, portfolio, qualifying):
    marks = [ComponentMark("agreement", 25, agreement), ComponentMark("portfolio", 75, portfolio, qualifying)]
    outcome = module_outcome(marks)
    assert outcome is not None
    assert bool(outcome.reassess) == (outcome.result in (Result.REASSESS_1, Result.REASSESS_2))
    assert (outcome.result is Result.PASS) == (
        outcome.mark is not None and outcome.mark >= 40 and portfolio >= (qualifying or 0)
    )
