"""The allocation: the rule's lines, the first before the second, then the published lottery. Exact, and unique.

A flow gives a first answer, prices improve it until nothing better can exist, and the lottery chooses among all that
are equally good; where challenges have minimums, that is done for each part of a search. The prices go with the
answer: by them anybody can check it (`proof`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from placements.solver.instance import Challenge, Instance, Option, Organisation, Student
from placements.solver.network import Ints, Network, network_of
from placements.solver.objective import USUAL, Rule, read_rule
from placements.solver.possible import refuse_impossible
from placements.solver.result import Part, Result
from placements.solver.search import Found, Tell, search
from placements.solver.search import Part as Searched


def solve(
    instance: Instance, rule: str = USUAL, *, seconds: float | None = None, tell: Tell = lambda _: None
) -> Result:
    """Place the students by that rule; after so many seconds of looking for the best, the best found.

    `tell` hears how far it is. Raises ValueError for a rule that is none, and Impossible where not all locks can hold.
    """
    tell("Setting it up")
    refuse_impossible(instance)
    network = network_of(instance, read_rule(rule, instance.worst))
    tell("Finding the best placing, and its proof")
    found = search(network, _minimums(instance, network), seconds, tell)
    assert found is not None, "locks that cannot hold are refused"
    placing = _placing(instance, network, found.at)
    chosen, unplaced = _chosen(instance, placing), [each for each in instance.students if placing[each.key] is None]
    ranks = Counter(option.rank for option, _ in chosen)
    return Result(
        rule=network.rule.text,
        seed=instance.seed,
        instance_sha256=instance.sha256(),
        placing=placing,
        profile=tuple(ranks[rank] for rank in range(1, max(ranks, default=0) + 1)),
        unranked=len(placing) - len(unplaced) - len(chosen),
        totals=tuple(_total(network.rule, chosen, unplaced).tolist()),
        bound=tuple((np.array(found.part.bound[network.above :]) + _apart(instance, network)).tolist()),
        **_proof(instance, found.part),
        parts=tuple(_part(instance, part, found) for part in found.others),
        is_best=found.is_best,
    )


def _minimums(instance: Instance, network: Network) -> Ints:
    """Of each place but nowhere how many it needs to run; 0 where nothing is to decide."""
    found = np.zeros(network.nowhere, np.int64)
    found[: len(instance.challenges)] = [one.minimum for one in instance.challenges]
    number = {one.id: place for place, one in enumerate(instance.challenges)}
    found[[number[pair.challenge] for pair in instance.locks]] = 0
    return found


def _placing(instance: Instance, network: Network, at: Ints) -> dict[str, str | None]:
    names: list[str | None] = [one.id for one in instance.challenges]
    names += [None] * (network.nowhere + 1 - len(names))
    placing: dict[str, str | None] = {student.key: None for student in instance.students}
    placing |= {lock.student: lock.challenge for lock in instance.locks}
    placing |= {key: names[place] for key, place in zip(network.students, at.tolist(), strict=True)}
    return placing


def _chosen(instance: Instance, placing: Mapping[str, str | None]) -> list[tuple[Option, bool]]:
    """The choices that students get by that placing, of those who get one of theirs; and whether it moves them."""
    found = []
    for student in instance.students:
        at = placing.get(student.key)
        if at is not None:
            is_moved = student.now is not None and student.now != at
            found += [(option, is_moved) for option in student.options if option.challenge == at]
    return found


def _total(rule: Rule, chosen: Sequence[tuple[Option, bool]], unplaced: Sequence[Student]) -> Ints:
    found = np.zeros(len(rule.lines), np.int64)
    for is_moved, number in Counter(student.now is not None for student in unplaced).items():
        found += number * np.array(rule.unplaced(is_moved), np.int64)
    kinds = Counter((option.rank, option.displeasure, is_moved) for option, is_moved in chosen)
    for kind, number in kinds.items():
        found += number * np.array(rule.cost(*kind), np.int64)
    return found


def _apart(instance: Instance, network: Network) -> Ints:
    """What those add whom the network leaves out: locked, or without an open choice."""
    kept = {pair.student: pair.challenge for pair in instance.locks}
    inside = {*network.students, *kept}
    nothing_open = [student for student in instance.students if student.key not in inside]
    return _total(network.rule, _chosen(instance, kept), nothing_open)


def _proof(instance: Instance, part: Searched) -> dict[str, Any]:
    """What the part is, and its prices: of each place, line by line, what one place fewer would cost everyone."""
    network = part.network
    prices = part.distance[:-1] - part.distance[network.parent]
    prices[network.room == 0] = (*[0] * network.above, *network.rule.unplaced(True))  # shut: no better than unplaced
    challenges, organisations = len(instance.challenges), len(instance.organisations)
    return {
        "closed": tuple(instance.challenges[place].id for place in part.closed),
        "running": tuple(instance.challenges[place].id for place in part.running),
        "challenge_prices": _named(instance.challenges, prices[:challenges]),
        "organisation_prices": _named(instance.organisations, prices[challenges : challenges + organisations]),
        "tutor_price": tuple(prices[-1].tolist()) if prices[-1].any() else (),
    }


def _part(instance: Instance, part: Searched, found: Found) -> Part:
    placing = None
    if found.is_best and part.bound == found.part.bound and part.at is not None:
        placing = _placing(instance, part.network, part.at)
    return Part(**_proof(instance, part), placing=placing)


def _named(owners: Sequence[Challenge | Organisation], prices: Ints) -> dict[str, tuple[int, ...]]:
    return {owner.id: tuple(price) for owner, price in zip(owners, prices.tolist(), strict=True) if any(price)}
