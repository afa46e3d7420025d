"""Scripts shared among markers: by load, nobody with a conflict, few moves, one answer."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.scripts.rules import Marker, Script, share_out, shares

pytestmark = pytest.mark.pure

ADA, BEN, CAI = 1, 2, 3
THREE = [Marker(ADA), Marker(BEN), Marker(CAI)]


def scripts(number: int, **said: Any) -> list[Script]:
    return [Script(f"{place:03}", **said) for place in range(number)]


def loads(found: dict[str, int | None]) -> dict[int | None, int]:
    return {key: list(found.values()).count(key) for key in {*found.values()}}


@pytest.mark.parametrize(
    ("total", "markers", "expected"),
    [
        (25, THREE, {ADA: 9, BEN: 8, CAI: 8}),
        (24, THREE, {ADA: 8, BEN: 8, CAI: 8}),
        (10, [Marker(ADA, 2), Marker(BEN, 1), Marker(CAI, 1)], {ADA: 5, BEN: 3, CAI: 2}),
        (10, [Marker(ADA, 3), Marker(BEN, 3), Marker(CAI, 1)], {ADA: 4, BEN: 4, CAI: 2}),  # 4.29, 4.29, 1.43
        (10, [Marker(ADA, 0), Marker(BEN), Marker(CAI)], {ADA: 0, BEN: 5, CAI: 5}),
        (25, [Marker(ADA, 1, 3), Marker(BEN), Marker(CAI)], {ADA: 3, BEN: 11, CAI: 11}),
        (25, [Marker(ADA, 1, 3), Marker(BEN, 1, 4)], {ADA: 3, BEN: 4}),
        (0, THREE, {ADA: 0, BEN: 0, CAI: 0}),
        (5, [Marker(ADA, 0)], {ADA: 0}),
        (5, [], {}),
    ],
)
def test_what_falls_to_each(total: int, markers: list[Marker], expected: dict[int, int]) -> None:
    assert shares(total, markers) == expected


def test_between_equal_remainders_goes_ahead_who_has_more() -> None:
    assert shares(25, THREE, {ADA: 8, BEN: 8, CAI: 9}) == {ADA: 8, BEN: 8, CAI: 9}


def test_twenty_five_scripts_and_three_markers() -> None:
    assert loads(share_out(scripts(25), THREE)) == {ADA: 9, BEN: 8, CAI: 8}


def test_a_conflict_is_never_given_and_the_others_make_room() -> None:
    asked = [*scripts(8, excluded=frozenset({ADA})), Script("x"), Script("y"), Script("z"), Script("zz")]
    found = share_out(asked, THREE)
    assert loads(found) == {ADA: 4, BEN: 4, CAI: 4}
    assert {found[key] for key in ("x", "y", "z", "zz")} == {ADA}


def test_what_nobody_may_mark_is_left_over() -> None:
    found = share_out([Script("a", excluded=frozenset({ADA, BEN, CAI})), Script("b")], THREE)
    assert found == {"a": None, "b": ADA}


def test_a_limit_leaves_the_rest_over() -> None:
    assert loads(share_out(scripts(5), [Marker(ADA, 1, 2), Marker(BEN, 1, 1)])) == {ADA: 2, BEN: 1, None: 2}


def test_what_is_held_stays_even_over_the_limit_and_at_no_weight() -> None:
    asked = [*(Script(f"h{place}", now=ADA, is_held=True) for place in range(3)), *scripts(3)]
    found = share_out(asked, [Marker(ADA, 0), Marker(BEN)])
    assert [found[f"h{place}"] for place in range(3)] == [ADA, ADA, ADA]
    assert loads(found) == {ADA: 3, BEN: 3}


@pytest.mark.parametrize("excluded", [frozenset({ADA}), frozenset()])
def test_what_is_held_moves_once_its_marker_may_not_have_it_or_has_left(excluded: frozenset[int]) -> None:
    markers = THREE if excluded else [Marker(BEN), Marker(CAI)]
    found = share_out([Script("a", now=ADA, is_held=True, excluded=excluded)], markers)
    assert found["a"] in (BEN, CAI)


def test_one_marker_more_takes_only_what_makes_it_even() -> None:
    before = share_out(scripts(24), THREE)
    there = [Script(key, now=marker) for key, marker in before.items()]
    after = share_out(there, [*THREE, Marker(4)])
    assert loads(after) == {ADA: 6, BEN: 6, CAI: 6, 4: 6}
    assert sum(after[each.key] != each.now for each in there) == 6


def test_a_script_whose_marker_gained_a_conflict_moves_by_itself() -> None:
    before = share_out(scripts(24), THREE)
    there = [
        Script(key, now=marker, excluded=frozenset({marker} if key == "000" and marker else ()))
        for key, marker in before.items()
    ]
    after = share_out(there, THREE)
    assert after["000"] != before["000"]
    assert loads(after) == {ADA: 8, BEN: 8, CAI: 8}
    assert sum(after[key] != before[key] for key in before) == 2  # another comes back for it


KEYS = st.integers(1, 4)
MARKERS = st.lists(
    st.builds(Marker, KEYS, st.integers(0, 3), st.none() | st.integers(0, 6)), max_size=4, unique_by=lambda one: one.key
)
SCRIPTS = st.lists(
    st.builds(
        Script,
        st.integers(0, 99).map(lambda place: f"{place:02}"),
        st.none() | KEYS,
        st.frozensets(KEYS, max_size=3),
        st.booleans(),
    ),
    max_size=9,
    unique_by=lambda one: one.key,
)


@given(SCRIPTS, MARKERS)
@settings(max_examples=300)
def test_nobody_marks_with_a_conflict_or_over_the_limit_and_all_are_kept(
    asked: list[Script], markers: list[Marker]
) -> None:
    found = share_out(asked, markers)
    assert found.keys() == {each.key for each in asked}
    for script in asked:
        assert found[script.key] not in script.excluded
        may_stay = script.now not in script.excluded and script.now in {each.key for each in markers}
        assert not (script.is_held and may_stay) or found[script.key] == script.now
    for marker in markers:
        held = sum(each.is_held and each.now == marker.key and marker.key not in each.excluded for each in asked)
        limit = 0 if not marker.weight else 99 if marker.most is None else marker.most
        assert list(found.values()).count(marker.key) <= max(limit, held)


@given(st.integers(0, 40), st.lists(st.integers(1, 5), min_size=1, max_size=4), st.randoms())
def test_without_conflicts_nobody_is_a_script_away_from_their_share(
    number: int, weights: list[int], random: Any
) -> None:
    markers = [Marker(key, weight) for key, weight in enumerate(weights, 1)]
    asked = scripts(number)
    found = share_out(asked, markers)
    for marker in markers:
        exact = number * marker.weight / sum(weights)
        assert abs(list(found.values()).count(marker.key) - exact) < 1
    again = [Script(key, now=whose) for key, whose in found.items()]
    random.shuffle(again)
    assert share_out(again, markers) == found


def _worth(asked: list[Script], markers: list[Marker], given_to: tuple[int | None, ...]) -> tuple[int, int, int] | None:
    """What a sharing of few scripts is worth, written down without the rule's own words; None where it may not be."""
    limit = {each.key: 0 if not each.weight else 99 if each.most is None else each.most for each in markers}
    fair = shares(
        len(asked), markers, {key: sum(each.now == key for each in asked if key not in each.excluded) for key in limit}
    )
    held = dict.fromkeys(limit, 0)
    moves = 0
    for script, marker in zip(asked, given_to, strict=True):
        at_home = script.now if script.now in limit and script.now not in script.excluded else None
        if script.is_held and at_home is not None:
            held[at_home] += 1
            if marker != at_home:
                return None
        if marker in script.excluded:
            return None
        moves += marker != at_home and marker is not None
    numbers = {key: given_to.count(key) for key in limit}
    if any(numbers[key] > max(limit[key], held[key]) for key in limit):
        return None
    return given_to.count(None), sum((numbers[key] - fair[key]) ** 2 for key in limit), moves


@given(
    st.lists(
        st.builds(
            Script,
            st.text("abcdef", min_size=3, max_size=3),
            st.none() | st.integers(1, 3),
            st.frozensets(st.integers(1, 3), max_size=2),
            st.booleans(),
        ),
        max_size=5,
        unique_by=lambda one: one.key,
    ),
    st.lists(
        st.builds(Marker, st.integers(1, 3), st.integers(0, 2), st.none() | st.integers(0, 4)),
        max_size=3,
        unique_by=lambda one: one.key,
    ),
)
@settings(max_examples=200)
def test_no_other_sharing_is_better(asked: list[Script], markers: list[Marker]) -> None:
    found = share_out(asked, markers)
    mine = _worth(asked, markers, tuple(found[each.key] for each in asked))
    ways = product([*(each.key for each in markers), None], repeat=len(asked))
    best = min(worth for way in ways if (worth := _worth(asked, markers, way)) is not None)
    assert mine == best
