"""A repair: after somebody leaves or a host closes, nobody is unplaced needlessly and as few as possible move."""

from dataclasses import replace
from random import Random

import pytest

from placements.solver.instance import Instance
from placements.solver.objective import FEWEST_MOVES
from placements.solver.proof import verify
from placements.solver.solve import solve
from tests.solver.brute import Placing, every_placing, random_instance

pytestmark = pytest.mark.pure


def broken(number: int) -> Instance:
    """A round as it was offered, and then a challenge closes, a student leaves, or a place comes free."""
    random = Random(number)
    instance = replace(random_instance(number, students=(4, 6), challenges=(3, 5)), locks=())
    offered = solve(instance).placing
    students = [replace(one, now=offered[one.key]) for one in instance.students]
    happened = number % 3
    if happened == 0:
        gone = random.choice(instance.challenges).id
        closed = (replace(one, maximum=0) if one.id == gone else one for one in instance.challenges)
        return replace(instance, students=tuple(students), challenges=tuple(closed))
    if happened == 1:
        students.remove(random.choice(students))
        return replace(instance, students=tuple(students), forbids=())
    more = random.choice(instance.challenges).id
    freed = (replace(one, maximum=one.maximum + 1) if one.id == more else one for one in instance.challenges)
    return replace(instance, students=tuple(students), challenges=tuple(freed))


def moved(instance: Instance, placing: Placing) -> int:
    return sum(one.now is not None and placing[one.key] != one.now for one in instance.students)


@pytest.mark.parametrize("number", range(150))
def test_a_repair_leaves_nobody_out_and_moves_as_few_as_can_be(number: int) -> None:
    instance = broken(number)
    result = solve(instance, FEWEST_MOVES)
    assert verify(instance, result) == []
    placings = list(every_placing(instance))
    unplaced = min(list(placing.values()).count(None) for placing in placings)
    fewest = min(moved(instance, each) for each in placings if list(each.values()).count(None) == unplaced)
    assert (list(result.placing.values()).count(None), moved(instance, dict(result.placing))) == (unplaced, fewest)
    assert result.totals[:2] == (unplaced, fewest)


def test_the_cases_are_worth_repairing_and_a_new_round_would_move_more() -> None:
    repaired = anew = 0
    for instance in map(broken, range(150)):
        repaired += moved(instance, dict(solve(instance, FEWEST_MOVES).placing))
        anew += moved(instance, dict(solve(instance).placing))
    assert repaired >= 20
    assert anew >= repaired + 10
