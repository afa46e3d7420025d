"""What is true of two marks on paper: when they agree by themselves, what the two may agree on, and who marks what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True)
class Judgement:
    """What a marker says: a score (0–100, or none yet) and a comment by criterion, and the reasons for the whole."""

    scores: Mapping[int, tuple[int | None, str]]
    feedback: str


def agreed(first: int, second: int, within: int, edges: Collection[int]) -> int | None:
    """Their mean, a half going up, where they lie at most `within` apart and in one band; otherwise None.

    `edges` are the lowest marks of the bands: 59 and 61 never agree by themselves, 60 and 65 do, on 63.
    """
    if abs(first - second) > within or any(min(first, second) < edge <= max(first, second) for edge in edges):
        return None
    return int((Decimal(first + second) / 2).quantize(Decimal(1), ROUND_HALF_UP))


def may_be_agreed(mark: int, first: int, second: int) -> bool:
    """Whether the two may settle on it between them: it is neither above nor below both."""
    return min(first, second) <= mark <= max(first, second)


def shared_out(
    scripts: Mapping[str, Collection[str]], markers: Sequence[str], loads: Mapping[str, int]
) -> dict[str, str | None]:
    """A second marker for each script, whoever has the fewest; None where nobody may.

    The order of `scripts` is no matter; each says who must not. `loads`: how many each of `markers` has already; of
    equals the first is taken.
    """
    counts = {each: loads.get(each, 0) for each in markers}
    found: dict[str, str | None] = {}
    for script in sorted(scripts, key=lambda each: (-len(set(markers) & set(scripts[each])), each)):
        able = [each for each in markers if each not in scripts[script]]
        chosen = min(able, key=lambda each: counts[each], default=None)
        found[script] = chosen
        if chosen is not None:
            counts[chosen] += 1
    return found
