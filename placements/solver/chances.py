"""How often students would be left without a place, and challenges with one, in rounds as this one may become."""

from collections.abc import Mapping
from dataclasses import dataclass

from placements.solver.canonical import dump, load


@dataclass(frozen=True)
class Chances:
    """Of so many samples, those that leave each student unplaced, and each challenge with a place still free."""

    instance_sha256: str
    samples: int
    unplaced: Mapping[str, int]
    free: Mapping[str, int]

    @classmethod
    def from_json(cls, text: str | bytes) -> "Chances":
        """Read what `to_json` wrote; ValueError names the field."""
        return load(cls, text)

    def to_json(self) -> str:
        """The canonical text."""
        return dump(self)
