"""What a choice that somebody does not have would cost everybody is what solving again says, and no less than its bound."""

from dataclasses import replace

import numpy as np
import pytest

from placements.solver.forcing import bounds, costs_of
from placements.solver.instance import Pair
from placements.solver.network import first_answer, network_of
from placements.solver.objective import RULES, read_rule
from placements.solver.prices import settle
from placements.solver.solve import solve
from tests.solver.brute import contested_instance, random_instance

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("number", range(30))
def test_what_each_choice_costs_is_what_solving_again_with_it_locked_says(number: int) -> None:
    rule = RULES[number % len(RULES)]
    instance = contested_instance(number) if number % 2 else random_instance(number, (15, 25), (8, 12))
    totals = solve(instance, rule).totals
    network = network_of(instance, read_rule(rule, instance.worst))
    at, distance = settle(network, first_answer(network))
    open_choices = np.flatnonzero(network.place < network.nowhere)
    costs = costs_of(network, at, distance, open_choices)
    least = bounds(network, at, distance)
    for choice, cost in zip(open_choices.tolist(), costs.tolist(), strict=True):
        key, place = network.students[network.student[choice]], instance.challenges[network.place[choice]].id
        tried = solve(replace(instance, locks=(*instance.locks, Pair(key, place))), rule)
        assert [after - before for after, before in zip(tried.totals, totals, strict=True)] == cost
        assert [0] * len(cost) <= least[choice].tolist() <= cost
    assert costs.any() or not network.students


def test_the_bounds_are_not_all_exact_and_not_all_nothing() -> None:
    """The control: they are cheap because they are only bounds, and useful because they often say something."""
    short = known = 0
    for number in range(20):
        instance = random_instance(number, (60, 60), (25, 25))
        network = network_of(instance, read_rule("generous-3", instance.worst))
        at, distance = settle(network, first_answer(network))
        choices = np.flatnonzero(network.place < network.nowhere)
        costs, least = costs_of(network, at, distance, choices), bounds(network, at, distance)[choices]
        short += int((costs != least).any(axis=1).sum())
        known += int(least.any(axis=1).sum())
    assert short >= 10
    assert known >= 100


def test_nobody_has_no_choices_that_cost_anything() -> None:
    instance = replace(random_instance(1), students=(), locks=(), forbids=())
    network = network_of(instance, read_rule("greedy", instance.worst))
    at, distance = settle(network, first_answer(network))
    assert costs_of(network, at, distance, np.zeros(0, np.int64)).shape == (0, 2)
