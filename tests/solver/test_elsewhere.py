"""What a student's other choices would have cost everybody is what solving again says."""

from dataclasses import replace

import numpy as np
import pytest

from placements.solver.instance import Instance, Pair
from placements.solver.network import Network, network_of
from placements.solver.objective import RULES, read_rule
from placements.solver.prices import costs_elsewhere
from placements.solver.solve import solve
from tests.solver.brute import contested_instance, random_instance

pytestmark = pytest.mark.pure


def places_of(instance: Instance, network: Network, placing: dict[str, str | None]) -> np.ndarray:
    number = {one.id: place for place, one in enumerate(instance.challenges)}
    at = [placing[key] for key in network.students]
    return np.array([network.nowhere if name is None else number[name] for name in at], np.int64)


@pytest.mark.parametrize("number", range(30))
def test_what_each_other_choice_costs_is_what_solving_again_with_it_locked_says(number: int) -> None:
    rule = RULES[number % len(RULES)]
    instance = contested_instance(number) if number % 2 else random_instance(number, (15, 25), (8, 12))
    result = solve(instance, rule)
    network = network_of(instance, read_rule(rule, instance.worst))
    at = places_of(instance, network, dict(result.placing))
    names, seen = [one.id for one in instance.challenges], 0
    for student, key in enumerate(network.students):
        costs = costs_elsewhere(network, at, student)
        places = network.place[network.student == student]
        assert places[-1] == network.nowhere
        for place, cost in zip(places[:-1].tolist(), costs[:-1].tolist(), strict=True):
            tried = solve(replace(instance, locks=(*instance.locks, Pair(key, names[place]))), rule)
            assert [after - before for after, before in zip(tried.totals, result.totals, strict=True)] == cost
            seen += any(cost)
    assert seen or not network.students
