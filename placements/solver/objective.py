"""What a round makes small: each rule is a list of lines, and a line only settles what those above it leave equal.

Every rule begins with the students left unplaced and ends with what organisations would rather not have; the
published lottery then settles what is still equal.
"""

from dataclasses import dataclass

DISPLEASURE = 1  # what a choice costs its organisation where nothing was said: keen 0, happy 1
THRESHOLD = 3
_GENEROUS, _GREEDY, _LEAST, _FEWEST = "generous", "greedy", "least-total-rank", "fewest-moves"


@dataclass(frozen=True)
class Rule:
    """`worst` is the highest rank that occurs: it says how many lines there are. A line counts whole numbers ≥ 0.

    generous-3: fewest at the worst choice, then at the one before it, … down to choice 4; then least total rank of
    those at choices 1 to 3. greedy: most at choice 1, then at choice 2, … least-total-rank: that alone.
    fewest-moves, for a repair: fewest students who are not where they are now, then as generous-3.
    """

    name: str
    threshold: int
    worst: int

    @property
    def text(self) -> str:
        """What `read_rule` reads."""
        return f"{self.name}-{self.threshold}" if self.name == _GENEROUS else self.name

    @property
    def lines(self) -> tuple[str, ...]:
        """What each line counts."""
        found = ["students unplaced"]
        if self.name == _FEWEST:
            found.append("students moved")
        if self.name == _GREEDY:
            found += [f"students below choice {rank}" for rank in range(1, self.worst)]
        elif self.name == _LEAST:
            found.append("total rank")
        else:
            found += [f"students at choice {rank}" for rank in range(self.worst, self.threshold, -1)]
            found.append(f"total rank of those at choices 1 to {self.threshold}")
        return (*found, "displeasure of organisations")

    def cost(self, rank: int, displeasure: int, is_moved: bool = False) -> tuple[int, ...]:
        """What a student at that choice adds to each line; `is_moved`: they are somewhere else now."""
        if self.name == _GREEDY:
            middle = [int(rank > below) for below in range(1, self.worst)]
        elif self.name == _LEAST:
            middle = [rank]
        else:
            middle = [int(rank == at) for at in range(self.worst, self.threshold, -1)]
            middle.append(rank if rank <= self.threshold else 0)
        return (0, *self._moved(is_moved), *middle, displeasure)

    def unplaced(self, is_moved: bool = False) -> tuple[int, ...]:
        """What a student without a place adds to each line."""
        moved = self._moved(is_moved)
        return (1, *moved, *[0] * (len(self.lines) - 1 - len(moved)))

    def _moved(self, is_moved: bool) -> tuple[int, ...]:
        return (int(is_moved),) if self.name == _FEWEST else ()


def read_rule(text: str, worst: int) -> Rule:
    """The rule of that name: generous-T (T from 1 to 99), greedy, least-total-rank, fewest-moves. Raises ValueError."""
    name, _, threshold = text.partition("-")
    if name == _GENEROUS and threshold.isascii() and threshold.isdigit() and len(threshold) < 3 and int(threshold) > 0:
        return Rule(_GENEROUS, int(threshold), worst)
    if text in (_GREEDY, _LEAST, _FEWEST):
        return Rule(text, THRESHOLD, worst)
    raise ValueError(f"{text[:40]!a} is no rule: take generous-3, greedy, least-total-rank or fewest-moves.")


def usual(threshold: int) -> str:
    """The name of the usual rule with that threshold."""
    return f"{_GENEROUS}-{threshold}"


USUAL = usual(THRESHOLD)
GREEDY, LEAST_TOTAL_RANK, FEWEST_MOVES = _GREEDY, _LEAST, _FEWEST
RULES = (USUAL, GREEDY, LEAST_TOTAL_RANK)  # the usual one, and the alternatives shown beside it
