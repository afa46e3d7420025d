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

from placements.solver.instance import Instance
from placements.solver.result import Result

Cost = tuple[int, ...]  # a number for each line of the rule: students unplaced first
Place = tuple[str, str]  # kind and id

TUTORS: Place = ("tutors", "together")  # above every organisation
NOWHERE: Place = ("nowhere", "")  # above the tutors; to be there is to be unplaced


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
        self.ranks = {one.key: {each.challenge: each.rank for each in one.options} for one in instance.students}
        self.worst = max((rank for ranks in self.ranks.values() for rank in ranks.values()), default=0)
        self.unplaced: Cost = (1, *self.cost(0, 0)[1:])
        self.free: Cost = (0,) * len(self.unplaced)
        self.costs_of_choices = {
            (one.key, each.challenge): self.cost(each.rank, each.displeasure)
            for one in instance.students
            for each in one.options
        }
        self.locked = {pair.student: pair.challenge for pair in instance.locks}
        forbidden = {(pair.student, pair.challenge) for pair in instance.forbids}
        self.open = {
            key: [challenge for challenge in ranks if (key, challenge) not in forbidden]
            for key, ranks in self.ranks.items()
            if key not in self.locked
        }
        self.above: dict[Place, Place] = {TUTORS: NOWHERE}
        self.limit: dict[Place, int | None] = {TUTORS: None}
        if instance.tutors:
            self.limit[TUTORS] = sum(tutor.load for tutor in instance.tutors)
        for organisation in instance.organisations:
            self.above["organisation", organisation.id] = TUTORS
            self.limit["organisation", organisation.id] = organisation.ceiling
        for challenge in instance.challenges:
            self.above["challenge", challenge.id] = ("organisation", challenge.organisation)
            self.limit["challenge", challenge.id] = challenge.maximum

    def cost(self, rank: int, displeasure: int) -> Cost:
        """What a placed student adds to each line of the result's rule; for a rule that is none, only the first two."""
        name, _, number = self.result.rule.partition("-")
        if self.result.rule == "greedy":
            return (0, *(int(rank > below) for below in range(1, self.worst)), displeasure)
        if name == "generous" and _is_threshold(number):
            most = int(number)
            down = (int(rank == each) for each in range(self.worst, most, -1))
            return (0, *down, rank * (rank <= most), displeasure)
        return (0, rank, displeasure)

    def count(self, placing: Mapping[str, str | None]) -> Counter[Place]:
        """How many students of this placing each challenge, each organisation and the tutors together have."""
        held: Counter[Place] = Counter()
        for challenge in placing.values():
            place = _place(challenge)
            while place != NOWHERE:
                held[place] += 1
                place = self.above[place]
        return held

    def price(self, place: Place) -> Cost:
        """Of one place there; nothing where none is listed."""
        kind, name = place
        if kind == "tutors":
            return self.result.tutor_price or self.free
        prices = self.result.challenge_prices if kind == "challenge" else self.result.organisation_prices
        return prices.get(name, self.free)

    def way_down(self, place: Place) -> Cost:
        """The prices of a place and of all above it."""
        prices = [self.free]
        while place != NOWHERE:
            prices.append(self.price(place))
            place = self.above[place]
        return _total(prices)

    def costs(self, key: str) -> dict[Place, Cost]:
        """What each open choice of a student who is not locked costs with its prices; unplaced comes last."""
        open_places = {_place(challenge): self.costs_of_choices[key, challenge] for challenge in self.open[key]}
        costs = {place: _total([cost, self.way_down(place)]) for place, cost in open_places.items()}
        return costs | {NOWHERE: self.unplaced}

    def adds(self, key: str, challenge: str | None) -> Cost:
        """What a student at that place adds to each line."""
        return self.unplaced if challenge is None else self.costs_of_choices.get((key, challenge), self.free)


def _is_threshold(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= 99


def _total(costs: Iterable[Cost]) -> Cost:
    return tuple(map(sum, zip(*costs, strict=True)))


def _place(challenge: str | None) -> Place:
    return NOWHERE if challenge is None else ("challenge", challenge)


def _identity(case: _Case) -> Iterator[str]:
    rule = case.result.rule
    name, _, number = rule.partition("-")
    if rule not in {"greedy", "least-total-rank"} and not (name == "generous" and _is_threshold(number)):
        yield f"The rule {rule!a} is not one that can be checked here."
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
    known = {key: challenge for key, challenge in placing.items() if _place(challenge) in case.above}
    for place, number in case.count(known).items():
        limit = case.limit[place]
        if limit is not None and number > limit:
            yield f"More students than there is room: {' '.join(place)} can take {limit}, not {number}."


def _figures(case: _Case) -> Iterator[str]:
    placing = case.result.placing
    ranks = Counter(case.ranks[key].get(at, 0) for key, at in placing.items() if at is not None)
    unranked = ranks.pop(0, 0)
    profile = tuple(ranks[rank] for rank in range(1, max(ranks, default=0) + 1))
    totals = _total([case.free, *(case.adds(key, at) for key, at in placing.items())])
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
    for place in [*listed, TUTORS]:
        name = " ".join(place)
        if place not in case.above:
            yield f"There is a price for {name}, which is unknown."
        elif len(case.price(place)) != len(case.free) or case.price(place) < case.free:
            yield f"The price of {name} is not a cost of zero or more."
        elif case.limit[place] is None and case.price(place) != case.free:
            yield f"There is a price for {name}, which has no limit."


def _optimal(case: _Case) -> Iterator[str]:
    taken = case.count(case.locked)
    costs = [case.free, *(min(case.costs(key).values()) for key in case.open)]
    costs += [case.adds(key, challenge) for key, challenge in case.locked.items()]
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


def _cheapest(costs: dict[Place, Cost]) -> list[Place]:
    least = min(costs.values())
    return [place for place, cost in costs.items() if cost == least]


def _ways_of_places(case: _Case) -> dict[Place, set[Place]]:
    """Where the price is zero: one more may pass up while there is room, and one fewer down."""
    held = case.count(case.result.placing)
    ways: dict[Place, set[Place]] = {}
    for place, limit in case.limit.items():
        if case.price(place) == case.free:
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
