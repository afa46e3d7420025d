"""How the allocation stands beside the goals A4 and A6. Run by hand, never a test; some minutes.

    .venv/bin/python -m bench.allocation                       100, 500, 2,000 and 10,000 students
    .venv/bin/python -m bench.allocation --students 50000      one size, alone

A4  From rows in memory to the result (model, optimum, prices, lottery, the inputs' SHA-256) against the least that
    anybody does: OR-tools' flow by total rank alone, from the same rows, its answer read back and nothing proven.
A5  At 500 students, the clock of PuLP with CBC against ours, modelled as others do: every pair of a student and a
    challenge, with a gap of 25 %; and ranked pairs alone, to the optimum (`peers.py`).
A8  At 500 students, three challenges in ten with a minimum: proven, beside the same without minimums; the median of
    seven draws of them, and the worst.
A7  What it costs at least to force each pair, all at once from the prices; and one student's full explanation, exact,
    from the rows and the result: both against a solve. How long everybody's takes is only told.
A6  How both grow with ten times as many students. Peak memory is of a process of its own for each of the two.

Each size has its shape: challenges are wanted unevenly, places are just enough, some organisations have ceilings.
"""

import argparse
import gc
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter, process_time

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from bench import peers
from bench.measure import Line, at_most, costs, table
from placements.solver.explaining import explained
from placements.solver.forcing import bounds
from placements.solver.instance import Challenge, Instance, Option, Organisation, Student
from placements.solver.network import first_answer, network_of
from placements.solver.objective import USUAL, read_rule
from placements.solver.prices import settle
from placements.solver.proof import verify
from placements.solver.solve import solve

SHAPES = {100: 40, 500: 150, 2_000: 600, 10_000: 3_000, 50_000: 15_000}  # students → challenges
GOALS = {100: 8.0, 500: 0.0, 2_000: 3.0, 10_000: 3.0, 50_000: 4.0}  # the most that A4 allows; 0: only told
GROWTH = {(2_000, 10_000): 12.0, (10_000, 50_000): 14.0}
ROUNDS = {100: 21, 500: 11, 2_000: 7, 10_000: 3, 50_000: 1}
EXPLAINED = (500, 2_000, 10_000)
CHOICES = 6


def instance_of(students: int) -> Instance:
    """The instance of that size: always the same one."""
    random, number = Random(students), SHAPES[students]
    hosts = max(2, number * 3 // 5)
    organisations = tuple(Organisation(f"o{one}", random.choice([None, None, None, 6, 8])) for one in range(hosts))
    levels = [(5,), (6,), (5, 6)]
    places = [random.choice([2, 3, 4, 5, 6]) for _ in range(number)]
    challenges = tuple(
        Challenge(f"c{one}", f"o{random.randrange(hosts)}", random.choice(levels), places[one]) for one in range(number)
    )
    by_level = {level: [each for each in challenges if level in each.levels] for level in (5, 6)}
    return Instance(
        "bench", tuple(_student(random, one, by_level) for one in range(students)), challenges, organisations
    )


def _student(random: Random, number: int, by_level: dict[int, list[Challenge]]) -> Student:
    level = random.choice([5, 6])
    open_to = by_level[level]
    liked: dict[str, None] = {}
    while len(liked) < CHOICES:
        liked[open_to[int(len(open_to) * random.random() ** 2)].id] = None  # the first of the list are liked best
    options = (Option(one, rank, random.choice([0, 1, 1, 1])) for rank, one in enumerate(liked, 1))
    return Student(f"s{number}", level, tuple(options))


def raw(instance: Instance) -> dict[str, str | None]:
    """OR-tools alone: most students, then least total rank, by one weight; no proof, no lottery."""
    number = {one.id: place for place, one in enumerate(instance.challenges)}
    above = {one.id: place for place, one in enumerate(instance.organisations, len(number))}
    sink, first = len(number) + len(above), len(number) + len(above) + 1
    tail, head, capacity, cost = [], [], [], []
    for place, one in enumerate(instance.challenges):
        tail.append(place), head.append(above[one.organisation]), capacity.append(one.maximum), cost.append(0)
    for one in instance.organisations:
        most = len(instance.students) if one.ceiling is None else one.ceiling
        tail.append(above[one.id]), head.append(sink), capacity.append(most), cost.append(0)
    chosen = len(tail)
    unplaced = CHOICES * len(instance.students) + 1
    for node, student in enumerate(instance.students, first):
        for option in student.options:
            tail.append(node), head.append(number[option.challenge]), capacity.append(1), cost.append(option.rank)
        tail.append(node), head.append(sink), capacity.append(1), cost.append(unplaced)
    flow = SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        np.array(tail, np.int32), np.array(head, np.int32), np.array(capacity), np.array(cost)
    )
    supply = np.zeros(first + len(instance.students), np.int64)
    supply[first:], supply[sink] = 1, -len(instance.students)
    flow.set_nodes_supplies(np.arange(len(supply), dtype=np.int32), supply)
    assert flow.solve() == flow.OPTIMAL
    taken = np.flatnonzero(flow.flows(arcs[chosen:]) > 0) + chosen
    names = {place: one.id for one, place in zip(instance.challenges, range(len(number)), strict=True)}
    return {instance.students[tail[arc] - first].key: names.get(head[arc]) for arc in taken.tolist()}


def against_raw(students: int) -> tuple[list[Line], float]:
    """The lines of one size, and the seconds that ours takes."""
    instance = instance_of(students)
    result = solve(instance)
    assert verify(instance, result) == []
    gc.collect()
    calls: list[Callable[[], object]] = [lambda: solve(instance), lambda: raw(instance)]
    ours, least = costs(calls, ROUNDS[students])
    name = f"{students:,} × {SHAPES[students]:,}"
    note = f"  ({ours.cpu * 1000:,.0f} of {least.cpu * 1000:,.0f} ms)"
    ratio = ours.cpu / least.cpu
    lines = [
        at_most(f"A4 {name}", ratio, GOALS[students], note)
        if GOALS[students]
        else Line(f"A4 {name}", f"{ratio:.2f}×{note}")
    ]
    lines.append(Line(f"   {name}, by {USUAL}", " ".join(map(str, result.profile)) + f", {result.totals[0]} unplaced"))
    memory = [_peak(which, students) for which in ("ours", "raw")]
    lines.append(
        at_most(f"A6 {name}, memory", memory[0] / memory[1], 2, f"  ({memory[0]:,.0f} of {memory[1]:,.0f} MB)")
    )
    return lines, ours.cpu


def explaining(students: int) -> list[Line]:
    """A7 at one size."""
    instance = instance_of(students)
    result, network = solve(instance), network_of(instance, read_rule(USUAL, instance.worst))
    at, distance = settle(network, first_answer(network))
    everybody = explained(instance, result).students
    key = max(everybody, key=lambda key: len(everybody[key]))
    calls: list[Callable[[], object]] = [
        lambda: solve(instance),
        lambda: bounds(network, at, distance),
        lambda: explained(instance, result, [key]),
    ]
    whole, least, one = (cost.cpu for cost in costs(calls, ROUNDS[students]))
    began = process_time()
    explained(instance, result)
    everybodys = process_time() - began
    name = f"{students:,} × {SHAPES[students]:,}"
    number = sum(map(len, everybody.values()))
    return [
        at_most(f"A7 {name}, bounds of all pairs", least / whole, 0.03, f"  ({least * 1000:,.1f} ms)"),
        at_most(f"A7 {name}, one explained", one / whole, 1.5, f"  ({one * 1000:,.0f} ms)"),
        Line(f"   {name}, all {number:,} reasons", f"{everybodys / whole:.1f}×  ({everybodys:,.1f} s)"),
    ]


def against_peers() -> list[Line]:
    """A5: how many times as long the peers take."""
    instance = instance_of(500)
    solve(instance)
    ours = median(_seconds(lambda: solve(instance)) for _ in range(ROUNDS[500]))
    lines = []
    for name, peer, goal in (("every pair", peers.every_pair, 200), ("ranked pairs", peers.ranked_pairs, 10)):
        seconds = peer(instance)
        what = f"A5 500 × 150, PuLP and CBC, {name}"
        if seconds is None:
            lines.append(Line(what, "–"))
        else:
            note = f"  ({seconds:,.1f} s, ours {ours * 1000:,.0f} ms)"
            lines.append(Line(what, f"{seconds / ours:,.0f}×{note}", f"≥ {goal}×", seconds / ours >= goal))
    return lines


def with_minimums() -> list[Line]:
    """A8: what it takes to decide which challenges run."""
    instance = instance_of(500)
    solve(instance)
    relaxed = median(_seconds(lambda: solve(instance)) for _ in range(ROUNDS[500]))
    ratios = []
    for seed in range(7):
        random = Random(seed)
        groups = (
            replace(one, minimum=random.randint(2, one.maximum)) if random.random() < 0.3 else one
            for one in instance.challenges
        )
        asked = replace(instance, challenges=tuple(groups))
        result = solve(asked)
        assert result.is_best
        assert verify(asked, result) == []
        ratios.append(_seconds(lambda asked=asked: solve(asked)) / relaxed)  # type: ignore[misc]
    return [at_most("A8 500 × 150, minimums", median(ratios), 40, f"  (at worst {max(ratios):.0f}×)")]


def _seconds(call: Callable[[], object]) -> float:
    began = perf_counter()
    call()
    return perf_counter() - began


def _peak(which: str, students: int) -> float:
    """Megabytes of a process that solves once."""
    command = [sys.executable, "-m", "bench.allocation", "--peak", which, "--students", str(students)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, choices=list(SHAPES), nargs="*", default=[100, 500, 2_000, 10_000])
    parser.add_argument("--peak", choices=["ours", "raw"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.peak:
        (solve if given.peak == "ours" else raw)(instance_of(given.students[0]))
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        print(int(status["VmHWM"].split()[0]) / 1024)  # getrusage would count the process that started this one
        return
    lines, seconds = [], {}
    for students in given.students:
        found, seconds[students] = against_raw(students)
        lines += found
        if students in EXPLAINED:
            lines += explaining(students)
    for (few, many), goal in GROWTH.items():
        if few in seconds and many in seconds:
            lines.append(at_most(f"A6 {few:,} → {many:,}", seconds[many] / seconds[few], goal))
    if 500 in given.students:
        lines += [*with_minimums(), *against_peers()]
    print(table(lines))


if __name__ == "__main__":
    main()
