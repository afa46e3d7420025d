"""An optimum as the lottery settles it: from one of them and the prices, the one that everybody gets."""

import numpy as np

from placements.solver.lottery import Exchange, rings
from placements.solver.network import Ints, Network


def drawn(network: Network, at: Ints, distance: Ints) -> list[int]:
    """The place of each student once the lottery has settled every tie."""
    costs = network.cost + distance[network.place]
    here = network.place == at[network.student]
    tight = (costs == costs[here][network.student]).all(axis=1)  # in an optimum everybody is at their cheapest
    free = (distance[:-1] == distance[network.parent]).all(axis=1)
    used = network.used(at)
    up, down = np.flatnonzero(free & (used < network.room)), np.flatnonzero(free & (used > network.lower))
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
    tree = (each.tolist() for each in (network.parent, network.room, network.lower, used, free))
    exchange = Exchange(at.tolist(), choices, *tree)
    for student, equal in enumerate(choices):
        if len(equal) > 1:  # nobody else can differ
            exchange.settle(student)
    return exchange.at
