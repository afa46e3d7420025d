"""The allocation: the rule's lines, the first before the second, then the published lottery. Exact, and unique.

A flow gives a first answer, prices improve it until nothing better can exist, and the lottery chooses among all that
are equally good. The prices go with the answer: by them anybody can check it (`proof`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from placements.solver.instance import Challenge, Instance, Option, Organisation
from placements.solver.lottery import Exchange, rings
from placements.solver.network import Ints, Network, first_answer, network_of
from placements.solver.objective import USUAL, Rule, read_rule
from placements.solver.prices import settle
from placements.solver.result import Result


def solve(instance: Instance, rule: str = USUAL) -> Result:
    """Place the students by that rule. Raises ValueError for a rule that is none."""
    network = network_of(instance, read_rule(rule, instance.worst))
    at, distance = settle(network, first_answer(network))
    names = [challenge.id for challenge in instance.challenges]
    placing: dict[str, str | None] = {student.key: None for student in instance.students}
    placing |= {lock.student: lock.challenge for lock in instance.locks}
    for key, place in zip(network.students, _drawn(network, at, distance), strict=True):
        placing[key] = names[place] if place < network.nowhere else None
    return _result(instance, network, placing, distance)


def _drawn(network: Network, at: Ints, distance: Ints) -> list[int]:
    """The place of each student once the lottery has settled every tie."""
    costs = network.cost + distance[network.place]
    here = network.place == at[network.student]
    tight = (costs == costs[here][network.student]).all(axis=1)  # in an optimum everybody is at their cheapest
    free = (distance[:-1] == distance[network.parent]).all(axis=1)
    used = network.used(at)
    up, down = np.flatnonzero(free & (used < network.room)), np.flatnonzero(free & (used > 0))
    away = tight & ~here
    ways = np.stack(
        (
            np.concatenate((at[network.student[away]], up, network.parent[down])),
            np.concatenate((network.place[away], network.parent[up], down)),
        ),
        axis=1,
    )
    ring = np.array(rings(network.nowhere + 1, ways.tolist()))
    tight &= ring[network.place] == ring[at[network.student]]  # nobody can leave a ring and everybody stay as well off
    choices: list[list[int]] = [[] for _ in network.students]
    for student, place in zip(network.student[tight].tolist(), network.place[tight].tolist(), strict=True):
        choices[student].append(place)
    exchange = Exchange(
        at.tolist(), choices, network.parent.tolist(), network.room.tolist(), used.tolist(), free.tolist()
    )
    for student, equal in enumerate(choices):
        if len(equal) > 1:  # nobody else can differ
            exchange.settle(student)
    return exchange.at


def _result(instance: Instance, network: Network, placing: dict[str, str | None], distance: Ints) -> Result:
    rule, prices = network.rule, _prices(network, distance)
    chosen = _chosen(instance, placing)
    ranks = Counter(option.rank for option in chosen)
    unplaced = sum(at is None for at in placing.values())
    kept = {pair.student: pair.challenge for pair in instance.locks}
    nothing_open = len(placing) - len(kept) - len(network.students)
    bound = _total(rule, _chosen(instance, kept), nothing_open)
    bound += _cheapest(network, distance).sum(axis=0) - network.room @ prices
    challenges, organisations = len(instance.challenges), len(instance.organisations)
    return Result(
        rule=rule.text,
        seed=instance.seed,
        instance_sha256=instance.sha256(),
        placing=placing,
        profile=tuple(ranks[rank] for rank in range(1, max(ranks, default=0) + 1)),
        unranked=len(placing) - unplaced - len(chosen),
        totals=tuple(_total(rule, chosen, unplaced).tolist()),
        bound=tuple(bound.tolist()),
        challenge_prices=_named(instance.challenges, prices[:challenges]),
        organisation_prices=_named(instance.organisations, prices[challenges : challenges + organisations]),
        tutor_price=tuple(prices[-1].tolist()) if prices[-1].any() else (),
    )


def _chosen(instance: Instance, placing: Mapping[str, str | None]) -> list[Option]:
    """The choices that students get by that placing, of those who get one of theirs."""
    at = ((student, placing.get(student.key)) for student in instance.students)
    return [option for student, challenge in at for option in student.options if option.challenge == challenge]


def _total(rule: Rule, chosen: Sequence[Option], unplaced: int) -> Ints:
    found = unplaced * np.array(rule.unplaced, np.int64)
    for (rank, displeasure), number in Counter((each.rank, each.displeasure) for each in chosen).items():
        found += number * np.array(rule.cost(rank, displeasure), np.int64)
    return found


def _cheapest(network: Network, distance: Ints) -> Ints:
    """What each student costs at least, going where it is cheapest with its prices."""
    costs = network.cost + distance[network.place]
    order = np.lexsort((*costs.T[::-1], network.student))
    return costs[order[np.flatnonzero(np.r_[True, np.diff(network.student[order]) > 0])]] if len(order) else costs


def _prices(network: Network, distance: Ints) -> Ints:
    """Of each place, line by line: what one place fewer would cost everyone together."""
    prices = distance[:-1] - distance[network.parent]
    prices[network.room == 0] = network.rule.unplaced  # shut: no better than being unplaced
    return prices


def _named(owners: Sequence[Challenge | Organisation], prices: Ints) -> dict[str, tuple[int, ...]]:
    return {owner.id: tuple(price) for owner, price in zip(owners, prices.tolist(), strict=True) if any(price)}
