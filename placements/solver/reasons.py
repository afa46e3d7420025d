"""Why somebody is not at a choice they ranked higher: read off the proof, true, and naming nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from placements.solver.canonical import dump, load


class Why(StrEnum):
    UNPLACED = "unplaced"  # with them there, one more student would have no place
    MOVED = "moved"  # with them there, more students would have to leave the places they are offered
    LOWER = "lower"  # with them there, another would be placed lower than they are now
    FEWER = "fewer"  # with them there, fewer students in all would have one of their better choices
    MORE = "more"  # with them there, the others together would lose more than they would gain
    KEENER = "keener"  # it makes no difference to students, and organisations are better pleased as it is
    LOTTERY = "lottery"  # it makes no difference at all, so the lottery settled it
    CLOSED = "closed"  # it does not run: too few could be placed there
    NEEDED = "needed"  # with them there, a challenge that runs would have too few
    TAKEN = "taken"  # its places were given before: to those with offers, or those whom staff locked there
    FORBIDDEN = "forbidden"  # staff keep the two apart
    LOCKED = "locked"  # staff locked them to the place they have


@dataclass(frozen=True)
class Reason:
    """Why not that challenge; and what each line of the rule would grow by, which is the module leader's to see."""

    challenge: str
    why: str
    cost: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reasons:
    """Of each student by key: a reason for each choice they ranked above the place they have, best choice first."""

    instance_sha256: str
    students: Mapping[str, tuple[Reason, ...]]

    @classmethod
    def from_json(cls, text: str | bytes) -> "Reasons":
        """Read what `to_json` wrote; ValueError names the field."""
        return load(cls, text)

    def to_json(self) -> str:
        """The canonical text."""
        return dump(self)
