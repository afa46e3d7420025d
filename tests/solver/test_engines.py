"""Two engines that share nothing come to the same lines, and as many are placed as there is room for."""

import pytest

from placements.solver.objective import RULES
from placements.solver.solve import solve
from tests.solver.brute import best, random_instance, worth
from tests.solver.engine import least

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("number", range(200))
def test_the_second_engine_finds_the_same_lines(number: int) -> None:
    instance = random_instance(number, students=(30, 60), challenges=(10, 20))
    rule = RULES[number % len(RULES)]
    result = solve(instance, rule)
    assert list(result.totals) == least(instance, rule)
    assert result.totals[0] == least(instance, rule, only_places=True)[0]


def test_the_second_engine_is_right_itself() -> None:
    for number in range(100):
        instance = random_instance(number)
        for rule in RULES:
            assert least(instance, rule) == worth(instance, best(instance, rule), rule)[0]


def test_the_instances_have_what_they_are_compared_for() -> None:
    instances = [random_instance(number, students=(30, 60), challenges=(10, 20)) for number in range(200)]
    assert sum(bool(each.locks) for each in instances) >= 50
    assert sum(bool(each.forbids) for each in instances) >= 50
    assert sum(bool(each.tutors) for each in instances) >= 50
    assert sum(any(one.ceiling is not None for one in each.organisations) for each in instances) >= 150
