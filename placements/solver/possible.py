"""When locks cannot all hold: the smallest set of changes after which they can.

Any set that helps holds one of the ways out of each trouble (`obstacles`). So to try the ways out of one trouble after
the other, the least drastic first, finds the smallest set; what cannot be smaller than one that was found is left out.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from placements.solver.changes import Change, Kind
from placements.solver.instance import Instance
from placements.solver.obstacles import ORDER, Liked, Standing, Trouble, liked_of

STEPS = 5_000  # after which the best set found has to do: it helps, though a smaller one might

Chosen = frozenset[Change]  # their numbers still open


class Impossible(ValueError):
    """Locks that cannot all hold: the first trouble in a sentence, and the `changes` after which there is none."""

    def __init__(self, sentence: str, changes: Sequence[Change]) -> None:
        super().__init__(sentence)
        self.changes = tuple(changes)


def refuse_impossible(instance: Instance) -> None:
    """Raises Impossible where not all locks can hold."""
    troubles = Standing(instance, liked_of(instance), (), {}).troubles() if instance.locks else []
    if troubles:
        raise Impossible(troubles[0].sentence, needed(instance))


def needed(instance: Instance) -> tuple[Change, ...]:
    """The smallest set of changes after which all locks can hold; none where they can now.

    Of sets of one size it is the least drastic: the one that undoes the fewest locks, then allows the fewest pairs, and
    so on up `ORDER`. No number in it could be less of a change, the others being as they are.
    """
    liked = liked_of(instance)
    return _with_numbers(instance, liked, _smallest(instance, liked))


def _smallest(instance: Instance, liked: Liked) -> Chosen:
    best: Chosen | None = None
    seen: set[Chosen] = set()
    waiting: list[Chosen] = [frozenset()]
    while waiting:
        chosen = waiting.pop()
        if chosen in seen or (best is not None and (len(seen) > STEPS or _weight(chosen) >= _weight(best))):
            continue
        seen.add(chosen)
        troubles = Standing(instance, liked, chosen, {}).troubles()
        if best is None or _weight([*chosen, *_least(troubles)]) < _weight(best):
            if not troubles:
                best = chosen
            else:
                ways = min((trouble.ways for trouble in troubles), key=len)
                waiting += [chosen | {way} for way in reversed(ways)]
    assert best is not None, "each trouble has a way out that makes no other"
    return best


def _weight(changes: Collection[Change]) -> tuple[int, ...]:
    """How many changes, and how many of each kind, the most drastic first."""
    kinds = Counter(change.kind for change in changes)
    return (len(changes), *(kinds[kind] for kind in reversed(ORDER)))


def _least(troubles: Sequence[Trouble]) -> Iterator[Change]:
    """The least drastic way out of each of some troubles that have none in common: no set that helps weighs less."""
    used: set[Change] = set()
    for trouble in sorted(troubles, key=lambda trouble: len(trouble.ways)):
        if used.isdisjoint(trouble.ways):
            used.update(trouble.ways)
            yield trouble.ways[0]


def _with_numbers(instance: Instance, liked: Liked, chosen: Chosen) -> tuple[Change, ...]:
    """The changes with their numbers: minimums as high as they can be, then room for what must be."""
    minimums: dict[str, int] = {}
    locked = Standing(instance, liked, chosen, {}).locked
    for one in instance.challenges:
        if Change(Kind.MINIMUM, one.id) in chosen:
            numbers = range(locked[one.id] + 1, one.minimum)
            minimums[one.id] = locked[one.id] + bisect_left(
                numbers,
                True,
                key=lambda number: bool(Standing(instance, liked, chosen, minimums | {one.id: number}).troubles()),
            )
    standing = Standing(instance, liked, chosen, minimums)
    loads = {tutor.id: tutor.load for tutor in instance.tutors}

    def number(change: Change) -> int:
        if change.kind is Kind.PLACES:
            return standing.locked[change.about]
        if change.kind is Kind.CEILING:
            return standing.under(change.about)
        if change.kind is Kind.LOAD:
            return sum(standing.runs.values()) - sum(loads.values()) + loads[change.about]
        return minimums.get(change.about, 0) if change.kind is Kind.MINIMUM else 0

    numbered = (replace(change, number=number(change)) for change in chosen)
    return tuple(sorted(numbered, key=lambda change: (ORDER.index(change.kind), change)))
