"""A round as a flow of students down a tree of places: challenge → organisation → all tutors → nowhere.

Nowhere is the root: to go there directly is to be unplaced. A locked student is taken out first, with the place;
whoever has no open choice is left out too.

Where challenges have minimums, a line stands above those of the rule: how many students are missing from challenges
that must run. It is nothing wherever there is an answer at all.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from placements.solver.instance import Instance
from placements.solver.objective import Rule

Ints = npt.NDArray[np.int64]

# What a line weighs beside the next one, times the binary digits of the number of students: chains of moves grow as
# slowly. It is enough for nearly every first answer, and `prices` settles the others.
_BASE = 2
_MOST = 1 << 60  # weight × nodes stays below this, so that OR-tools cannot pass 2^63


@dataclass(frozen=True)
class Network:
    """Places are numbered: challenges, then organisations, then all tutors together, then nowhere."""

    rule: Rule
    students: list[str]  # keys in lottery order
    parent: Ints  # of each place but nowhere
    room: Ints  # of each place but nowhere, after locks
    lower: Ints  # of each place but nowhere: how many it must have, after locks
    student: Ints  # of each choice, like the next two: which student, in order …
    place: Ints  # … could go where, nowhere last …
    cost: Ints  # … adding what to each line: one row a choice
    above: int  # how many lines stand above those of the rule: 1 where challenges have minimums

    @property
    def nowhere(self) -> int:
        """The root's number, which is also how many other places there are."""
        return len(self.parent)

    def used(self, at: Ints) -> Ints:
        """How many students go through each place but nowhere when each is at that place."""
        held = np.bincount(at, minlength=self.nowhere + 1).tolist()
        for place, above in enumerate(self.parent.tolist()):  # each place stands before its parent
            held[above] += held[place]
        return np.array(held[:-1], np.int64)

    def deciding(self, closed: Sequence[int], running: Mapping[int, int]) -> "Network":
        """The same with some challenges closed, and others running with at least so many."""
        if not closed and not running:
            return self
        room, lower = self.room.copy(), self.lower.copy()
        room[list(closed)] = 0
        for place, least in running.items():
            lower[place] = least
        is_open = np.r_[room > 0, True][self.place]
        chosen = {"student": self.student[is_open], "place": self.place[is_open], "cost": self.cost[is_open]}
        return replace(self, room=room, lower=lower, **chosen)


def lottery_order(seed: str, keys: Iterable[str]) -> list[str]:
    """The keys by the SHA-256, in hexadecimal, of seed, a newline and key: anyone can work it out again."""
    return sorted(keys, key=lambda key: hashlib.sha256(f"{seed}\n{key}".encode()).hexdigest())


def network_of(instance: Instance, rule: Rule) -> Network:
    """The network of those who are not locked and have an open choice."""
    number = {one.id: place for place, one in enumerate(instance.challenges)}
    above = {one.id: place for place, one in enumerate(instance.organisations, len(number))}
    tutors = len(number) + len(above)
    parent = [above[one.organisation] for one in instance.challenges] + [tutors] * len(above) + [tutors + 1]
    endless = len(instance.students) + 1  # never full, so never at a price
    room = [one.maximum for one in instance.challenges]
    room += [endless if one.ceiling is None else one.ceiling for one in instance.organisations]
    room.append(endless if instance.most is None else instance.most)
    lower = [0] * len(room)
    for lock in instance.locks:  # a challenge with a lock runs
        lower[number[lock.challenge]] = instance.challenges[number[lock.challenge]].minimum
    for lock in instance.locks:
        place = number[lock.challenge]
        lower[place] = max(0, lower[place] - 1)
        for taken in (place, parent[place], tutors):
            room[taken] -= 1
    open_places = {
        name: place for name, place in number.items() if room[place] and room[parent[place]] and room[tutors]
    }
    tree = (np.array(parent, np.int64), np.array(room, np.int64), np.array(lower, np.int64))
    return _with_choices(instance, rule, open_places, tree)


def _with_choices(instance: Instance, rule: Rule, places: dict[str, int], tree: tuple[Ints, Ints, Ints]) -> Network:
    locked = {lock.student for lock in instance.locks}
    forbidden: dict[str, set[str]] = defaultdict(set)
    for pair in instance.forbids:
        forbidden[pair.student].add(pair.challenge)
    table: dict[tuple[int, int, bool], int] = {}  # (rank, displeasure, is moved) → row of the table of costs
    keys: list[str] = []
    many: list[int] = []
    place: list[int] = []
    row: list[int] = []  # flat lists of numbers: a tuple a choice would keep the collector busy
    for student in instance.students:
        before, now, barred = len(place), student.now, forbidden.get(student.key, ())
        for option in () if student.key in locked else student.options:
            if option.challenge in places and option.challenge not in barred:
                place.append(places[option.challenge])
                is_moved = now is not None and now != option.challenge
                row.append(table.setdefault((option.rank, option.displeasure, is_moved), len(table)))
        if len(place) > before:
            place.append(len(tree[0]))
            row.append(-1 if now is None else -2)  # the last rows, of the unplaced
            keys.append(student.key)
            many.append(len(place) - before)
    students = lottery_order(instance.seed, keys)
    drawn = {key: number for number, key in enumerate(students)}
    who = np.repeat(np.array([drawn[key] for key in keys], np.int64), many)
    order = np.argsort(who, kind="stable")
    costs = np.array([*(rule.cost(*each) for each in table), rule.unplaced(True), rule.unplaced()], np.int64)
    above = int(instance.has_minimums)
    costs = np.pad(costs, ((0, 0), (above, 0)))
    at, cost = np.array(place, np.int64)[order], costs[np.array(row, np.int64)[order]]
    return Network(rule, students, *tree, who[order], at, cost, above)


def first_answer(network: Network) -> Ints:
    """Where each student goes in a cheapest flow, every line of the rule weighing a fixed multiple of the next."""
    if not network.students:
        return np.zeros(0, np.int64)
    choices, nodes = len(network.student), network.nowhere + 1 + len(network.students)
    weights, least = _weights(network.cost, nodes), np.minimum(network.lower, network.room)
    must = np.flatnonzero(least)  # these have a way of their own for those whom they must have, at a reward
    flow = SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate((network.nowhere + 1 + network.student, np.arange(network.nowhere, dtype=np.int64), must)),
        np.concatenate((network.place, network.parent, network.parent[must])),
        np.concatenate((np.ones(choices, np.int64), network.room - least, least[must])),
        np.concatenate(
            (network.cost @ weights, np.zeros(network.nowhere, np.int64), np.full(len(must), -int(weights[0])))
        ),
    )
    supply = np.zeros(nodes, np.int64)
    supply[network.nowhere + 1 :] = 1
    supply[network.nowhere] = -len(network.students)
    flow.set_nodes_supplies(np.arange(nodes, dtype=np.int32), supply)
    status = flow.solve()
    if status != flow.OPTIMAL:  # cannot happen: everyone may be unplaced, and the weights are checked
        raise RuntimeError(f"The flow solver stopped with status {status}.")
    return network.place[np.asarray(flow.flows(arcs[:choices]), np.int64) > 0]


def _weights(cost: Ints, nodes: int) -> Ints:
    """A weight for each line of the rule: as far apart as _BASE, or as 64 bits allow."""
    lines, highest = cost.shape[1], int(cost.max(initial=1))
    base = max(1, _BASE * nodes.bit_length())
    while base > 1 and highest * sum(base**line for line in range(lines)) * nodes >= _MOST:
        base -= 1
    return np.array([base**line for line in range(lines)][::-1], np.int64)
