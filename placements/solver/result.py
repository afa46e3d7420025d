"""What an allocation answers: the placing, its figures, and the certificate that nothing better exists."""

from collections.abc import Mapping
from dataclasses import dataclass

from placements.solver.canonical import dump, load


@dataclass(frozen=True)
class Part:
    """Some of all placings, and why none of them is better: those in which `closed` have nobody and `running` enough.

    `placing` is the part's best one by the lottery, where it is as good as the answer. It keeps the minimums of
    `running` only, so nothing in the part comes before it.
    """

    closed: tuple[str, ...]
    running: tuple[str, ...]
    challenge_prices: Mapping[str, tuple[int, ...]]
    organisation_prices: Mapping[str, tuple[int, ...]]
    tutor_price: tuple[int, ...] = ()
    placing: Mapping[str, str | None] | None = None


@dataclass(frozen=True)
class Result:
    """A placing and its certificate. `totals`, `bound` and prices have one number for each line of the rule.

    `placing` has every student's key, with a challenge or None. `profile` counts the students at rank 1, 2, …;
    `unranked` those locked to a challenge that they did not rank, who count in no total of ranks.
    `bound` is what no placing can be better than, so `totals == bound` means optimal. It follows from the prices
    (of a place in a challenge, under an organisation's ceiling, and with the tutors; those not listed are zero) as
    `proof` says.

    Where challenges have minimums, prices have one number more, before the others: for each student who is missing
    from a challenge that must run. `parts` are what the search left, together all placings there are, besides those
    that the prices above are about: `closed` have nobody there and `running` enough. Only a search that ran out of time
    has `is_best` false: then the answer is the best found, and `bound` says how much better one could be.
    """

    rule: str
    seed: str
    instance_sha256: str
    placing: Mapping[str, str | None]
    profile: tuple[int, ...]
    unranked: int
    totals: tuple[int, ...]
    bound: tuple[int, ...]
    challenge_prices: Mapping[str, tuple[int, ...]]
    organisation_prices: Mapping[str, tuple[int, ...]]
    tutor_price: tuple[int, ...] = ()
    closed: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    is_best: bool = True

    @classmethod
    def from_json(cls, text: str | bytes) -> "Result":
        """Read what `to_json` wrote; ValueError names the field. Only `proof.verify` says whether it is true."""
        return load(cls, text)

    def to_json(self) -> str:
        """The canonical text: the same instance gives the same bytes."""
        return dump(self)
