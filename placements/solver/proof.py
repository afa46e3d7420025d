"""Is a result true? Checked from the instance alone, sharing no code with the solver; standard library only.

Why the prices prove it. Give each place in a challenge, each under an organisation's ceiling, and each with the tutors
a price. Whoever goes somewhere costs at least their cheapest choice at these prices, less the prices; and a price
comes in once for each place that is used. So no placing can cost less than

    the sum over students of their cheapest choice at these prices  −  the sum over places of their prices if used

where each challenge, organisation and the tutors are used as much as makes this smallest. A placing that costs exactly
this is optimal. A cost has one number for each line of the rule; the first that differs decides. All optima are then
known too: everyone at a cheapest choice, and nothing with a price left empty. The last check is that nobody could be
placed better by the lottery among these.

Where challenges have minimums, this is said of each part of all placings: some challenges closed, others running with
enough; a line above all others counts who is missing there. The parts together hold every placing, and each costs at
least what the answer costs.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from placements.solver.evidence import TUTORS, Case, Cost, Part, Place, is_threshold, place_of
from placements.solver.instance import Instance
from placements.solver.result import Result


def verify(instance: Instance, result: Result) -> list[str]:
    """What is wrong with the result, a sentence each; an empty list means that it is true.

    It is then the one right answer; or, where `is_best` is false, a right one, and no other is better than its bound.
    """
    case = Case(instance, result)
    for check in _CHECKS:  # each may rely on those before it
        problems = list(check(case))
        if problems:
            return problems
    return []


def _identity(case: Case) -> Iterator[str]:
    rule = case.result.rule
    name, _, number = rule.partition("-")
    is_known = rule in {"greedy", "least-total-rank", "fewest-moves"}
    if not is_known and not (name == "generous" and is_threshold(number)):
        yield f"The rule {rule!a} is not one that can be checked here."
    if case.result.instance_sha256 != case.instance.sha256():
        yield "The result belongs to another instance: the SHA-256 differs."
    if case.result.seed != case.instance.seed:
        yield "The result was drawn with another seed."


def _feasible(case: Case) -> Iterator[str]:
    yield from _misplaced(case, case.result.placing)
    held = case.count({key: at for key, at in case.result.placing.items() if at in case.minimum})
    for name, minimum in case.minimum.items():
        if 0 < held["challenge", name] < minimum:
            yield f"Challenge {name} runs with {held['challenge', name]}, fewer than its minimum of {minimum}."


def _misplaced(case: Case, placing: Mapping[str, str | None]) -> Iterator[str]:
    for key in sorted(placing.keys() ^ case.ranks.keys()):
        yield f"Student {key} is {'unknown' if key in placing else 'left out'}."
    for key, challenge in case.locked.items():
        if placing.get(key, challenge) != challenge:
            yield f"Student {key} is locked to challenge {challenge} and not placed there."
    for key, options in case.open.items():
        if placing.get(key) is not None and placing[key] not in options:
            yield f"Student {key} is placed at challenge {placing[key]}, which is not an open choice of theirs."
    known = {key: challenge for key, challenge in placing.items() if place_of(challenge) in case.over}
    for place, number in case.count(known).items():
        limit = case.limit[place]
        if limit is not None and number > limit:
            yield f"More students than there is room: {' '.join(place)} can take {limit}, not {number}."


def _figures(case: Case) -> Iterator[str]:
    placing = case.result.placing
    ranks = Counter(case.ranks[key].get(at, 0) for key, at in placing.items() if at is not None)
    unranked = ranks.pop(0, 0)
    profile = tuple(ranks[rank] for rank in range(1, max(ranks, default=0) + 1))
    for name, told, found in (
        ("profile", case.result.profile, profile),
        ("number placed without a rank", case.result.unranked, unranked),
        ("list of totals", case.result.totals, case.total(placing)[len(case.above) :]),
    ):
        if told != found:
            yield f"The {name} is given as {told} and is {found}."


def _prices(case: Case) -> Iterator[str]:
    for told in (part.told for part in case.parts):
        for name in (*told.closed, *told.running):
            if name not in case.minimum:
                yield f"Challenge {name} is said to be closed or to run, and is unknown."
        listed = {("challenge", name): price for name, price in told.challenge_prices.items()}
        listed |= {("organisation", name): price for name, price in told.organisation_prices.items()}
        for place, price in (listed | ({TUTORS: told.tutor_price} if told.tutor_price else {})).items():
            name = " ".join(place)
            if place not in case.over:
                yield f"There is a price for {name}, which is unknown."
            elif len(price) != len(case.free):
                yield f"The price of {name} has not one number for each line."
            elif case.limit[place] is None:
                yield f"There is a price for {name}, which has no limit."


def _covered(case: Case) -> Iterator[str]:
    decided = [({*each.told.closed}, {*each.told.running}) for each in case.parts]
    if any(closed & running for closed, running in decided) or not _covers(decided):
        yield "The parts of the proof do not hold every placing together."


Decided = tuple[set[str], set[str]]  # closed, running


def _covers(parts: Sequence[Decided]) -> bool:
    """Whether every way to close some challenges and run the others is in one of the parts."""
    if any(not closed and not running for closed, running in parts):
        return True
    if not parts:
        return False
    one = min(parts[0][0] | parts[0][1])
    closing = [(closed - {one}, running) for closed, running in parts if one not in running]
    keeping = [(closed, running - {one}) for closed, running in parts if one not in closed]
    return _covers(closing) and _covers(keeping)


def _optimal(case: Case) -> Iterator[str]:
    bounds = [part.bound for part in case.parts]
    bound, totals, told = min(bounds)[len(case.above) :], case.result.totals, case.result.bound
    if told != bound or min(bounds)[: len(case.above)] > case.above:
        yield f"The bound is given as {told}, and the prices prove {bound}."
    if case.result.is_best and totals != bound:
        yield f"The placing is not proven optimal: it costs {totals}, and the prices prove {bound}."


def _lottery(case: Case) -> Iterator[str]:
    """No part has a placing that is as good and comes before the answer by the lottery."""
    answer = (*case.above, *case.result.totals)
    for part in case.parts if case.result.is_best else ():
        if part.bound != answer:
            continue  # then it is worse
        placing = part.told.placing
        if placing is None:
            yield "A part of the proof that is as good as the answer has no placing."
            return
        problems = [*_outside(part, placing, answer)] or [*_draws_better(part, placing)]
        if not problems and case.luck(placing) < case.luck(case.result.placing):
            problems = ["Another part of the proof has a placing that is as good and comes first by the lottery."]
        yield from problems[:1]


def _outside(part: Part, placing: Mapping[str, str | None], answer: Cost) -> Iterator[str]:
    """Why this is no placing of the part that is as good as the answer."""
    yield from _misplaced(part.case, placing)
    held = part.case.count({key: at for key, at in placing.items() if at in part.case.minimum})
    held.subtract(part.case.taken)
    for place, least in part.least.items():
        spare = part.spare[place]
        if held[place] < least or (spare is not None and held[place] > spare):
            yield f"A part of the proof has a placing that is not of this part: see {' '.join(place)}."
            return
    if placing.keys() == part.case.ranks.keys() and part.case.total(placing) != answer:
        yield "A part of the proof has a placing that is not as good as the answer."


def _draws_better(part: Part, placing: Mapping[str, str | None]) -> Iterator[str]:
    """Nobody can get a better cheapest choice while those earlier in the lottery keep theirs."""
    case = part.case
    stands = {key: place_of(placing[key]) for key in case.open}
    choices = {key: _cheapest(part.costs(key)) for key in case.open}
    ways = _ways_of_places(part, placing)
    for key in reversed(case.drawn):  # so that only the moves of later students are in `ways`
        here = stands[key]
        for better in choices[key][: choices[key].index(here)]:
            if here in _reached(better, ways):
                yield f"By the lottery student {key} has a better place than {' '.join(here)}: {' '.join(better)}."
                return
        for choice in choices[key]:
            ways.setdefault(here, set()).add(choice)


def _cheapest(costs: dict[Place, Cost]) -> list[Place]:
    least = min(costs.values())
    return [place for place, cost in costs.items() if cost == least]


def _ways_of_places(part: Part, placing: Mapping[str, str | None]) -> dict[Place, set[Place]]:
    """Where the price is zero: one more may pass up while there is room, and one fewer down while enough stay."""
    held = part.case.count(placing)
    held.subtract(part.case.taken)
    ways: dict[Place, set[Place]] = {}
    for place, over in part.case.over.items():
        if part.price(place) == part.case.free:
            spare = part.spare[place]
            if spare is None or held[place] < spare:
                ways.setdefault(place, set()).add(over)
            if held[place] > part.least[place]:
                ways.setdefault(over, set()).add(place)
    return ways


def _reached(start: Place, ways: dict[Place, set[Place]]) -> set[Place]:
    found, waiting = {start}, [start]
    while waiting:
        new = ways.get(waiting.pop(), set()) - found
        found |= new
        waiting.extend(new)
    return found


_CHECKS: Sequence[Callable[[Case], Iterable[str]]] = (
    *(_identity, _feasible, _figures, _prices),
    *(_covered, _optimal, _lottery),
)
