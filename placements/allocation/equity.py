"""Who fares how, group by group: counts and shares, with what is too small to show left out."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

SMALL = 5  # fewer are not shown
GOOD = 3  # down to which choice
OUTCOMES = (f"1st to {GOOD}rd choice", "Lower, or not chosen", "No place")
Cells = set[tuple[int, int]]


@dataclass(frozen=True)
class Cell:
    """A count as it may be shown: `number` is None where it is left out, `is_small` says that it is for itself."""

    number: int | None
    share: int | None  # in a hundred, of its group
    is_small: bool


@dataclass(frozen=True)
class Row:
    """One group: its outcomes in the order of OUTCOMES, and how many students it has."""

    name: str
    cells: tuple[Cell, ...]
    total: Cell


def outcome_of(is_placed: bool, rank: int | None) -> int:
    """Which of OUTCOMES it is."""
    if not is_placed:
        return 2
    return 0 if rank is not None and rank <= GOOD else 1


def rows_of(students: Iterable[tuple[str, int]]) -> list[Row]:
    """A row for each group, by name, of (group, outcome) pairs; none where everybody is in one group.

    Counts under SMALL are left out, and of the others as many, the smallest first, as it takes for none of those to
    follow by adding and taking away: how many students there are of each outcome, and in all, is known.
    """
    counts: dict[str, Counter[int]] = {}
    for name, outcome in students:
        counts.setdefault(name, Counter())[outcome] += 1
    if len(counts) < 2:
        return []
    names = sorted(counts)
    table = [[*(counts[name][each] for each in range(len(OUTCOMES))), counts[name].total()] for name in names]
    hidden = left_out(table)
    gone = [{column for at, column in hidden if at == row} for row in range(len(table))]
    return list(map(_row, names, table, gone))


def _row(name: str, row: list[int], hidden: set[int]) -> Row:
    total = len(row) - 1
    cells = []
    for column, number in enumerate(row):
        is_shown, has_share = column not in hidden, total not in hidden
        share = round(100 * number / row[total]) if is_shown and has_share else None
        cells.append(Cell(number if is_shown else None, share, number < SMALL))
    return Row(name, tuple(cells[:-1]), cells[-1])


def left_out(table: list[list[int]]) -> Cells:
    """The cells of a table that are not shown; its last column is the sum of the others.

    A cell that is left out follows from the others unless it lies on a ring of cells left out, each in one line with
    the next: then some can be larger and some smaller, and every sum stays as it is.
    """
    hidden = {(row, column) for row, each in enumerate(table) for column, number in enumerate(each) if number < SMALL}
    while True:
        beside = {
            (table[row][column], row, column)
            for cell in hidden
            if not _is_on_a_ring(cell, hidden)
            for row, column in _lines_of(cell, table) - hidden
        }
        if not beside:
            return hidden
        _, row, column = min(beside)
        hidden.add((row, column))


def _lines_of(cell: tuple[int, int], table: list[list[int]]) -> Cells:
    row, column = cell
    return {(row, each) for each in range(len(table[row]))} | {(each, column) for each in range(len(table))}


def _is_on_a_ring(cell: tuple[int, int], hidden: Cells) -> bool:
    """Whether its row can be left by another cell, and its column reached, over cells that are left out."""
    links: dict[tuple[str, int], set[tuple[str, int]]] = {}
    for row, column in hidden - {cell}:
        links.setdefault(("row", row), set()).add(("column", column))
        links.setdefault(("column", column), set()).add(("row", row))
    reached, waiting = set(), [("row", cell[0])]
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting.extend(links.get(here, ()))
    return ("column", cell[1]) in reached
