"""The published lottery: students, in order, each get their best place that still leaves an optimum.

All optima differ by rings of moves that cost nothing, so only those moves are looked at: a student goes to another
of the choices that are equally good for the whole, or a place whose price is zero takes one more or one fewer.
A student can have a better place just when such moves lead from it back to the place the student leaves.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count as count_from


@dataclass
class Exchange:
    """Who is where, and every move that costs nothing. Places are numbers; the root (unplaced) comes last."""

    at: list[int]  # of each student: the place now
    choices: list[list[int]]  # of each student: the places equally good for the whole, best for the student first
    parent: list[int]  # of each place but the root, like all that follow
    room: list[int]
    lower: list[int]  # how many it must keep
    used: list[int]
    free: list[bool]  # its price is zero, so its use may change

    def __post_init__(self) -> None:
        places = len(self.parent) + 1
        self._children: list[list[int]] = [[] for _ in range(places)]
        for place, above in enumerate(self.parent):
            if self.free[place]:
                self._children[above].append(place)
        self._leaving: list[dict[int, set[int]]] = [{} for _ in range(places)]  # from → to → who may go
        for student in range(len(self.at)):
            self._enter(student)

    def settle(self, student: int) -> None:
        """Give the student the best place that an optimum can still have, and fix it for good."""
        here = self.at[student]
        self._leave(student)
        came_from: dict[int, int] = {}  # kept from wish to wish: what has been searched does not lead here
        for wish in self.choices[student]:
            if wish == here:
                return
            if self._search(wish, here, came_from):
                self._push(here, came_from)
                self.at[student] = wish
                return

    def _enter(self, student: int) -> None:
        here = self.at[student]
        for choice in self.choices[student]:
            if choice != here:
                self._leaving[here].setdefault(choice, set()).add(student)

    def _leave(self, student: int) -> None:
        ways = self._leaving[self.at[student]]
        for choice in self.choices[student]:
            if choice in ways:
                ways[choice].discard(student)
                if not ways[choice]:
                    del ways[choice]

    def _search(self, start: int, goal: int, came_from: dict[int, int]) -> bool:
        """Look for a way from one place to another, noting for each place found the one before it."""
        if start in came_from:
            return False
        came_from[start] = start
        waiting = deque([start])
        while waiting:
            place = waiting.popleft()
            for onward in self._ways(place):
                if onward not in came_from:
                    came_from[onward] = place
                    if onward == goal:
                        return True
                    waiting.append(onward)
        return False

    def _ways(self, place: int) -> Iterator[int]:
        """Where one too many at this place can go."""
        yield from self._leaving[place]
        if place < len(self.parent) and self.free[place] and self.used[place] < self.room[place]:
            yield self.parent[place]
        for child in self._children[place]:
            if self.used[child] > self.lower[child]:
                yield child

    def _push(self, goal: int, came_from: dict[int, int]) -> None:
        """Make the moves of the way found, from its end backwards."""
        place = goal
        while (before := came_from[place]) != place:
            if place in self._leaving[before]:
                student = next(iter(self._leaving[before][place]))
                self._leave(student)
                self.at[student] = place
                self._enter(student)
            elif before < len(self.parent) and self.parent[before] == place:
                self.used[before] += 1
            else:
                self.used[place] -= 1
            place = before


def rings(places: int, ways: Sequence[tuple[int, int]]) -> list[int]:
    """A number for each place: two have the same one where ways lead from each to the other (Tarjan's components)."""
    onward: list[list[int]] = [[] for _ in range(places)]
    for start, end in ways:
        onward[start].append(end)
    ring, seen, count = [-1] * places, [-1] * places, count_from(0)
    for first in range(places):
        if seen[first] < 0:
            _explore(first, onward, ring, seen, count)
    return ring


def _explore(first: int, onward: list[list[int]], ring: list[int], seen: list[int], count: Iterator[int]) -> None:
    """Number all that is reached from there: `seen` by when, `ring` by the first seen of those that lead back to it."""
    path, waiting = [(first, iter(onward[first]))], [first]
    seen[first] = next(count)
    back = {first: seen[first]}  # of each place on the path, the earliest that it leads back to
    while path:
        place, left = path[-1]
        new = next((end for end in left if _is_new(end, place, ring, seen, back)), None)
        if new is not None:
            seen[new] = back[new] = next(count)
            waiting.append(new)
            path.append((new, iter(onward[new])))
            continue
        path.pop()
        if path:
            above = path[-1][0]
            back[above] = min(back[above], back[place])
        if back[place] == seen[place]:
            while ring[place] < 0:
                ring[waiting.pop()] = seen[place]


def _is_new(end: int, place: int, ring: list[int], seen: list[int], back: dict[int, int]) -> bool:
    """Whether the end of a way was not seen yet; one that was, and has no ring yet, is what `place` leads back to."""
    if seen[end] >= 0 and ring[end] < 0:
        back[place] = min(back[place], seen[end])
    return seen[end] < 0
