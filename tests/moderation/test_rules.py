"""Which scripts are drawn: typed cases, and what holds of every set."""

from math import ceil, sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from placements.moderation.rules import Script, Why, drawn, lot, spread_size

pytestmark = pytest.mark.pure

EDGES = (40, 50, 60, 70)


def script(key: str, mark: int, marker: str = "ada", is_first_time: bool = False) -> Script:
    return Script(key, marker, mark, is_first_time)


def test_fails_and_borderlines_are_all_in() -> None:
    marks = {"a": 12, "b": 39, "c": 38, "d": 41, "e": 42, "f": 43, "g": 68, "h": 72, "i": 73, "j": 55}
    found = drawn([script(key, mark) for key, mark in marks.items()], 2, EDGES, "seed")
    whys = {key: found.get(key) for key in marks}
    assert [key for key, why in whys.items() if why is Why.FAIL] == ["a", "b", "c"]
    assert [key for key, why in whys.items() if why is Why.BORDERLINE] == ["d", "e", "g", "h"]
    assert [whys["f"], whys["i"], whys["j"]].count(Why.SPREAD) == 3  # four asked for of ten, three are left


@pytest.mark.parametrize(
    ("count", "size"), [(0, 0), (1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (10, 4), (100, 10), (101, 11)]
)
def test_the_spread_is_the_square_root_rounded_up(count: int, size: int) -> None:
    assert spread_size(count) == size


def test_each_band_of_each_marker_has_its_turn_before_one_has_two() -> None:
    scripts = [
        script(f"{marker}{mark}{place}", mark, marker)
        for marker in ("ada", "bob")
        for mark in (45, 55, 65)
        for place in range(6)
    ]
    found = drawn(scripts, 2, EDGES, "seed")  # 36 scripts: six of them, and six cells
    assert sorted(key[:5] for key in found) == ["ada45", "ada55", "ada65", "bob45", "bob55", "bob65"]


def test_one_more_is_drawn_for_a_first_time_marker_whom_the_lot_missed() -> None:
    cells = [script(f"{marker}{mark}", mark, marker) for marker in "abcdefgh" for mark in (45, 55, 65)]
    new = [script("n1", 75, "new", is_first_time=True)]
    missed = [seed for seed in map(str, range(60)) if drawn([*cells, *new], 2, EDGES, seed).get("n1") is Why.FIRST_TIME]
    assert missed
    assert len(drawn([*cells, *new], 2, EDGES, missed[0])) == 6  # five by lot of 25, and hers


def test_the_lot_can_be_worked_out_by_anybody() -> None:
    # printf 'seed:key' | sha256sum
    assert lot("seed", "key") == "7fbd3875653dbbfbf3228ab35c678782fdb3f8518c5235f6a74650105faa7304"


scripts = some.lists(
    some.builds(Script, some.uuids().map(str), some.sampled_from("abcd"), some.integers(0, 100), some.booleans()),
    max_size=60,
    unique_by=lambda each: each.key,
)


@given(scripts, some.integers(0, 5), some.text("0123456789abcdef", min_size=1, max_size=8), some.randoms())
def test_of_every_set(of: list[Script], within: int, seed: str, chance: Random) -> None:
    found = drawn(of, within, EDGES, seed)
    marks = {each.key: each for each in of}
    needed = {key for key, each in marks.items() if each.mark < 40}
    needed |= {key for key, each in marks.items() if any(abs(each.mark - edge) <= within for edge in (40, 50, 60, 70))}
    assert needed <= found.keys() <= marks.keys()
    assert {key for key, why in found.items() if why in (Why.FAIL, Why.BORDERLINE)} == needed
    spread = [key for key, why in found.items() if why is Why.SPREAD]
    assert len(spread) == min(ceil(sqrt(len(of))), len(of) - len(needed))
    assert {each.marker for each in of if each.is_first_time} <= {marks[key].marker for key in found}
    mixed = list(of)
    chance.shuffle(mixed)
    assert drawn(mixed, within, EDGES, seed) == found
