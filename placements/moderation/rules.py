"""Which scripts are moderated. The same scripts, rule and seed draw the same sample, whoever draws it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from math import isqrt


class Why(StrEnum):
    """Why a script is in the sample."""

    FAIL = "fail"
    BORDERLINE = "borderline"
    SPREAD = "spread"
    FIRST_TIME = "first_time"
    ALL = "all"
    ASKED = "asked"


@dataclass(frozen=True)
class Script:
    """One script of the set: its key and its marker's, what was given, and whether the marker has never marked."""

    key: str
    marker: str
    mark: int
    is_first_time: bool = False


def spread_size(count: int) -> int:
    """How many of `count` scripts are drawn beside fails and borderlines: the square root, rounded up."""
    return isqrt(count - 1) + 1 if count > 0 else 0


def drawn(scripts: Collection[Script], within: int, edges: Sequence[int], seed: str) -> dict[str, Why]:
    """The sample, by the scripts' keys, with why each is in it.

    Every fail and every mark within `within` of an edge of a band; of the others as many as the square root of all,
    rounded up, from each band of each marker in turn; and one of each first-time marker who has none in it by then.
    """
    found = {each.key: Why.FAIL for each in scripts if each.mark < min(edges)}
    near = [each for each in scripts if each.key not in found and _is_near(each.mark, within, edges)]
    found |= {each.key: Why.BORDERLINE for each in near}
    others = [each for each in scripts if each.key not in found]
    found |= dict.fromkeys(_in_turn(others, spread_size(len(scripts)), edges, seed), Why.SPREAD)
    markers_in = {each.marker for each in scripts if each.key in found}
    for marker in sorted({each.marker for each in scripts if each.is_first_time} - markers_in):
        theirs = [each.key for each in scripts if each.marker == marker]
        found[min(theirs, key=lambda key: lot(seed, key))] = Why.FIRST_TIME
    return found


def lot(seed: str, key: str) -> str:
    """What decides who comes first: SHA-256 of the seed, a colon and the key."""
    return sha256(f"{seed}:{key}".encode()).hexdigest()


def _is_near(mark: int, within: int, edges: Sequence[int]) -> bool:
    return any(abs(mark - edge) <= within for edge in edges)


def _in_turn(scripts: Collection[Script], count: int, edges: Sequence[int], seed: str) -> list[str]:
    """One of each band of each marker by lot, then a second of each, until there are enough."""
    cells: dict[str, list[str]] = {}
    for each in sorted(scripts, key=lambda script: lot(seed, script.key)):
        band = max((edge for edge in edges if each.mark >= edge), default=0)
        cells.setdefault(f"{band} {each.marker}", []).append(each.key)
    in_order = [cells[cell] for cell in sorted(cells, key=lambda cell: lot(seed, cell))]
    rounds = max((len(cell) for cell in in_order), default=0)
    turns = [cell[turn] for turn in range(rounds) for cell in in_order if turn < len(cell)]
    return turns[:count]
