"""The equity panel on paper: what is shown, what is too small, and what else is left out so that it cannot follow."""

from functools import cache
from itertools import product
from random import Random

import pytest

from placements.allocation.equity import Cell, left_out, outcome_of, rows_of

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("is_placed", "rank", "outcome"),
    [(True, 1, 0), (True, 3, 0), (True, 4, 1), (True, None, 1), (False, None, 2)],
)
def test_an_outcome_is_a_good_choice_another_place_or_none(is_placed: bool, rank: int | None, outcome: int) -> None:
    assert outcome_of(is_placed, rank) == outcome


def shown(*counts: tuple[int, int, int]) -> list[list[int | str | None]]:
    """What the table says of groups with these outcomes: a number, “small”, or None."""
    students = [
        (f"Group {at}", outcome) for at, row in enumerate(counts) for outcome in range(3) for _ in range(row[outcome])
    ]
    return [
        [
            cell.number if cell.number is not None else "small" if cell.is_small else None
            for cell in (*row.cells, row.total)
        ]
        for row in rows_of(students)
    ]


@pytest.mark.parametrize(
    ("counts", "table"),
    [
        ([(20, 6, 5), (30, 9, 8)], [[20, 6, 5, 31], [30, 9, 8, 47]]),
        # one small cell: the next smallest of its row goes too, and one of each of their columns with it
        ([(20, 6, 4), (30, 9, 8)], [[20, None, "small", 30], [30, None, None, 47]]),
        # two small cells of a row hide each other there, but not in their columns
        ([(22, 2, 1), (40, 9, 8)], [[22, "small", "small", 25], [40, None, None, 57]]),
        ([(22, 2, 1), (21, 3, 1)], [[22, "small", "small", 25], [21, "small", "small", 25]]),
        # a group of which all is small takes all of another with it
        ([(1, 1, 1), (30, 9, 8), (40, 9, 9)], [["small"] * 4, [None] * 4, [40, 9, 9, 58]]),
    ],
)
def test_small_numbers_are_left_out_and_so_is_what_they_would_follow_from(
    counts: list[tuple[int, int, int]], table: list[list[int | str | None]]
) -> None:
    assert shown(*counts) == table


def test_shares_are_of_the_group() -> None:
    rows = rows_of(
        [("A", 0)] * 15 + [("A", 1)] * 5 + [("A", 2)] * 5 + [("B", 0)] * 5 + [("B", 1)] * 5 + [("B", 2)] * 10
    )
    assert rows[0].cells == (Cell(15, 60, False), Cell(5, 20, False), Cell(5, 20, False))
    assert rows[1].cells[2] == Cell(10, 50, False)


def test_a_single_group_is_no_comparison() -> None:
    assert rows_of([("A", 0)] * 30) == []


@pytest.mark.parametrize("seed", range(40))
def test_no_cell_left_out_follows_from_the_others(seed: int) -> None:
    """Brute force: for each cell left out there is another table with the same sums, and another number there."""
    random = Random(seed)
    numbers = [random.randrange(12) for _ in range(9)]
    table = [[*numbers[3 * row : 3 * row + 3], sum(numbers[3 * row : 3 * row + 3])] for row in range(3)]
    hidden = left_out(table)
    assert {(row, at) for row in range(3) for at in range(4) if table[row][at] < 5} <= hidden
    assert all(any(change.get(cell) for change in changes(hidden)) for cell in hidden)


def changes(hidden: set[tuple[int, int]]) -> list[dict[tuple[int, int], int]]:
    """Every way to add −1, 0 or 1 to the counts left out that keeps all sums which are shown."""
    return [each for each in sums_kept() if all(cell in hidden for cell, step in each.items() if step)]


@cache
def sums_kept() -> list[dict[tuple[int, int], int]]:
    """Every way to add −1, 0 or 1 to the counts that keeps the sums of columns."""
    found = []
    for steps in product((-1, 0, 1), repeat=9):
        change = {(row, at): steps[3 * row + at] for row in range(3) for at in range(3)}
        change |= {(row, 3): sum(change[row, at] for at in range(3)) for row in range(3)}
        if all(sum(change[row, at] for row in range(3)) == 0 for at in range(4)):
            found.append(change)
    return found
