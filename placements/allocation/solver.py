"""The allocation: most students placed, then least total rank, then the published lottery. Exact, and unique.

Places and ceilings are a tree (challenge → organisation → root), so this is a minimum-cost flow of students down to
its root. A locked student is taken out first, with the place; whoever has no open choice is left out too.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from placements.allocation.instance import Challenge, Instance, Organisation
from placements.allocation.lottery import Exchange
from placements.allocation.result import LEAST_TOTAL_RANK, Result

Ints = npt.NDArray[np.int64]

_FAR = 1 << 61  # the distance from which the root is not reached; above _MOST, and no sum with it passes 2^63
_MOST = 1 << 60  # weight × nodes stays below this, so neither numpy nor OR-tools can pass 2^63


@dataclass(frozen=True)
class Model:
    """The flow network. Nodes are places (challenges, then organisations, then the root), then students."""

    students: list[str]  # keys in lottery order: student i is node root + 1 + i
    parent: Ints  # of each place but the root
    room: Ints  # of each place but the root, after locks
    student: Ints  # of each arc, like the next two: which student …
    place: Ints  # … could go where (the root means unplaced) …
    cost: Ints  # … at what cost
    unit: int  # the cost of one student unplaced: more than all ranks together

    @property
    def root(self) -> int:
        return len(self.parent)

    @property
    def nodes(self) -> int:
        return len(self.parent) + 1 + len(self.students)


def solve(instance: Instance) -> Result:
    """Place the students by the rule "least-total-rank". Raises ValueError if the weights would not be exact."""
    model = _model(instance)
    taken = _optimum(model)
    distance = _distances(model, taken)
    at = _settled(model, taken, distance)
    names = [challenge.id for challenge in instance.challenges]
    placing: dict[str, str | None] = {student.key: None for student in instance.students}
    placing |= {lock.student: lock.challenge for lock in instance.locks}
    placing |= {key: names[place] for key, place in zip(model.students, at, strict=True) if place < model.root}
    return _result(instance, model, placing, distance)


def lottery_order(seed: str, keys: Iterable[str]) -> list[str]:
    """The keys by the SHA-256, in hexadecimal, of seed, a newline and key: anyone can work it out again."""
    return sorted(keys, key=lambda key: hashlib.sha256(f"{seed}\n{key}".encode()).hexdigest())


def _model(instance: Instance) -> Model:
    number = {one.id: place for place, one in enumerate(instance.challenges)}
    above = {one.id: place for place, one in enumerate(instance.organisations, len(number))}
    root = len(number) + len(above)
    parent = [above[one.organisation] for one in instance.challenges] + [root] * len(above)
    endless = len(instance.students) + len(instance.locks) + 1  # never full, so never at a price
    room = [one.maximum for one in instance.challenges]
    room += [endless if one.ceiling is None else one.ceiling for one in instance.organisations]
    for lock in instance.locks:
        room[number[lock.challenge]] -= 1
        room[parent[number[lock.challenge]]] -= 1
    wishes = _wishes(instance, {name: place for name, place in number.items() if room[place] and room[parent[place]]})
    students = lottery_order(instance.seed, wishes)
    worst = max((rank for options in wishes.values() for _, rank in options), default=0)
    unit = 4 * len(students) * worst + 1  # 4, so that _lines can tell ranks from units in any distance
    rows = [(student, *option) for student, key in enumerate(students) for option in (*wishes[key], (root, unit))]
    student, place, cost = np.array(rows, np.int64).reshape(-1, 3).T
    return Model(students, np.array(parent, np.int64), np.array(room, np.int64), student, place, cost, unit)


def _wishes(instance: Instance, places: Mapping[str, int]) -> dict[str, list[tuple[int, int]]]:
    """For each student who is not locked and has an open choice: (place, rank), best first."""
    locked = {lock.student for lock in instance.locks}
    forbidden = {(pair.student, pair.challenge) for pair in instance.forbids}
    wishes = {
        student.key: [
            (places[option.challenge], option.rank)
            for option in student.options
            if option.challenge in places and (student.key, option.challenge) not in forbidden
        ]
        for student in instance.students
        if student.key not in locked
    }
    return {key: options for key, options in wishes.items() if options}


def _optimum(model: Model) -> Ints:
    """One cheapest flow: the amount on each student's arcs, then on each place's arc to its parent."""
    if model.unit * model.nodes >= _MOST:
        raise ValueError("The ranks are too large for this many students: number each student's choices 1, 2, 3, …")
    if not model.students:
        return np.zeros(model.root, np.int64)
    tail, head, capacity, cost = _arcs(model)
    flow = SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
    supply = np.zeros(model.nodes, np.int64)
    supply[model.root + 1 :] = 1
    supply[model.root] = -len(model.students)
    flow.set_nodes_supplies(np.arange(model.nodes, dtype=np.int32), supply)
    status = flow.solve()
    if status != flow.OPTIMAL:  # cannot happen: everyone may be unplaced, and the weights are checked
        raise RuntimeError(f"The flow solver stopped with status {status}.")
    return np.asarray(flow.flows(arcs), np.int64)


def _arcs(model: Model) -> tuple[Ints, Ints, Ints, Ints]:
    """Tail, head, capacity and cost: each student's arcs, then each place's arc to its parent."""
    places = np.arange(model.root, dtype=np.int64)
    return (
        np.concatenate((model.root + 1 + model.student, places)),
        np.concatenate((model.place, model.parent)),
        np.concatenate((np.full_like(model.cost, 2), model.room)),  # 2: one student never fills it, so it has no price
        np.concatenate((model.cost, np.zeros_like(places))),
    )


def _distances(model: Model, taken: Ints) -> Ints:
    """Bellman–Ford: the least cost of sending one student more from each node to the root, by moving others too.

    These are the largest dual prices, summed along the way, so they do not depend on which optimum was found.
    """
    tail, head, capacity, cost = _arcs(model)
    spare, used = taken < capacity, taken > 0
    start = np.concatenate((tail[spare], head[used]))
    end = np.concatenate((head[spare], tail[used]))
    step = np.concatenate((cost[spare], -cost[used]))
    distance = np.full(model.nodes, _FAR, np.int64)
    distance[model.root] = 0
    for _ in range(model.nodes):
        before = distance.copy()
        reached = before[end] < _FAR
        np.minimum.at(distance, start[reached], (step + before[end])[reached])
        if np.array_equal(before, distance):
            return distance
    raise RuntimeError("The flow is not optimal: it can be improved round a cycle.")


def _settled(model: Model, taken: Ints, distance: Ints) -> list[int]:
    """The place of each student once the lottery has settled every tie."""
    on_students, on_places = np.split(taken, [len(model.cost)])
    tight = model.cost + distance[model.place] == distance[model.root + 1 + model.student]
    choices: list[list[int]] = [[] for _ in model.students]
    for student, place in zip(model.student[tight].tolist(), model.place[tight].tolist(), strict=True):
        choices[student].append(place)
    free = distance[: model.root] == distance[model.parent]
    at: list[int] = model.place[on_students > 0].tolist()
    exchange = Exchange(at, choices, model.parent.tolist(), model.room.tolist(), on_places.tolist(), free.tolist())
    for student, equal in enumerate(choices):
        if len(equal) > 1:  # nobody else can differ
            exchange.settle(student)
    return exchange.at


def _result(instance: Instance, model: Model, placing: dict[str, str | None], distance: Ints) -> Result:
    ranks = {
        (student.key, option.challenge): option.rank for student in instance.students for option in student.options
    }
    profile = Counter(ranks.get((key, at), 0) for key, at in placing.items() if at is not None)
    unranked = profile.pop(0, 0)
    locked = sum(ranks.get((lock.student, lock.challenge), 0) for lock in instance.locks)
    fixed = np.array([len(placing) - len(instance.locks) - len(model.students), locked])  # those outside the model
    prices = _prices(model, distance)
    bound = fixed + _lines(model, distance[model.root + 1 :]).sum(axis=0) - model.room @ prices
    first = len(instance.challenges)
    return Result(
        rule=LEAST_TOTAL_RANK,
        seed=instance.seed,
        instance_sha256=instance.sha256(),
        placing=placing,
        profile=tuple(profile[rank] for rank in range(1, max(profile, default=0) + 1)),
        unranked=unranked,
        totals=(sum(at is None for at in placing.values()), sum(rank * count for rank, count in profile.items())),
        bound=tuple(bound.tolist()),
        challenge_prices=_named(instance.challenges, prices[:first]),
        organisation_prices=_named(instance.organisations, prices[first:]),
    )


def _prices(model: Model, distance: Ints) -> Ints:
    """Of each place, a price in the lines of the rule: what one place fewer would cost everyone together."""
    lines = _lines(model, distance)
    prices = lines[: model.root] - lines[model.parent]
    prices[model.room == 0] = (1, 0)  # shut: no better than being unplaced
    return prices


def _named(owners: Sequence[Challenge | Organisation], prices: Ints) -> dict[str, tuple[int, ...]]:
    return {owner.id: tuple(price) for owner, price in zip(owners, prices.tolist(), strict=True) if any(price)}


def _lines(model: Model, weights: Ints) -> Ints:
    """Weights taken apart again into the lines of the rule: students unplaced, total rank."""
    unplaced = (weights + model.unit // 2) // model.unit
    return np.stack((unplaced, weights - unplaced * model.unit), axis=-1)
