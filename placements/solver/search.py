"""Minimum group sizes: a challenge runs with enough students or with none. Branch and bound, the best part first.

A part leaves out the minimums of challenges that it has not decided, so nothing in it is better than its answer, ties
settled. Where that answer keeps every minimum it is the best there is: every other part begins with a worse one.
Otherwise the part is split at a challenge that has too few: it runs, or it is closed.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from time import monotonic

import numpy as np

from placements.solver.draw import drawn
from placements.solver.network import Ints, Network, first_answer
from placements.solver.prices import settle

Tell = Callable[[str], None]


@dataclass(order=True)
class Part:
    """The placings in which those challenges are closed and those run; ordered by the best that it could hold.

    `bound` has one number a line: no placing in the part costs less. `order` compares equals: the choice of each
    student, by the lottery. `at` and `distance` are the answer and its prices.
    """

    bound: tuple[int, ...]
    order: tuple[int, ...]
    closed: tuple[int, ...]
    running: tuple[int, ...]
    network: Network = field(compare=False)
    at: Ints = field(compare=False)
    distance: Ints = field(compare=False)


@dataclass(frozen=True)
class Found:
    """The answer, the part that it is of, and the other parts. `is_best`: it is proven, and its ties are settled."""

    at: Ints
    part: Part
    others: list[Part]
    is_best: bool


def search(network: Network, minimums: Ints, seconds: float | None, tell: Tell) -> Found | None:
    """The best placing that keeps the minimums, or the best found in that many seconds; None where there is none.

    `minimums` has a number for each place but nowhere: 0 where it has none, or where a lock makes the challenge run.
    """
    ends = None if seconds is None else monotonic() + seconds
    parts = [_part(network, minimums, (), ())]
    if network.above and parts[0].bound[0]:
        return None
    for looked in count(1):
        part = heapq.heappop(parts)
        short = _short(part, minimums)
        if not short:
            return Found(part.at, part, parts, is_best=True)
        if ends is not None and monotonic() > ends:
            return Found(_closing(network, minimums), part, parts, is_best=False)
        tell(f"Minimum sizes: {looked} ways to open and close looked at, {len(parts)} waiting")
        heapq.heappush(parts, _part(network, minimums, (*part.closed, short[0]), part.running))
        heapq.heappush(parts, _part(network, minimums, part.closed, (*part.running, short[0])))
    raise AssertionError("the first part has an answer that keeps every minimum: to close all that have too few")


def _part(network: Network, minimums: Ints, closed: tuple[int, ...], running: tuple[int, ...]) -> Part:
    decided = network.deciding(closed, {place: int(minimums[place]) for place in running})
    some, distance = settle(decided, first_answer(decided))
    at = np.array(drawn(decided, some, distance), np.int64)
    bound = decided.cost[at[decided.student] == decided.place].sum(axis=0)
    missing = np.maximum(decided.lower - decided.used(at), 0).sum()
    bound[:1] += missing * network.above
    first = np.searchsorted(network.student, np.arange(len(network.students)))
    order = np.flatnonzero(at[network.student] == network.place) - first
    return Part(tuple(bound.tolist()), tuple(order.tolist()), closed, running, decided, at, distance)


def _short(part: Part, minimums: Ints) -> list[int]:
    """The challenges that it has not decided and that have too few, the worst first: furthest from none and enough."""
    used = part.network.used(part.at)
    too_few = np.flatnonzero((used > 0) & (used < minimums))
    undecided = [place for place in too_few.tolist() if place not in part.running]
    return sorted(undecided, key=lambda place: (-min(used[place], minimums[place] - used[place]), place))


def _closing(network: Network, minimums: Ints) -> Ints:
    """A placing that keeps the minimums, soon found: whatever has too few is closed until nothing has."""
    part = _part(network, minimums, (), ())
    while short := _short(part, minimums):
        part = _part(network, minimums, (*part.closed, *short), ())
    return part.at
