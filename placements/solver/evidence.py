"""What a proof's checks look up: an instance with somebody's result, and the parts that its proof is told in."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property

from placements.solver.instance import Instance
from placements.solver.result import Part as Told
from placements.solver.result import Result

Cost = tuple[int, ...]  # a number for each line: students unplaced first, or who is missing where challenges must run
Place = tuple[str, str]  # kind and id

TUTORS: Place = ("tutors", "together")  # above every organisation
NOWHERE: Place = ("nowhere", "")  # above the tutors; to be there is to be unplaced


class Case:
    """An instance and a result, with what the checks look up."""

    def __init__(self, instance: Instance, result: Result) -> None:
        self.instance, self.result = instance, result
        self.ranks = {one.key: {each.challenge: each.rank for each in one.options} for one in instance.students}
        self.worst = max((rank for ranks in self.ranks.values() for rank in ranks.values()), default=0)
        self.above: Cost = (0,) if any(one.minimum > 1 for one in instance.challenges) else ()
        self.now = {one.key: one.now for one in instance.students}
        self.free: Cost = (0,) * len(self.cost(0, 0, False))
        self.costs_of_choices = {
            (one.key, each.challenge): self.cost(each.rank, each.displeasure, one.now not in (None, each.challenge))
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
        self.over: dict[Place, Place] = {TUTORS: NOWHERE}
        self.limit: dict[Place, int | None] = {TUTORS: None}
        if instance.tutors:
            self.limit[TUTORS] = sum(tutor.load for tutor in instance.tutors)
        for organisation in instance.organisations:
            self.over["organisation", organisation.id] = TUTORS
            self.limit["organisation", organisation.id] = organisation.ceiling
        for challenge in instance.challenges:
            self.over["challenge", challenge.id] = ("organisation", challenge.organisation)
            self.limit["challenge", challenge.id] = challenge.maximum
        self.minimum = {one.id: one.minimum for one in instance.challenges}
        self.taken = self.count(self.locked) if set(self.locked.values()) <= self.minimum.keys() else Counter()
        self.drawn = sorted(self.open, key=lambda key: hashlib.sha256(f"{instance.seed}\n{key}".encode()).digest())

    def cost(self, rank: int, displeasure: int, is_moved: bool) -> Cost:
        """What a placed student adds to each line of the result's rule; for a rule that is none, a few numbers."""
        name, _, number = self.result.rule.partition("-")
        if self.result.rule == "greedy":
            return (*self.above, 0, *(int(rank > below) for below in range(1, self.worst)), displeasure)
        moved = (int(is_moved),) if self.result.rule == "fewest-moves" else ()
        if moved or (name == "generous" and is_threshold(number)):
            most = 3 if moved else int(number)
            late = (int(rank == at) for at in range(self.worst, most, -1))
            return (*self.above, 0, *moved, *late, rank * (rank <= most), displeasure)
        return (*self.above, 0, rank, displeasure)

    def nowhere(self, key: str) -> Cost:
        """What the student adds when they have no place."""
        moved = (int(self.now[key] is not None),) if self.result.rule == "fewest-moves" else ()
        without = (*self.above, 1, *moved)
        return (*without, *[0] * (len(self.free) - len(without)))

    def count(self, placing: Mapping[str, str | None]) -> Counter[Place]:
        """How many students of this placing each challenge, each organisation and the tutors together have."""
        held: Counter[Place] = Counter()
        for challenge in placing.values():
            place = place_of(challenge)
            while place != NOWHERE:
                held[place] += 1
                place = self.over[place]
        return held

    def adds(self, key: str, challenge: str | None) -> Cost:
        """What a student at that place adds to each line."""
        return self.nowhere(key) if challenge is None else self.costs_of_choices.get((key, challenge), self.free)

    def total(self, placing: Mapping[str, str | None]) -> Cost:
        """What the placing comes to."""
        return total([self.free, *(self.adds(key, at) for key, at in placing.items())])

    def luck(self, placing: Mapping[str, str | None]) -> list[int]:
        """The choices that students get, in the order of the lottery: among equals the least comes first."""
        return [self.ranks[key].get(placing[key] or "", 100) for key in self.drawn]

    @cached_property
    def parts(self) -> list["Part"]:
        """Every part; that of the answer is the first."""
        told = self.result
        placing = told.placing if told.is_best else None
        prices = (told.challenge_prices, told.organisation_prices, told.tutor_price)
        return [Part(self, each) for each in (Told(told.closed, told.running, *prices, placing), *told.parts)]


class Part:
    """Some of all placings: what is closed, what runs with how many at least, and the prices that are told of it."""

    def __init__(self, case: Case, told: Told) -> None:
        self.case, self.told = case, told
        self.spare = {
            place: None if limit is None else (0 if place in self._closed(told) else limit - case.taken[place])
            for place, limit in case.limit.items()
        }
        running = {*told.running, *case.locked.values()}
        self.least = dict.fromkeys(case.limit, 0)
        for name in running:
            place = ("challenge", name)
            self.least[place] = max(0, case.minimum[name] - case.taken[place]) if case.above else 0

    @staticmethod
    def _closed(told: Told) -> set[Place]:
        return {("challenge", name) for name in told.closed}

    def price(self, place: Place) -> Cost:
        """Of one place there; nothing where none is listed."""
        kind, name = place
        if kind == "tutors":
            return self.told.tutor_price or self.case.free
        prices = self.told.challenge_prices if kind == "challenge" else self.told.organisation_prices
        return prices.get(name, self.case.free)

    def costs(self, key: str) -> dict[Place, Cost]:
        """What each open choice of a student who is not locked costs with its prices; unplaced comes last."""
        choices = {place_of(each): self.case.costs_of_choices[key, each] for each in self.case.open[key]}
        costs = {place: total([cost, self._way_down(place)]) for place, cost in choices.items()}
        return costs | {NOWHERE: self.case.nowhere(key)}

    def _way_down(self, place: Place) -> Cost:
        """The prices of a place and of all above it."""
        prices = [self.case.free]
        while place != NOWHERE:
            prices.append(self.price(place))
            place = self.case.over[place]
        return total(prices)

    @cached_property
    def bound(self) -> Cost:
        """What no placing in the part costs less than."""
        costs = [self.case.free, *(min(self.costs(key).values()) for key in self.case.open)]
        costs += [self.case.adds(key, challenge) for key, challenge in self.case.locked.items()]
        limited = ((place, spare) for place, spare in self.spare.items() if spare is not None)
        costs += [self._use(place, spare) for place, spare in limited]
        return total(costs)

    def _use(self, place: Place, spare: int) -> Cost:
        """The least that using a place brings: its price for each use, and who is missing. It is at one of its ends."""
        least, price, ends = self.least[place], self.price(place), []
        for used in (0, min(least, spare), spare):
            missing = (max(0, least - used),) if self.case.above else ()
            ends.append(total([(*missing, *self.case.free[len(missing) :]), tuple(-used * each for each in price)]))
        return min(ends)


def is_threshold(text: str) -> bool:
    """Whether it can be the T of generous-T."""
    return text.isascii() and text.isdigit() and len(text) < 3 and int(text) > 0


def total(costs: Iterable[Cost]) -> Cost:
    """The costs added up, line by line; there is one at least."""
    return tuple(map(sum, zip(*costs, strict=True)))


def place_of(challenge: str | None) -> Place:
    """Where a student with that challenge stands."""
    return NOWHERE if challenge is None else ("challenge", challenge)
