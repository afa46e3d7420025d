"""Is a result true? Checked from the instance alone, sharing no code with the solver; standard library only.

Why the prices prove it. Give each place in a challenge, and each under an organisation's ceiling, a price that is not
negative. Whoever goes somewhere costs at least their cheapest choice at these prices, less the prices; and a price
comes in at most once for each place. So no placing can cost less than

    the sum over students of their cheapest choice at these prices  −  the sum over all places of their prices

and a placing that costs exactly this is optimal. A cost has one number for each line of the rule; the first that
differs decides. All optima are then known too: everyone at a cheapest choice, and nothing with a price left empty.
The last check is that nobody could be placed better by the lottery among these.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from placements.allocation.instance import Instance
from placements.allocation.result import LEAST_TOTAL_RANK, Result

Cost = tuple[int, ...]  # students unplaced, total rank
Place = tuple[str, str]  # kind and id

UNPLACED: Cost = (1, 0)
FREE: Cost = (0, 0)
NOWHERE: Place = ("nowhere", "")  # above every organisation; to be there is to be unplaced


def verify(instance: Instance, result: Result) -> list[str]:
    """What is wrong with the result, a sentence each; an empty list means that it is the one right answer."""
    case = _Case(instance, result)
    checks: tuple[Callable[[_Case], Iterable[str]], ...] = (_identity, _feasible, _figures, _prices, _optimal, _lottery)
    for check in checks:  # each may rely on those before it
        problems = list(check(case))
        if problems:
            return problems
    return []


class _Case:
    """An instance and a result, with what the checks look up."""

    def __init__(self, instance: Instance, result: Result) -> None:
        self.instance, self.result = instance, result
        self.locked = {pair.student: pair.challenge for pair in instance.locks}
        forbidden = {(pair.student, pair.challenge) for pair in instance.forbids}
        self.ranks = {one.key: {option.challenge: option.rank for option in one.options} for one in instance.students}
        self.open = {
            key: {challenge: rank for challenge, rank in ranks.items() if (key, challenge) not in forbidden}
            for key, ranks in self.ranks.items()
            if key not in self.locked
        }
        self.above: dict[Place, Place] = {}
        self.limit: dict[Place, int | None] = {}
        for organisation in instance.organisations:
            self.above["organisation", organisation.id] = NOWHERE
            self.limit["organisation", organisation.id] = organisation.ceiling
        for challenge in instance.challenges:
            self.above["challenge", challenge.id] = ("organisation", challenge.organisation)
            self.limit["challenge", challenge.id] = challenge.maximum

    def count(self, placing: Mapping[str, str | None]) -> Counter[Place]:
        """How many students of this placing each challenge and each organisation has."""
        held = Counter(("challenge", challenge) for challenge in placing.values() if challenge is not None)
        for place, number in list(held.items()):
            held[self.above[place]] += number
        return held

    def price(self, place: Place) -> Cost:
        kind, name = place
        prices = self.result.challenge_prices if kind == "challenge" else self.result.organisation_prices
        return prices.get(name, FREE)

    def costs(self, key: str) -> dict[Place, Cost]:
        """What each open choice of a student who is not locked costs with its prices; unplaced comes last."""
        places = {("challenge", challenge): rank for challenge, rank in self.open[key].items()}
        costs = {
            place: _total([(0, rank), self.price(place), self.price(self.above[place])])
            for place, rank in places.items()
        }
        return costs | {NOWHERE: UNPLACED}


def _total(costs: Iterable[Cost]) -> Cost:
    return tuple(map(sum, zip(*costs, FREE, strict=True)))


def _identity(case: _Case) -> Iterator[str]:
    if case.result.rule != LEAST_TOTAL_RANK:
        yield f"The rule {case.result.rule!a} is not one that can be checked here."
    if case.result.instance_sha256 != case.instance.sha256():
        yield "The result belongs to another instance: the SHA-256 differs."
    if case.result.seed != case.instance.seed:
        yield "The result was drawn with another seed."


def _feasible(case: _Case) -> Iterator[str]:
    placing = case.result.placing
    for key in sorted(placing.keys() ^ case.ranks.keys()):
        yield f"Student {key} is {'unknown' if key in placing else 'left out'}."
    for key, challenge in case.locked.items():
        if placing.get(key, challenge) != challenge:
            yield f"Student {key} is locked to challenge {challenge} and not placed there."
    for key, options in case.open.items():
        if placing.get(key) is not None and placing[key] not in options:
            yield f"Student {key} is placed at challenge {placing[key]}, which is not an open choice of theirs."
    known = {key: challenge for key, challenge in placing.items() if ("challenge", challenge) in case.above}
    for (kind, name), number in case.count(known).items():
        limit = case.limit.get((kind, name))
        if limit is not None and number > limit:
            yield f"{kind.capitalize()} {name} has {number} students and can take {limit}."


def _figures(case: _Case) -> Iterator[str]:
    placing = case.result.placing
    ranks = Counter(case.ranks[key].get(at, 0) for key, at in placing.items() if at is not None)
    unranked = ranks.pop(0, 0)
    profile = tuple(ranks[rank] for rank in range(1, max(ranks, default=0) + 1))
    totals = (list(placing.values()).count(None), sum(rank * number for rank, number in ranks.items()))
    for name, told, found in (
        ("profile", case.result.profile, profile),
        ("number placed without a rank", case.result.unranked, unranked),
        ("list of totals", case.result.totals, totals),
    ):
        if told != found:
            yield f"The {name} is given as {told} and is {found}."


def _prices(case: _Case) -> Iterator[str]:
    listed = [("challenge", name) for name in case.result.challenge_prices]
    listed += [("organisation", name) for name in case.result.organisation_prices]
    for place in listed:
        name = " ".join(place)
        if place not in case.above:
            yield f"There is a price for {name}, which is unknown."
        elif len(case.price(place)) != len(FREE) or case.price(place) < FREE:
            yield f"The price of {name} is not a cost of zero or more."
        elif case.limit[place] is None and case.price(place) != FREE:
            yield f"There is a price for {name}, which has no ceiling."


def _optimal(case: _Case) -> Iterator[str]:
    taken = case.count(case.locked)
    costs = [min(case.costs(key).values()) for key in case.open]
    costs += [(0, case.ranks[key].get(challenge, 0)) for key, challenge in case.locked.items()]
    for place, limit in case.limit.items():
        spare = (limit or 0) - taken[place]
        costs.append(tuple(-spare * number for number in case.price(place)))
    bound = _total(costs)
    if case.result.bound != bound:
        yield f"The bound is given as {case.result.bound}, and the prices prove {bound}."
    if case.result.totals != bound:
        yield f"The placing is not proven optimal: it costs {case.result.totals}, and the prices prove {bound}."


def _lottery(case: _Case) -> Iterator[str]:
    """Nobody can get a better cheapest choice while those earlier in the lottery keep theirs."""
    place_of = {key: _place(case.result.placing[key]) for key in case.open}
    choices = {key: _cheapest(case.costs(key)) for key in case.open}
    drawn = sorted(case.open, key=lambda key: hashlib.sha256(f"{case.instance.seed}\n{key}".encode()).digest())
    ways = _ways_of_places(case)
    for key in reversed(drawn):  # so that only the moves of later students are in `ways`
        here = place_of[key]
        for better in choices[key][: choices[key].index(here)]:
            if here in _reached(better, ways):
                yield f"By the lottery student {key} has a better place than {' '.join(here)}: {' '.join(better)}."
                return
        for choice in choices[key]:
            ways.setdefault(here, set()).add(choice)


def _place(challenge: str | None) -> Place:
    return NOWHERE if challenge is None else ("challenge", challenge)


def _cheapest(costs: dict[Place, Cost]) -> list[Place]:
    least = min(costs.values())
    return [place for place, cost in costs.items() if cost == least]


def _ways_of_places(case: _Case) -> dict[Place, set[Place]]:
    """Where the price is zero: one more may pass up while there is room, and one fewer down."""
    held = case.count(case.result.placing)
    ways: dict[Place, set[Place]] = {}
    for place, limit in case.limit.items():
        if case.price(place) == FREE:
            if limit is None or held[place] < limit:
                ways.setdefault(place, set()).add(case.above[place])
            ways.setdefault(case.above[place], set()).add(place)  # where nobody is, it leads no further
    return ways


def _reached(start: Place, ways: dict[Place, set[Place]]) -> set[Place]:
    found, waiting = {start}, [start]
    while waiting:
        new = ways.get(waiting.pop(), set()) - found
        found |= new
        waiting.extend(new)
    return found
