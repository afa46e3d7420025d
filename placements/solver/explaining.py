"""Why students are not at choices they ranked higher: exact, for everybody at once, read off the rule's lines.

Who was never free to have a choice is told what was decided before. For the others the rule itself answers: the first
of its lines that would grow if they had the choice, everybody else moving as is best, is why they do not have it.
Where challenges have minimums, all this is said of the placings in which the same ones run.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from placements.solver.forcing import costs_of
from placements.solver.instance import Instance, Pair, Student
from placements.solver.network import Ints, Network, network_of
from placements.solver.objective import Rule, read_rule
from placements.solver.prices import settle
from placements.solver.reasons import Reason, Reasons, Why
from placements.solver.result import Result

Costs = Mapping[Pair, tuple[int, ...]]  # by how much each line would grow; nothing where it cannot be


def explained(instance: Instance, result: Result, keys: Collection[str] | None = None) -> Reasons:
    """The reasons of a result: for all its students, or for those with these keys; for nobody if it is not the best."""
    if not result.is_best:
        return Reasons(result.instance_sha256, {})
    network = network_of(instance, read_rule(result.rule, instance.worst))
    number: dict[str | None, int] = {one.id: place for place, one in enumerate(instance.challenges)}
    number[None] = network.nowhere
    at = np.array([number[result.placing[key]] for key in network.students], np.int64)
    used, wanted = network.used(at), set(network.place.tolist())
    kept = {number[pair.challenge] for pair in instance.locks}
    needs = {place: one.minimum for place, one in enumerate(instance.challenges) if one.minimum > 1}
    closed = [place for place in needs.keys() & wanted - kept if not used[place]]
    network = network.deciding(closed, {place: needs[place] for place in needs.keys() - kept if used[place]})
    closed_ids = {instance.challenges[place].id for place in closed}
    return reasons_of(instance, network, *settle(network, at), closed=closed_ids, keys=keys)


def reasons_of(
    instance: Instance,
    network: Network,
    at: Ints,
    distance: Ints,
    *,
    closed: Collection[str] = (),
    keys: Collection[str] | None = None,
) -> Reasons:
    """Of each student (with these keys) a reason for each choice above the place they have in an optimum.

    `at` and `distance` are the optimum and its prices; `closed` the challenges that do not run for want of students.
    """
    asked = [student for student in instance.students if keys is None or student.key in keys]
    names = [one.id for one in instance.challenges]
    placed = zip(network.students, at.tolist(), strict=True)
    case = _Case(
        rule=network.rule,
        locked={pair.student for pair in instance.locks},
        forbidden=set(instance.forbids),
        closed=set(closed),
        placing={pair.student: pair.challenge for pair in instance.locks}
        | {key: names[place] for key, place in placed if place < network.nowhere},
        costs=_costs(network, at, distance, names, {student.key for student in asked}),
    )
    return Reasons(instance.sha256(), {student.key: tuple(case.reasons(student)) for student in asked})


def _costs(network: Network, at: Ints, distance: Ints, names: list[str], keys: set[str]) -> Costs:
    """Of the open choices that these students have above their place."""
    here = np.flatnonzero(network.place == at[network.student])
    asked = np.array([key in keys for key in network.students], bool)
    above = np.flatnonzero((np.arange(len(network.place)) < here[network.student]) & asked[network.student])
    costs = costs_of(network, at, distance, above)
    missing, costs = np.any(costs[:, : network.above], axis=1).tolist(), costs[:, network.above :]
    rows = zip(network.student[above].tolist(), network.place[above].tolist(), missing, costs.tolist(), strict=True)
    return {
        Pair(network.students[student], names[place]): () if is_missing else tuple(cost)
        for student, place, is_missing, cost in rows
    }


@dataclass(frozen=True)
class _Case:
    """A placing and what decided it."""

    rule: Rule
    locked: set[str]
    forbidden: set[Pair]
    closed: set[str]
    placing: Mapping[str, str]
    costs: Costs

    def reasons(self, student: Student) -> Iterator[Reason]:
        """For each choice above the student's place, the best first."""
        place = self.placing.get(student.key)
        rank = next((option.rank for option in student.options if option.challenge == place), None)
        for option in student.options:
            if option.rank == rank:
                return
            pair = Pair(student.key, option.challenge)
            decided = self._decided(pair)
            cost = () if decided else self.costs[pair]
            yield Reason(option.challenge, decided or self._why(cost, rank), cost)

    def _decided(self, pair: Pair) -> Why | None:
        """What kept them apart before anything was compared."""
        if pair.student in self.locked:
            return Why.LOCKED
        if pair in self.forbidden:
            return Why.FORBIDDEN
        if pair.challenge in self.closed:
            return Why.CLOSED
        if pair not in self.costs:
            return Why.TAKEN
        return Why.NEEDED if not self.costs[pair] else None

    def _why(self, cost: tuple[int, ...], rank: int | None) -> Why:
        """What the first line that grows says to somebody at their choice of that rank, or unplaced."""
        line = next((line for line, growth in zip(self.rule.lines, cost, strict=True) if growth), None)
        if line is None:
            return Why.LOTTERY
        what, _, choice = line.rpartition(" ")
        if what in ("students at choice", "students below choice"):
            lowest = int(choice) + (what == "students below choice")
            return Why.LOWER if rank is not None and rank < lowest else Why.FEWER
        return Why.MORE if line.startswith("total rank") else _WHY[line]


_WHY = {"students unplaced": Why.UNPLACED, "students moved": Why.MOVED, "displeasure of organisations": Why.KEENER}
