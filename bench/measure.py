"""How things are timed: rounds of everything in turn, the median of each, and a table of ratios beside their goals."""

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time


@dataclass(frozen=True)
class Cost:
    """The median of what one call took, in seconds: this process's CPU, and on the clock."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class Line:
    """One line of the table. A line without a goal only informs."""

    measure: str
    found: str
    goal: str = ""
    is_met: bool | None = None


def costs(calls: Sequence[Callable[[], object]], rounds: int) -> list[Cost]:
    """The cost of each call: a machine that slows down slows all of them, since they take turns."""
    taken: list[list[tuple[float, float]]] = [[] for _ in calls]
    for call in calls:
        call()  # what is compiled, opened or remembered once
        call()
    gc.collect()
    for _ in range(rounds):
        for call, times in zip(calls, taken, strict=True):
            wall, cpu = perf_counter(), process_time()
            call()
            times.append((process_time() - cpu, perf_counter() - wall))
    return [Cost(median(cpu for cpu, _ in times), median(wall for _, wall in times)) for times in taken]


def at_most(measure: str, ratio: float, goal: float, note: str = "") -> Line:
    """A ratio beside the most that it may be."""
    return Line(measure, f"{ratio:.2f}×{note}", f"≤ {goal:g}×", ratio <= goal)


def table(lines: Sequence[Line]) -> str:
    """The lines as a table of plain text."""
    rows = [("measure", "found", "goal", "met")]
    rows += [(line.measure, line.found, line.goal, {True: "yes", False: "NO", None: ""}[line.is_met]) for line in lines]
    widths = [max(len(row[place]) for row in rows) for place in range(4)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
