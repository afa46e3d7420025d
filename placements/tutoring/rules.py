"""What is asked of the solver when placements are shared among tutors: placements for students, tutors for challenges.

The rule is “greedy”: as many as possible at rank 1, then at rank 1 or 2, and so on; never more than a tutor's load.
A student's ranks have to differ, and several other tutors are equally good. So a placement's ranks are:

    1           the group's own tutor, who knows the challenge's area
    2           the group's own tutor, who does not
    3           the tutor they have now, who knows the area
    4 …         each other tutor who knows it, in turn
    then        the tutor they have now, who does not know it
    then …      each other tutor, in turn

Thus the lines for ranks 1 to 3 are exactly what they say. “In turn” begins with another tutor for each placement: no
tutor is filled up before the next because of how they are called. Displeasure counts changes, where all else is equal.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from placements.solver.instance import Challenge, Instance, Option, Organisation, Pair, Student

USUAL_LOAD = 25
MOST_LOAD = 200
MOST_TUTORS = 40  # a thousand placements; with many more ranks a proof takes longer than anybody waits


@dataclass(frozen=True)
class Tutor:
    """A tutor of the run: the most placements they look after, and the areas that they know."""

    key: str
    load: int
    themes: frozenset[str]


@dataclass(frozen=True)
class Asked:
    """A placement: its challenge's lead area, its group's tutor, who looks after it now, and who must not.

    `fixed` is whom a module leader has fixed it to by hand.
    """

    key: str
    theme: str
    own: str | None
    now: str | None
    barred: frozenset[str] = frozenset()
    fixed: str | None = None


def question(seed: str, level: int, placements: Collection[Asked], tutors: Collection[Tutor]) -> Instance:
    """The solver's instance: equal for equal contents, whatever order they come in.

    Raises ValueError, one sentence, where what is fixed by hand does not fit; `problems` says so in plain words.
    """
    placements = sorted(placements, key=lambda asked: asked.key)
    tutors = sorted(tutors, key=lambda tutor: tutor.key)
    return Instance(
        seed=seed,
        students=tuple(
            Student(asked.key, level, _options(asked, tutors, turn)) for turn, asked in enumerate(placements)
        ),
        challenges=tuple(Challenge(tutor.key, tutor.key, (level,), tutor.load) for tutor in tutors),
        organisations=tuple(Organisation(tutor.key) for tutor in tutors),
        locks=tuple(Pair(asked.key, asked.fixed) for asked in placements if asked.fixed),
    )


def _options(asked: Asked, tutors: Sequence[Tutor], turn: int) -> tuple[Option, ...]:
    ranks: dict[str, int] = {}
    for tutor in tutors:
        if tutor.key == asked.own and tutor.key not in asked.barred:
            ranks[tutor.key] = 1 if asked.theme in tutor.themes else 2
    first = 3
    for knowing in (True, False):
        others = _others(asked, tutors, knowing=knowing)
        if asked.now in others:
            others.remove(asked.now)
            ranks[asked.now] = first
        start = turn % len(others) if others else 0
        ranks |= {key: first + place for place, key in enumerate([*others[start:], *others[:start]], 1)}
        first += 1 + len(others)
    in_order = sorted(ranks.items(), key=lambda each: each[1])
    return tuple(Option(key, rank, displeasure=int(key != asked.now)) for key, rank in in_order)


def _others(asked: Asked, tutors: Sequence[Tutor], *, knowing: bool) -> list[str]:
    """The keys of the tutors of other groups who may look after it, and know its area or do not."""
    free = (tutor for tutor in tutors if tutor.key != asked.own and tutor.key not in asked.barred)
    return [tutor.key for tutor in free if (asked.theme in tutor.themes) is knowing]


def problems(placements: Collection[Asked], tutors: Collection[Tutor], names: dict[str, str]) -> list[str]:
    """Why nothing can be proposed as things are, a sentence each. `names` says what each key is called."""
    if not placements:
        return ["Nobody is on a placement of this run, or about to begin one."]
    if not tutors:
        return ["This run has no tutors. Give somebody the role of tutor, or a timeslot group, first."]
    if len(tutors) > MOST_TUTORS:
        return [f"Placements can be shared among {MOST_TUTORS} tutors at most, and this run has {len(tutors)}."]
    loads = {tutor.key: tutor.load for tutor in tutors}
    found = []
    for asked in placements:
        if asked.fixed and (asked.fixed not in loads or asked.fixed in asked.barred):
            who, whom = names[asked.fixed], names[asked.key]
            found.append(f"{whom} is fixed to {who}, who can no longer look after them. Let that go first.")
    for key, load in loads.items():
        fixed = sum(asked.fixed == key for asked in placements)
        if fixed > load:
            found.append(
                f"{names[key]} is fixed to {fixed} by hand, and looks after at most {load}. "
                "Raise the limit, or let one of them go."
            )
    return found
