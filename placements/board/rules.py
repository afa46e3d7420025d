"""How marks are summed up for a board: mean, median, spread, bands and borderlines. Values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from statistics import median, pstdev

EDGES = (70, 60, 50, 40)  # the lowest mark of each band above a fail
TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Summary:
    """A set of marks: how many, and to one place, half up: mean, median, standard deviation (of the set itself)."""

    count: int
    mean: Decimal | None
    median: Decimal | None
    deviation: Decimal | None

    @property
    def cells(self) -> list[object]:
        """As a line of a table; a dash where there is no mark."""
        return [
            self.count,
            *("–" if value is None else str(value) for value in (self.mean, self.median, self.deviation)),
        ]


def summary(marks: Sequence[int]) -> Summary:
    """What a set of marks comes to; of an empty set only that it is empty."""
    if not marks:
        return Summary(0, None, None, None)
    mean = Decimal(sum(marks)) / len(marks)
    return Summary(len(marks), _tenth(mean), _tenth(Decimal(str(median(marks)))), _tenth(Decimal(str(pstdev(marks)))))


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(TENTH, ROUND_HALF_UP)


def is_borderline(mark: int, within: int) -> bool:
    """Whether a mark is so near the edge of a band, on either side."""
    return any(edge - within <= mark <= edge + within - 1 for edge in EDGES)
