"""Minimum group sizes: a challenge runs with enough students or with none. Branch and bound, the best part first.

A part leaves out the minimums of challenges that it has not decided, so nothing in it is better than its answer, ties
settled. Where that answer keeps every minimum it is the best there is: every other part begins with a worse one.
Otherwise the part is split at a challenge that has too few: it runs, or it is closed. A new part is judged by the
prices that it came from, its own challenge at a price of its own; it is solved only when no other looks better.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from time import monotonic
from typing import Any

import numpy as np

from placements.solver.draw import drawn
from placements.solver.network import Ints, Network, first_answer
from placements.solver.prices import settle

Tell = Callable[[str], None]
Cost = tuple[int, ...]  # a number a line


@dataclass(order=True)
class Part:
    """The placings in which those challenges are closed and those run; ordered by the best that it could hold.

    `bound` has one number a line: no placing in the part costs less, by the prices in `distance`. `at` is an answer,
    once it is solved; `order`, once ties are settled, the choice of each student, first in the lottery first.
    """

    bound: Cost
    order: tuple[int, ...]
    closed: tuple[int, ...]
    running: tuple[int, ...]
    network: Network = field(compare=False)
    distance: Ints = field(compare=False)
    at: Ints | None = field(compare=False, default=None)


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
    parts = [_solved(_whole(network))]
    if network.above and parts[0].bound[0]:
        return None
    splits = count(1)
    while True:
        part = heapq.heappop(parts)
        if part.at is None:
            parts_of_it = [_solved(part)]
        elif not part.order:
            parts_of_it = [_drawn(part, part.at, network)]
        elif short := _short(part.at, part, minimums):
            parts_of_it = _split(part, part.at, short, minimums)
            tell(f"Minimum sizes: {next(splits)} times opened or closed one, {len(parts) + 2} parts left to look at")
        else:
            return Found(part.at, part, parts, is_best=True)
        for each in parts_of_it:
            heapq.heappush(parts, each)
        if ends is not None and monotonic() > ends:
            return Found(_any_answer(network, minimums), heapq.heappop(parts), parts, is_best=False)


def _whole(network: Network) -> Part:
    return Part((), (), (), (), network, np.zeros(0, np.int64))


def _solved(part: Part) -> Part:
    network = part.network
    at, distance = settle(network, first_answer(network))
    bound = network.cost[at[network.student] == network.place].sum(axis=0)
    bound[:1] += np.maximum(network.lower - network.used(at), 0).sum() * network.above
    return replace(part, bound=tuple(bound.tolist()), distance=distance, at=at)


def _drawn(part: Part, some: Ints, network: Network) -> Part:
    """With its ties settled. Choices are counted in the undecided network, so that parts can be compared."""
    at = np.array(drawn(part.network, some, part.distance), np.int64)
    first = np.searchsorted(network.student, np.arange(len(network.students)))
    order = np.flatnonzero(at[network.student] == network.place) - first
    return replace(part, at=at, order=(0, *order.tolist()))  # the nought: there is an order, though of nobody


def _short(at: Ints, part: Part, minimums: Ints) -> list[int]:
    """The challenges that it has not decided and that have too few."""
    used = part.network.used(at)
    too_few = np.flatnonzero((used > 0) & (used < minimums))
    return [place for place in too_few.tolist() if place not in part.running]


def _split(part: Part, at: Ints, short: list[int], minimums: Ints) -> list[Part]:
    """Two parts in its place, by the challenge of which it matters most whether it runs."""
    network = part.network
    costs = network.cost + part.distance[network.place]
    now = costs[network.place == at[network.student]]
    over = costs - now[network.student]  # of each choice: by how much it is not the student's cheapest
    ways = {place: (_closing(network, over, place), _keeping(network, over, place, minimums)) for place in short}
    place = max(short, key=lambda each: (min(ways[each][0], ways[each][1][0]), max(ways[each][0], ways[each][1][0])))
    closing, (keeping, price) = ways[place]
    with_reward = part.distance.copy()
    with_reward[place] = part.distance[network.parent[place]] - price
    return [
        _part_of(part, closing, network.deciding([place], {}), closed=(*part.closed, place)),
        _part_of(
            part,
            keeping,
            network.deciding([], {place: int(minimums[place])}),
            running=(*part.running, place),
            distance=with_reward,
        ),
    ]


def _part_of(part: Part, more: Cost, network: Network, **changes: Any) -> Part:
    bound = tuple(map(sum, zip(part.bound, more, strict=True)))
    return replace(part, bound=bound, network=network, at=None, order=(), **changes)


def _closing(network: Network, over: Ints, place: int) -> Cost:
    """What the bound grows by when the challenge is closed: whom it was cheapest for go to their next cheapest."""
    grows = np.zeros(over.shape[1], np.int64)
    for choice in np.flatnonzero((network.place == place) & ~over.any(axis=1)):
        first, last = np.searchsorted(network.student, network.student[choice] + np.array([0, 1]))
        grows += min(tuple(over[other]) for other in range(first, last) if other != choice)
    return tuple(grows.tolist())


def _keeping(network: Network, over: Ints, place: int, minimums: Ints) -> tuple[Cost, Ints]:
    """What the bound grows by when it runs, and the reward for going there that shows it: just enough come."""
    least, most = int(minimums[place]), (1, *[0] * (over.shape[1] - 1))  # nobody is worth more than one missing
    theirs = sorted(map(tuple, over[network.place == place].tolist()))
    reward = np.array(min(theirs[least - 1], most) if len(theirs) >= least else most, np.int64)
    grows = least * reward
    for each in theirs:
        grows += min(np.zeros_like(reward), np.array(each) - reward, key=tuple)
    return tuple(grows.tolist()), reward


def _any_answer(network: Network, minimums: Ints) -> Ints:
    """A placing that keeps the minimums, soon found: whatever has too few is closed until nothing has."""
    closed: list[int] = []
    while True:
        part = _solved(_whole(network.deciding(closed, {})))
        short = [] if part.at is None else _short(part.at, part, minimums)
        if part.at is not None and not short:
            return part.at
        closed += short
