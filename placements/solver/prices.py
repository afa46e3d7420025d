"""What a place is worth to everyone together: exact prices, or a ring of moves by which an answer can be improved.

The cost of one student more at a place is the least that the lines of the rule grow by when that student goes there
and others may move on, in the end to nowhere. Costs are compared line by line, as if each line weighed infinitely
more than the next: the lines are packed into as few 64-bit words as hold them, and words are compared in order.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from placements.solver.network import Ints, Network

Truths = npt.NDArray[np.bool_]

_FAR = np.int64(1) << np.int64(61)
_BITS = 60  # of a word that lines may take
_LOOK = 32  # rounds after which a ring is looked for, since one would never let the costs settle


@dataclass(frozen=True)
class Moves:
    """Every way in which one too many at `start` can be one too many at `end`, sorted by start.

    `who` is the choice by which somebody moves from one to the other; -1 where the tree alone leads there.
    """

    start: Ints
    end: Ints
    step: Ints  # one row of words a move
    who: Ints


def settle(network: Network, at: Ints) -> tuple[Ints, Ints]:
    """An optimum near that answer, and what one more at each place costs then, a row of lines each.

    The answer has the place of each student. Of a place that is shut the row is that of nowhere, all zero.
    """
    words = Words(network)
    while True:
        moves = moves_of(network, words, at)
        distance, ring = _least(moves, network.nowhere + 1, network.nowhere)
        if not ring:
            return at, words.unpacked(distance)
        at = at.copy()
        for choice in ring:
            at[network.student[choice]] = network.place[choice]


class Words:
    """Packs rows of lines into rows of words, and back."""

    def __init__(self, network: Network) -> None:
        moves = max(len(network.students), 2 * (network.nowhere + _LOOK)) + 1  # more than any way has, or is looked at
        most = 2 * moves * int(network.cost.max(initial=1))
        self.bits = most.bit_length() + 1
        if self.bits > _BITS:
            raise ValueError("The ranks are too large for this many students: number each student's choices 1, 2, 3, …")
        self.lines = network.cost.shape[1]
        self.each = _BITS // self.bits

    def packed(self, rows: Ints) -> Ints:
        """Rows of lines as rows of words; sums of words are the words of sums."""
        words = []
        for first in range(0, self.lines, self.each):
            word = np.zeros(len(rows), np.int64)
            for line in range(first, min(first + self.each, self.lines)):
                word = (word << self.bits) + rows[:, line]
            words.append(word)
        return np.stack(words, axis=1)

    def unpacked(self, words: Ints) -> Ints:
        """The lines again."""
        lines = []
        for place, first in enumerate(range(0, self.lines, self.each)):
            word, found = words[:, place].copy(), []
            for _ in range(first, min(first + self.each, self.lines)):
                low = ((word + (1 << (self.bits - 1))) & ((1 << self.bits) - 1)) - (1 << (self.bits - 1))
                found.append(low)
                word = (word - low) >> self.bits
            lines += found[::-1]
        return np.stack(lines, axis=1)


def moves_of(network: Network, words: Words, at: Ints) -> Moves:
    packed = words.packed(network.cost)
    here = at[network.student] == network.place
    now = packed[here][network.student]  # of each choice, what its student costs where they are
    away = np.flatnonzero(~here)
    used = network.used(at)
    up = np.flatnonzero(used < network.room)
    down = np.flatnonzero(used > 0)
    tree = np.zeros((len(up) + len(down), network.cost.shape[1]), np.int64)
    tree[: len(up)][used[up] < network.lower[up], 0] = -1  # one fewer is missing
    tree[len(up) :][used[down] <= network.lower[down], 0] = 1
    start = np.concatenate((at[network.student[away]], up, network.parent[down]))
    order = np.argsort(start, kind="stable")
    return Moves(
        start[order],
        np.concatenate((network.place[away], network.parent[up], down))[order],
        np.concatenate((packed[away] - now[away], words.packed(tree)))[order],
        np.concatenate((away, np.full(len(tree), -1)))[order],
    )


def _least(moves: Moves, places: int, goal: int) -> tuple[Ints, list[int]]:
    """Bellman–Ford: the least cost of one too many at each place until there is one more at the goal.

    Or the choices of a ring that costs less than nothing.
    """
    distance = np.zeros((places, moves.step.shape[1]), np.int64)
    distance[:, 0] = _FAR
    distance[goal, 0] = 0
    by = np.full(places, -1)  # the move by which each place got its cost
    closer = np.zeros(places, bool)
    closer[goal] = True
    turn = 0
    while closer.any():
        some = np.flatnonzero(closer[moves.end])  # only what leads to a place that came closer can bring another closer
        closer[:] = False
        starts, best, move = _best_of_each(distance, moves, some)
        gain = _less(best, distance[starts])
        distance[starts[gain]], by[starts[gain]], closer[starts[gain]] = best[gain], move[gain], True
        turn += 1
        if turn % _LOOK == 0 or distance[goal].any():
            ring = _ring(by, moves)
            if ring:
                return distance, ring
    distance[distance[:, 0] >= _FAR // 2] = 0
    return distance, []


def _best_of_each(distance: Ints, moves: Moves, some: Ints) -> tuple[Ints, Ints, Ints]:
    """The starts of some moves; for each the least sum of a step and what lies ahead, and the move that has it."""
    start = moves.start[some]
    is_first = np.ones(len(start), bool)
    is_first[1:] = start[1:] != start[:-1]
    first, group = np.flatnonzero(is_first), np.cumsum(is_first) - 1
    candidates = distance[moves.end[some]] + moves.step[some]
    best = []
    for word in range(candidates.shape[1]):
        least = np.minimum.reduceat(candidates[:, word], first) if len(first) else first
        best.append(least)
        candidates[candidates[:, word] > least[group], word + 1 :] = 2 * _FAR - 1
    has_it = candidates[:, -1] == best[-1][group]
    move = np.minimum.reduceat(np.where(has_it, some, len(moves.end)), first) if len(first) else first
    return start[first], np.stack(best, axis=1), move


def _less(left: Ints, right: Ints) -> Truths:
    """Where a row of words is less than the other: the first that differs decides."""
    found = np.zeros(len(left), bool)
    for word in range(left.shape[1] - 1, -1, -1):
        found = (left[:, word] < right[:, word]) | ((left[:, word] == right[:, word]) & found)
    return found


def _ring(by: Ints, moves: Moves) -> list[int]:
    """The choices along a ring of the moves by which places got their costs: it always costs less than nothing."""
    onward = np.where(by < 0, np.arange(len(by)), moves.end[by])
    reached = onward
    for _ in range(len(by).bit_length()):
        reached = reached[reached]
    inside = np.flatnonzero(by[reached] >= 0)
    if not len(inside):
        return []
    start = place = int(reached[inside[0]])
    ring = []
    while True:
        ring.append(int(moves.who[by[place]]))
        place = int(onward[place])
        if place == start:
            return [choice for choice in ring if choice >= 0]
