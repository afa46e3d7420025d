"""Sharing scripts among markers: in proportion, by largest remainder, nobody with a conflict, as few moves as can be.

What cannot be had together is wanted in this order: every script has a marker; each marker's number is as near to their
share as can be (the sum of the squared differences is least); as few scripts as can be change hands. The same question
has one answer, in whatever order its scripts come.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import permutations

EVEN = 10_000  # what one script too many or too few outweighs: more moves than there are scripts
NOBODY = -1  # the place of those who find no marker
WITHOUT = 10**12  # worse than any unevenness


@dataclass(frozen=True)
class Marker:
    """Somebody who marks: what falls to them beside the others, and how many at most (None: no limit)."""

    key: int
    weight: int = 1
    most: int | None = None


@dataclass(frozen=True)
class Script:
    """A script and whose it is now. `excluded` may not mark it. Held: it stays where it is, if it may."""

    key: str
    now: int | None = None
    excluded: frozenset[int] = frozenset()
    is_held: bool = False

    @property
    def stays(self) -> bool:
        """Whether it stays with whoever has it, whatever the others get."""
        return self.is_held and self.now is not None


def shares(total: int, markers: Sequence[Marker], has: Mapping[int, int] | None = None) -> dict[int, int]:
    """How many of `total` fall to each marker: by weight within the limits, by largest remainder.

    Between equal remainders goes ahead who `has` more beyond the whole of theirs now, then who stands first. Less than
    `total` where the limits leave no more.
    """
    has = has or {}
    found = {each.key: 0 for each in markers}
    open_ones, left = [each for each in markers if each.weight], total
    while open_ones:
        quota = Fraction(left, sum(each.weight for each in open_ones))
        full = [each for each in open_ones if each.most is not None and each.most < quota * each.weight]
        if not full:
            break
        for each in full:
            found[each.key] = each.most or 0
        left -= sum(each.most or 0 for each in full)
        open_ones = [each for each in open_ones if each not in full]
    if not open_ones:
        return found
    for each in open_ones:
        found[each.key] = int(quota * each.weight)
    rest = left - sum(found[each.key] for each in open_ones)
    place = {each.key: position for position, each in enumerate(markers)}
    first = sorted(
        (each for each in open_ones if each.most is None or found[each.key] < each.most),
        key=lambda each: (
            -(quota * each.weight - found[each.key]),
            found[each.key] - has.get(each.key, 0),
            place[each.key],
        ),
    )
    for each in first[:rest]:
        found[each.key] += 1
    return found


@dataclass
class _Desk:
    """What lies with one marker while it is shared out."""

    key: int
    share: int
    room: int
    scripts: list[Script] = field(default_factory=list)

    def one_more_costs(self) -> int | None:
        """How much less even it is with one more; None where there is no room."""
        if len(self.scripts) >= self.room:
            return None
        return EVEN * (2 * (len(self.scripts) - self.share) + 1)

    def cost_of(self, script: Script) -> int | None:
        """What it costs to have the script here beside how even it is; None where it may not be."""
        if self.key == NOBODY:
            return None if script.stays else WITHOUT
        if self.key in script.excluded or (script.stays and self.key != script.now):
            return None
        return int(self.key != script.now)

    def passed_on(self, to: "_Desk") -> tuple[Script, int] | None:
        """The script here that moves there at least cost, and that cost; None where none may."""
        costs = [
            (there - here, script.key, script)
            for script in self.scripts
            if (there := to.cost_of(script)) is not None and (here := self.cost_of(script)) is not None
        ]
        if not costs:
            return None
        more, _, script = min(costs, key=lambda each: each[:2])
        return script, more


def share_out(scripts: Sequence[Script], markers: Sequence[Marker]) -> dict[str, int | None]:
    """Whose each script becomes, by its key; None where nobody may have it or has room."""
    known = {each.key for each in markers}
    ordered = sorted((_among(each, known) for each in scripts), key=lambda each: (not each.stays, each.key))
    has = {key: sum(each.now == key for each in ordered) for key in known}
    held = {key: sum(each.now == key for each in ordered if each.stays) for key in known}
    target = shares(len(ordered), markers, has)
    desks = [_Desk(each.key, target[each.key], max(_room(each, len(ordered)), held[each.key])) for each in markers]
    desks.append(_Desk(NOBODY, 0, len(ordered)))
    for script in ordered:
        _lay_down(script, desks)
    lies_with = {script.key: desk.key for desk in desks for script in desk.scripts}
    return {each.key: lies_with[each.key] if lies_with[each.key] != NOBODY else None for each in scripts}


def _among(script: Script, markers: Collection[int]) -> Script:
    """The script as it is where whoever has it is no marker, or may not be: with nobody."""
    is_theirs = script.now in markers and script.now not in script.excluded
    return script if is_theirs else replace(script, now=None, is_held=False)


def _room(marker: Marker, total: int) -> int:
    return 0 if not marker.weight else total if marker.most is None else marker.most


def _lay_down(script: Script, desks: Sequence[_Desk]) -> None:
    """Give one more script a place, others moving on where that is best: by the cheapest chain (Bellman–Ford)."""
    reached = {place: cost for place, desk in enumerate(desks) if (cost := desk.cost_of(script)) is not None}
    through: dict[int, tuple[int, Script]] = {}
    pairs = permutations(range(len(desks)), 2)
    steps = {(there, to): desks[there].passed_on(desks[to]) for there, to in pairs if desks[there].scripts}
    for _ in desks:
        for (there, to), step in steps.items():
            if step is not None and there in reached:
                cost = reached[there] + step[1]
                if to not in reached or cost < reached[to]:
                    reached[to], through[to] = cost, (there, step[0])
    ends = {
        place: cost + more for place, cost in reached.items() if (more := desks[place].one_more_costs()) is not None
    }
    at = min(ends, key=lambda place: (ends[place], place))
    while at in through:
        there, moved = through[at]
        desks[there].scripts.remove(moved)
        desks[at].scripts.append(moved)
        at = there
    desks[at].scripts.append(script)
