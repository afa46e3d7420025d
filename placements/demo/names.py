"""Names that Londoners might have. Nobody is meant."""

import random
from collections.abc import Iterator
from pathlib import Path

GIVEN, FAMILY = (line.split() for line in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines())


def people(chance: random.Random) -> Iterator[tuple[str, str]]:
    """Given and family names without end, no pair twice."""
    pairs = [(given, family) for given in GIVEN for family in FAMILY]
    chance.shuffle(pairs)
    yield from pairs
