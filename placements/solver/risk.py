"""Chances before everybody has ranked: the round is filled up with students like those who have, and solved, often.

    python -m placements.solver.risk COHORT SAMPLES SEED < instance.json > chances.json

Exit status 2 and one sentence on standard error where the input is not usable.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice
from random import Random

import numpy as np

from placements.solver.chances import Chances
from placements.solver.draw import drawn
from placements.solver.instance import Instance, Pair, Student
from placements.solver.network import first_answer, network_of
from placements.solver.objective import USUAL, read_rule
from placements.solver.possible import refuse_impossible
from placements.solver.prices import settle


def chances(instance: Instance, cohort: int, samples: int, seed: str) -> Chances:
    """How so many samples of the whole cohort come out by the usual rule: the same for the same seed.

    `instance` has those who have ranked. Each sample draws the others from among them, with replacement, and a lottery
    of its own. Minimums are left out: whether enough come to a challenge is known when all have ranked.
    Raises ValueError where locks cannot all hold.
    """
    bare = replace(instance, challenges=tuple(replace(one, minimum=0) for one in instance.challenges))
    refuse_impossible(bare)
    missing = max(0, cohort - len(instance.students))
    unplaced = {student.key: 0 for student in instance.students}
    free = {challenge.id: 0 for challenge in instance.challenges}
    for number in range(samples):
        random = Random(f"{seed}\n{number}")  # noqa: S311 - to be drawn again just so
        students = (*bare.students, *_others(bare, missing, random))
        without, with_places = _outcome(replace(bare, seed=f"{random.getrandbits(64):x}", students=students))
        for key in without & unplaced.keys():
            unplaced[key] += 1
        for name in with_places:
            free[name] += 1
    return Chances(instance.sha256(), samples, unplaced, free)


def _others(instance: Instance, number: int, random: Random) -> Iterator[Student]:
    """So many more students, each with the choices of one who has ranked and is not locked."""
    known, locked = {student.key for student in instance.students}, {pair.student for pair in instance.locks}
    models = [student for student in instance.students if student.options and student.key not in locked]
    forbidden = set(instance.forbids)
    keys = (key for key in map("other-{}".format, count(1)) if key not in known)
    for key, model in zip(islice(keys, number), random.choices(models, k=number) if models else (), strict=False):
        options = (option for option in model.options if Pair(model.key, option.challenge) not in forbidden)
        yield Student(key, model.level, tuple(options))


def _outcome(instance: Instance) -> tuple[set[str], set[str]]:
    """Who is left without a place, and which challenges with one."""
    network = network_of(instance, read_rule(USUAL, instance.worst))
    at = np.array(drawn(network, *settle(network, first_answer(network))), np.int64)
    placed = {network.students[student] for student in np.flatnonzero(at < network.nowhere).tolist()}
    placed |= {pair.student for pair in instance.locks}
    spare = np.append(network.used(at) < network.room, True)
    above = np.append(network.parent, network.nowhere)
    is_free = spare & spare[above] & spare[above[above]]
    free = {one.id for one, has_room in zip(instance.challenges, is_free.tolist(), strict=False) if has_room}
    return {student.key for student in instance.students} - placed, free


def main() -> int:
    """The chances of the instance on standard input; returns the exit status."""
    try:
        cohort, samples = int(sys.argv[1]), int(sys.argv[2])
        found = chances(Instance.from_json(sys.stdin.buffer.read()), cohort, samples, sys.argv[3])
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(found.to_json() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
