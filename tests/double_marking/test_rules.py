"""When two marks agree by themselves, what two people may agree on, and who marks what."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from placements.double_marking.rules import agreed, may_be_agreed, shared_out

pytestmark = pytest.mark.pure

EDGES = (40, 50, 60, 70)
marks = some.integers(0, 100)


@pytest.mark.parametrize(
    ("first", "second", "comes_to"),
    [
        (59, 61, None),  # two apart, and an edge between
        (59, 60, None),
        (40, 39, None),
        (69, 70, None),
        (68, 72, None),
        (60, 65, 63),  # 62.5, half up
        (60, 66, None),  # six apart
        (61, 64, 63),
        (70, 75, 73),
        (96, 100, 98),
        (0, 0, 0),
        (35, 39, 37),
        (50, 55, 53),
        (55, 59, 57),
        (68, 69, 69),
    ],
)
def test_marks_agree_by_themselves_within_five_and_inside_one_band(
    first: int, second: int, comes_to: int | None
) -> None:
    assert agreed(first, second, 5, EDGES) == comes_to
    assert agreed(second, first, 5, EDGES) == comes_to


def band_of(mark: int) -> str:
    """Typed apart from the rule."""
    if mark < 40:
        return "fail"
    return "third" if mark < 50 else "lower" if mark < 60 else "upper" if mark < 70 else "first"


@given(marks, marks, some.integers(0, 100))
def test_what_agrees_by_itself_never_crosses_an_edge_and_lies_between_the_two(a: int, b: int, within: int) -> None:
    found = agreed(a, b, within, EDGES)
    assert found == agreed(b, a, within, EDGES)
    if found is None:
        assert abs(a - b) > within or band_of(a) != band_of(b)
    else:
        assert abs(a - b) <= within
        assert band_of(found) == band_of(a) == band_of(b)
        assert min(a, b) <= found <= max(a, b)
        assert 2 * found - (a + b) in (0, 1)


def test_two_people_may_agree_on_a_mark_between_theirs_and_on_no_other() -> None:
    assert [may_be_agreed(mark, 61, 59) for mark in (58, 59, 60, 61, 62)] == [False, True, True, True, False]


def test_scripts_go_to_whoever_has_fewest_and_never_to_whom_they_bar() -> None:
    scripts = {"a": {"x"}, "b": set(), "c": {"x", "y"}, "d": set()}
    assert shared_out(scripts, ["x", "y", "z"], {"z": 1}) == {"a": "y", "b": "x", "c": "z", "d": "x"}
    assert shared_out({"a": {"x"}}, ["x"], {}) == {"a": None}


@given(some.dictionaries(some.text("abcdef", min_size=1, max_size=3), some.just(())), some.integers(1, 5))
def test_without_conflicts_loads_differ_by_one_at_most(scripts: dict[str, tuple[str, ...]], people: int) -> None:
    markers = [f"m{number}" for number in range(people)]
    found = shared_out(scripts, markers, {})
    counts = [list(found.values()).count(each) for each in markers]
    assert sum(counts) == len(scripts)
    assert max(counts) - min(counts) <= 1
    assert shared_out(dict(reversed(scripts.items())), markers, {}) == found
