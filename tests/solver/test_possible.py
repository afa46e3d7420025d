"""Locks that cannot all hold are told with the smallest set of changes that helps: looked for again by trying all."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from random import Random

import pytest

from placements.solver import possible
from placements.solver.changes import Change, Kind, changed, told
from placements.solver.instance import Challenge, Instance, Option, Organisation, Pair, Student, Tutor
from placements.solver.possible import Impossible, needed
from placements.solver.proof import verify
from placements.solver.solve import solve
from tests.solver.brute import fits

pytestmark = pytest.mark.pure

DRASTIC = (Kind.UNLOCK, Kind.ALLOW, Kind.MINIMUM, Kind.LOAD, Kind.CEILING, Kind.PLACES)


def wants(key: str, *challenges: str) -> Student:
    return Student(key, 6, tuple(Option(one, rank) for rank, one in enumerate(challenges, 1)))


def locked(**homes: str) -> dict[str, tuple[Pair, ...]]:
    return {"locks": tuple(Pair(*home) for home in homes.items())}


PEOPLE = tuple(wants(key) for key in ("ana", "ben", "cal", "dee"))
PARK, SHED = Challenge("park", "green", (6,), 2), Challenge("shed", "green", (6,), 2)
ROUND = Instance("seed", PEOPLE, (PARK, SHED), (Organisation("green", 3),))


@pytest.mark.parametrize(
    ("instance", "sentence", "changes"),
    [
        (
            replace(ROUND, **locked(ana="park", ben="park", cal="park")),
            "Challenge park: more students are locked than can be taken, 3 and at most 2.",
            ["set the places of challenge park to 3"],
        ),
        (
            replace(ROUND, **locked(ana="park", ben="park", cal="shed", dee="shed")),
            "Organisation green: more students are locked than can be taken, 4 and at most 3.",
            ["set the ceiling of organisation green to 4"],
        ),
        (
            replace(ROUND, tutors=(Tutor("vic", 1), Tutor("uma", 1)), **locked(ana="park", ben="park", cal="shed")),
            "Tutors together: more students are locked than can be taken, 3 and at most 2.",
            ["set the load of tutor uma to 2"],
        ),
        (
            replace(ROUND, forbids=(Pair("ana", "park"),), **locked(ana="park")),
            "Student ana is both locked to challenge park and forbidden it.",
            ["allow student ana challenge park again"],
        ),
        (
            replace(ROUND, challenges=(replace(PARK, minimum=2), SHED), **locked(ana="park")),
            "Challenge park: it has a lock, so it must run, and too few could be there.",
            ["set the minimum of challenge park to 1"],
        ),
        (  # the one who would fill it is kept away: but to let it run with fewer is less than to allow that
            replace(
                ROUND,
                students=(PEOPLE[0], wants("ben", "park")),
                challenges=(replace(PARK, minimum=2), SHED),
                forbids=(Pair("ben", "park"),),
                **locked(ana="park"),
            ),
            "Challenge park: it has a lock, so it must run, and too few could be there.",
            ["set the minimum of challenge park to 1"],
        ),
        (
            replace(
                ROUND,
                students=(PEOPLE[0], *(wants(key, "park") for key in ("ben", "cal", "dee"))),
                challenges=(replace(PARK, maximum=4, minimum=4), SHED),
                **locked(ana="park"),
            ),
            "Organisation green: what is locked needs more students than can be taken, 4 and at most 3.",
            ["set the ceiling of organisation green to 4"],
        ),
        (  # one lock is in the way of three things, so one change does
            replace(
                ROUND,
                challenges=(replace(PARK, maximum=1), SHED),
                organisations=(Organisation("green", 1),),
                tutors=(Tutor("uma", 1),),
                **locked(ana="park", ben="park"),
            ),
            "Challenge park: more students are locked than can be taken, 2 and at most 1.",
            ["undo the lock of student ana to challenge park"],
        ),
    ],
)
def test_the_first_trouble_and_the_least_that_helps(instance: Instance, sentence: str, changes: list[str]) -> None:
    with pytest.raises(Impossible) as refused:
        solve(instance)
    assert (str(refused.value), [told(each) for each in refused.value.changes]) == (sentence, changes)
    check(instance)


def test_where_every_lock_can_hold_nothing_is_needed() -> None:
    assert needed(ROUND) == needed(replace(ROUND, **locked(ana="park", ben="park", cal="shed"))) == ()


def infeasible(number: int) -> Instance:
    """The impossible instance of this number: always the same one."""
    random = Random(number)
    while True:
        instance = _tight(random)
        if not is_possible(instance):
            return instance


def _tight(random: Random) -> Instance:
    names = [f"c{one}" for one in range(random.randint(2, 4))]
    most = [random.choice([1, 2, 3, 4]) for _ in names]
    briefs = [
        Challenge(name, f"o{random.randrange(2)}", (6,), number, random.choice([0, random.randint(0, number), number]))
        for name, number in zip(names, most, strict=True)
    ]
    people = [wants(f"s{one}", *random.sample(names, random.randint(0, 2))) for one in range(random.randint(4, 7))]
    locks = [Pair(one.key, random.choice(names)) for one in people if random.random() < 0.55]
    ranked = [Pair(one.key, option.challenge) for one in people for option in one.options]
    forbids = {pair for pair in (*locks, *ranked) if random.random() < 0.12}
    tutors = tuple(Tutor(f"t{one}", random.randint(0, 3)) for one in range(random.choice([0, 2])))
    organisations = tuple(Organisation(f"o{one}", random.choice([None, 1, 2, 4])) for one in range(2))
    return Instance("seed", tuple(people), tuple(briefs), organisations, tuple(locks), tuple(forbids), tutors)


def is_possible(instance: Instance) -> bool:
    """By trying every way to fill up the challenges that have locks."""
    homes: dict[str, str | None] = {pair.student: pair.challenge for pair in instance.locks}
    if set(instance.locks) & set(instance.forbids) or not fits(instance, homes):
        return False
    minimum = {one.id: one.minimum for one in instance.challenges if one.id in homes.values()}
    free = [student for student in instance.students if student.key not in homes]

    def can_fill(students: list[Student], placing: dict[str, str | None]) -> bool:
        held = Counter(placing.values())
        if all(held[name] >= number for name, number in minimum.items()):
            return True
        places = [option.challenge for option in students[0].options if option.challenge in minimum] if students else []
        tries = [
            {**placing, students[0].key: name} for name in places if Pair(students[0].key, name) not in instance.forbids
        ]
        return bool(students) and any(
            can_fill(students[1:], each) for each in [*tries, placing] if fits(instance, each)
        )

    return can_fill(free, homes)


def every_change(instance: Instance) -> Iterator[Change]:
    """Each change there could be, as much as could ever be wanted."""
    plenty = 50
    yield from (Change(Kind.UNLOCK, pair.challenge, pair.student) for pair in instance.locks)
    yield from (Change(Kind.ALLOW, pair.challenge, pair.student) for pair in instance.forbids)
    yield from (Change(Kind.PLACES, one.id, number=plenty) for one in instance.challenges)
    yield from (Change(Kind.MINIMUM, one.id, number=0) for one in instance.challenges)
    yield from (Change(Kind.CEILING, one.id, number=plenty) for one in instance.organisations)
    yield from (Change(Kind.LOAD, one.id, number=plenty) for one in instance.tutors)


def weight(changes: tuple[Change, ...]) -> list[int]:
    return [len(changes), *(sum(change.kind is kind for change in changes) for kind in DRASTIC)]


def nearer(instance: Instance, change: Change) -> Change | None:
    """The same change by one less, of those with numbers."""
    step = 1 if change.kind is Kind.MINIMUM else -1
    return replace(change, number=change.number + step) if change.kind not in (Kind.UNLOCK, Kind.ALLOW) else None


def check(instance: Instance) -> tuple[Change, ...]:
    """What is needed works, nothing smaller or less drastic does, and no number could be nearer to what it was."""
    found = needed(instance)
    mended = changed(instance, found)
    assert is_possible(mended)
    assert needed(mended) == ()
    assert verify(mended, solve(mended)) == []
    for size in range(len(found) + 1):
        for tried in combinations(every_change(instance), size):
            if size < len(found) or weight(tried) < weight(found):
                assert not is_possible(changed(instance, tried)), (found, tried)
    for change in found:
        less = nearer(instance, change)
        if less:
            rest = [less if each == change else each for each in found]
            assert not is_possible(changed(instance, rest)), (found, rest)
    return found


@pytest.mark.parametrize("number", range(60))
def test_each_set_helps_and_no_smaller_one_does(number: int) -> None:
    instance = infeasible(number)
    with pytest.raises(Impossible) as refused:
        solve(instance)
    assert refused.value.changes == check(instance) != ()


def test_the_cases_are_worth_it() -> None:
    """Every kind of change is needed somewhere, and several at once often."""
    found = [needed(infeasible(number)) for number in range(60)]
    assert {change.kind for changes in found for change in changes} == set(DRASTIC)
    assert sum(len(changes) >= 2 for changes in found) >= 20
    assert max(len(changes) for changes in found) >= 4


def test_when_the_steps_are_used_up_the_best_found_still_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(possible, "STEPS", 0)
    larger = 0
    for number in range(60):
        instance = infeasible(number)
        rough = needed(instance)
        assert is_possible(changed(instance, rough))
        with monkeypatch.context() as whole:
            whole.setattr(possible, "STEPS", 5_000)
            larger += weight(rough) > weight(needed(instance))
    assert larger >= 5
