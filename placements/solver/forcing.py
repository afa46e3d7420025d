"""What it costs everybody to give one student another choice: at the least, for all choices at once; and exactly.

At the prices of an optimum no move costs less than nothing. So the cheapest ways by which others can fill a place are
found from there outwards, and one search does for all who leave it.
"""

import heapq
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from placements.solver.network import Ints, Network
from placements.solver.prices import Words, moves_of

_WORD = 60  # bits by which a word weighs more than the next one
Ways = Sequence[Sequence[tuple[int, int]]]  # of each place: what moves here cost, and from where, the cheapest first


def bounds(network: Network, at: Ints, distance: Ints) -> Ints:
    """What each choice costs at least if its student has it, a row of lines each; of an optimum and its prices."""
    costs = network.cost + distance[network.place]
    return costs - costs[network.place == at[network.student]][network.student]


def costs_of(network: Network, at: Ints, distance: Ints, choices: Ints) -> Ints:
    """By how much the lines of an optimum grow if the student of a choice has it, all others moving as is best.

    A row for each of the choices; exact, as if it were solved again with that pair locked.
    """
    words = Words(network)
    ways, parent = _ways(network, words, at, distance), network.parent.tolist()
    leaving, wanted = at[network.student[choices]].tolist(), network.place[choices].tolist()
    starts: dict[int, set[int]] = defaultdict(set)
    for place, start in zip(leaving, wanted, strict=True):
        starts[place].add(start)
    found = {place: _least(ways, parent, place, some) for place, some in starts.items()}
    more = [found[place][start] for place, start in zip(leaving, wanted, strict=True)]
    return bounds(network, at, distance)[choices] + words.unpacked(_split(more, words))


def _ways(network: Network, words: Words, at: Ints, distance: Ints) -> Ways:
    """The moves by where they end, the cheapest of those with the same start, as whole numbers of any size."""
    moves, ahead = moves_of(network, words, at), words.packed(distance)
    steps = moves.step + ahead[moves.end] - ahead[moves.start]
    costs = [0] * len(steps)
    for word in range(steps.shape[1]):
        costs = [(cost << _WORD) + more for cost, more in zip(costs, steps[:, word].tolist(), strict=True)]
    found: list[dict[int, int]] = [{} for _ in range(network.nowhere + 1)]
    for start, end, cost in zip(moves.start.tolist(), moves.end.tolist(), costs, strict=True):
        if cost <= found[end].get(start, cost):
            found[end][start] = cost
    return [sorted((cost, start) for start, cost in here.items()) for here in found]


def _least(ways: Ways, parent: Sequence[int], goal: int, starts: set[int]) -> dict[int, int]:
    """The least that it costs from each of these places to the goal: outwards from there, backwards (Dijkstra)."""
    most, place = 0, goal  # everywhere leads to nowhere for nothing, and from there one can come down the tree
    while place < len(parent):
        most += next(cost for cost, start in ways[place] if start == parent[place])
        place = parent[place]
    found, missing, waiting, least = {}, set(starts), [(0, goal)], {goal: 0}
    while missing and waiting:
        cost, place = heapq.heappop(waiting)
        if cost > least[place]:
            continue
        if place in missing:
            found[place] = cost
            missing.discard(place)
        for step, start in ways[place]:
            if cost + step >= most:
                break
            if cost + step < least.get(start, most):
                least[start] = cost + step
                heapq.heappush(waiting, (cost + step, start))
    return found | dict.fromkeys(missing, most)


def _split(costs: Sequence[int], words: Words) -> Ints:
    """Whole numbers as rows of words again."""
    half, columns, left = 1 << (_WORD - 1), [], list(costs)
    for _ in range(0, words.lines, words.each):
        low = [((cost + half) & ((1 << _WORD) - 1)) - half for cost in left]
        columns.append(low)
        left = [(cost - word) >> _WORD for cost, word in zip(left, low, strict=True)]
    return np.array(columns[::-1], np.int64).reshape(len(columns), len(costs)).T
