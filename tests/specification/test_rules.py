"""The rules of a component on paper: weights, late work, fixed marks, and what is wrong with a rubric."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placements.assessment.rules import LateKind, LatePolicy, read_late_policy
from placements.specification.rules import (
    Late,
    Line,
    points_problem,
    read_points,
    rubric_problems,
    tidy,
    weights_problems,
    words_problem,
)

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ([25, 0, 75], None),
        ([0, 0, 100], None),
        ([25, 0, 70], "The weights add up to 95. Change them to add up to 100."),
        ([], "The weights add up to 0. Change them to add up to 100."),
        ([125, -25, 0], "Enter each weight as 0 or more."),
    ],
)
def test_weights_add_up_to_100(weights, sentence):
    assert weights_problems(weights).get("weights") == sentence


def problems(*lines: Line, takes_logbook: bool = True) -> list[tuple[int, str, str]]:
    return list(rubric_problems(lines, takes_logbook=takes_logbook))


def test_a_rubric_that_adds_up_has_no_problem():
    assert problems(Line("One", 40), Line("Two", 60, True, {"70": "Clear."})) == []


def test_what_is_wrong_with_a_rubric_is_said_at_its_line():
    assert problems() == [(0, "title", "A rubric has at least one criterion. Keep one, or add one.")]
    assert problems(Line("One", 50), Line("ONE", 49)) == [
        (1, "title", "There is a criterion “ONE” already. Give each a title of its own."),
        (1, "weight", "The weights add up to 99. Change them to add up to 100."),
    ]
    assert problems(Line("", 100)) == [(0, "title", "Give the criterion a title.")]
    assert problems(Line("One", 101), Line("Two", -1)) == [
        (0, "weight", "Enter a weight from 1 to 100."),
        (1, "weight", "Enter a weight from 1 to 100."),
        (1, "weight", "Enter each weight as 0 or more."),
    ]
    assert problems(Line("One", 100, True), takes_logbook=False) == [
        (0, "is_about_logbook", "Only criteria of the portfolio can be about the logbook.")
    ]
    assert problems(Line("One", 100, bands={"60": "=1+1"})) == [
        (0, "60", "Begin with a letter or a number: a spreadsheet would take this for a formula.")
    ]


def test_a_rubric_has_at_most_twenty_criteria():
    lines = [Line(f"Number {each}", 5) for each in range(20)]
    assert problems(*lines) == []
    assert (20, "title", "A rubric has at most 20 criteria. Join some of them.") in problems(*lines, Line("Last", 5))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "'", "＝", "＋", "－", "＠"])
def test_words_never_begin_as_a_formula_does(start):
    assert words_problem(f"{start}SUM(A1)", 200) is not None
    assert words_problem(f"Sum {start}", 200) is None


def test_words_are_no_longer_than_they_may_be_and_hold_nothing_that_cannot_be_shown():
    assert words_problem("a" * 200, 200) is None
    assert words_problem("a" * 201, 200) == "Use at most 200 characters."
    assert words_problem("left\u202eright", 200) is not None
    assert words_problem("#REF!", 200) is not None


@given(st.text())
def test_tidying_twice_is_tidying_once(text):
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize(
    ("late", "kept", "policy"),
    [
        (Late("not_accepted", 3, 40, 5), {"kind": "not_accepted"}, LatePolicy(LateKind.NOT_ACCEPTED)),
        (
            Late("capped_within", 7, 40, 5),
            {"kind": "capped_within", "days": 7, "cap": 40},
            LatePolicy(LateKind.CAPPED_WITHIN, 7, 40),
        ),
        (
            Late("sliding", 7, 40, 5),
            {"kind": "sliding", "days": 7, "points_per_day": 5},
            LatePolicy(LateKind.SLIDING, 7, points_per_day=5),
        ),
    ],
)
def test_late_work_is_kept_as_marking_reads_it(late, kept, policy):
    assert late.problems() == {}
    assert late.kept() == kept
    assert read_late_policy(late.kept()) == policy


@pytest.mark.parametrize(
    ("late", "fields"),
    [
        (Late("capped_within"), ["days", "cap"]),
        (Late("capped_within", 29, 101), ["days", "cap"]),
        (Late("sliding", 0, None, 0), ["days", "points_per_day"]),
        (Late("sliding", 7, None, 101), ["points_per_day"]),
        (Late("not_accepted"), []),
        (Late("forgiven"), ["kind"]),
    ],
)
def test_late_work_needs_the_numbers_of_its_kind(late, fields):
    assert list(late.problems()) == fields


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("85, 75, 68", [85, 75, 68]),
        ("0 100;50/50", [100, 50, 0]),
        ("", []),
        ("101", None),
        ("68.5", None),
        ("-1", None),
        ("٥", None),
        ("9" * 5000, None),
    ],
)
def test_fixed_marks_are_whole_numbers_up_to_100(text, points):
    assert read_points(text) == points


def test_fixed_marks_leave_no_band_out():
    assert points_problem([85, 75, 68, 65, 62, 58, 55, 52, 48, 45, 42, 35, 20, 0]) is None
    assert points_problem([70, 60, 50, 40, 39]) is None
    assert points_problem([85, 65, 55, 35]) == "Enter at least one mark in the band 40 to 49."
    assert points_problem([69, 65, 55, 45, 35]) == "Enter at least one mark in the band 70 and over."
    assert points_problem([]) == "Enter the marks as whole numbers from 0 to 100, with commas between them."
    assert points_problem(None) == "Enter the marks as whole numbers from 0 to 100, with commas between them."
