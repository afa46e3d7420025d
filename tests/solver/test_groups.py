"""Challenges that run with enough students or with none: the search finds the best, and its proof can be checked."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from placements.solver.instance import Challenge, Instance, Option, Organisation, Pair, Student
from placements.solver.lottery import Exchange
from placements.solver.objective import FEWEST_MOVES, RULES
from placements.solver.possible import Impossible
from placements.solver.proof import verify
from placements.solver.result import Result
from placements.solver.solve import solve
from tests.solver.brute import (
    best,
    every_placing,
    group_instance,
    random_instance,
    renamed,
    retold,
    worth,
)

pytestmark = pytest.mark.pure

EVERY_RULE = (*RULES, "generous-1", FEWEST_MOVES)


def wants(key: str, *challenges: str) -> Student:
    return Student(key, 6, tuple(Option(challenge, rank) for rank, challenge in enumerate(challenges, 1)))


def ask(students: list[Student], groups: dict[str, tuple[int, int]], locks: tuple[Pair, ...] = ()) -> Instance:
    """Of each challenge the least and the most that it takes."""
    challenges = [Challenge(name, "o", (6,), most, least) for name, (least, most) in groups.items()]
    return Instance("2026-10-20", tuple(students), tuple(challenges), (Organisation("o"),), locks)


def test_a_challenge_that_too_few_want_is_closed_and_they_go_elsewhere() -> None:
    students = [wants("ana", "park", "food"), wants("ben", "park", "food"), wants("cal", "food")]
    result = solve(ask(students, {"park": (3, 4), "food": (0, 3)}))
    assert result.placing == dict.fromkeys(("ana", "ben", "cal"), "food")
    assert (result.closed, result.running, [(part.closed, part.running) for part in result.parts]) == (
        ("park",),
        (),
        [((), ("park",))],
    )


def test_one_gives_up_a_first_choice_where_more_are_placed_by_a_group_that_runs() -> None:
    """Ben and cal rank nothing but the park, which takes three or none."""
    students = [wants("ana", "food", "park"), wants("ben", "park"), wants("cal", "park")]
    result = solve(ask(students, {"park": (3, 4), "food": (0, 1)}))
    assert result.placing == dict.fromkeys(("ana", "ben", "cal"), "park")
    assert result.totals == result.bound == (0, 4, 3)
    assert result.running == ("park",)


def test_a_challenge_with_a_lock_runs_and_others_fill_it_up() -> None:
    students = [wants("ana", "park"), wants("ben", "food", "park"), wants("cal", "food")]
    result = solve(ask(students, {"park": (2, 2), "food": (0, 2)}, locks=(Pair("ana", "park"),)))
    assert result.placing == {"ana": "park", "ben": "park", "cal": "food"}
    assert result.parts == ()  # nothing was to decide


def test_a_lock_in_a_challenge_that_cannot_have_its_minimum_is_refused() -> None:
    with pytest.raises(Impossible):
        solve(
            ask([wants("ana", "park"), wants("ben", "food")], {"park": (2, 2), "food": (0, 2)}, (Pair("ana", "park"),))
        )


@pytest.mark.parametrize("number", range(300))
def test_equal_to_brute_force(number: int) -> None:
    instance = group_instance(number)
    is_possible = any(True for _ in every_placing(instance))
    for rule in EVERY_RULE:
        if not is_possible:
            with pytest.raises(Impossible):
                solve(instance, rule)
            continue
        result, right = solve(instance, rule), best(instance, rule)
        assert result.placing == right
        assert list(result.totals) == list(result.bound) == worth(instance, right, rule)[0]
        assert verify(instance, result) == []
        assert Result.from_json(result.to_json()) == result


def test_the_instances_are_worth_solving() -> None:
    found: Counter[str] = Counter()
    for instance in map(group_instance, range(300)):
        if not any(True for _ in every_placing(instance)):
            found["impossible"] += 1
            continue
        result = solve(instance)
        found["searched"] += bool(result.parts)
        found["searched further"] += len(result.parts) > 1
        found["closed"] += bool(result.closed)
        found["running"] += bool(result.running)
        found["settled by lot between parts"] += any(part.placing for part in result.parts)
    settled = found.pop("settled by lot between parts")
    assert all(number >= 9 for number in found.values()), found
    assert found["searched"] >= 50, found
    assert settled >= 2


def test_every_worse_placing_is_refused_though_its_figures_agree() -> None:
    refused: Counter[str] = Counter()
    for number in range(400):
        instance = group_instance(number)
        placings = list(every_placing(replace(instance, challenges=tuple(_free(one) for one in instance.challenges))))
        if not any(True for _ in every_placing(instance)):
            continue
        rule = EVERY_RULE[number % len(EVERY_RULE)]
        result, right = solve(instance, rule), best(instance, rule)
        assert verify(instance, retold(instance, result, right)) == []
        others = [placing for placing in placings if placing != right]
        for placing in Random(number).sample(others, min(len(others), 12)):
            assert verify(instance, retold(instance, result, placing)) != [], (number, placing)
            refused["worse"] += 1
    assert refused["worse"] >= 1000, refused


def _free(challenge: Challenge) -> Challenge:
    return replace(challenge, minimum=0)


# Ana and ben, or cal and dee, can have the park or the shed, each for two or none; the lottery draws ben first.
TIED = ask(
    [wants("ana", "park", "shed"), wants("ben", "shed", "park"), wants("cal", "food")],
    {"park": (2, 2), "shed": (2, 2), "food": (0, 1)},
)
RESULT = solve(TIED)


def test_between_equal_groups_the_lottery_decides() -> None:
    assert RESULT.placing == {"ana": "shed", "ben": "shed", "cal": "food"}
    assert verify(TIED, RESULT) == []
    assert any(part.placing for part in RESULT.parts)


def _without(result: Result, number: int, **changes: object) -> Result:
    parts = list(result.parts)
    parts[number] = replace(parts[number], **changes)  # type: ignore[arg-type]
    return replace(result, parts=tuple(parts))


@pytest.mark.parametrize(
    ("tampered", "problem"),
    [
        (replace(RESULT, parts=()), "do not hold every placing together"),
        (replace(RESULT, closed=RESULT.running, running=RESULT.closed), "do not hold every placing together"),
        (replace(RESULT, closed=("park",), running=("park",)), "do not hold every placing together"),
        (replace(RESULT, closed=(), running=()), "not proven optimal|The bound is given as"),
        (_without(RESULT, 0, closed=("moon",)), "Challenge moon is said to be closed or to run, and is unknown"),
        (
            _without(RESULT, 0, challenge_prices={}),
            "not proven optimal|The bound is given as|has a placing that is not",
        ),
        (_without(RESULT, 0, challenge_prices={"park": (0, 1)}), "has not one number for each line"),
        (
            _without(RESULT, 0, challenge_prices={"moon": (0, 0, 0, 0)}),
            "is a price for challenge moon, which is unknown",
        ),
        (_without(RESULT, 0, tutor_price=(0, 1, 0, 0)), "is a price for tutors together, which has no limit"),
        (replace(RESULT, bound=(0, 0, 0)), "The bound is given as"),
        (replace(RESULT, bound=(0, 0, 0), is_best=False), "The bound is given as"),
    ],
)
def test_a_tampered_search_is_refused(tampered: Result, problem: str) -> None:
    found = verify(TIED, tampered)
    assert len(found) >= 1
    assert any(each in found[0] for each in problem.split("|")), found


def test_a_part_as_good_as_the_answer_has_to_show_its_placing() -> None:
    tied = next(number for number, part in enumerate(RESULT.parts) if part.placing)
    shown = RESULT.parts[tied].placing or {}
    for placing, problem in (
        (None, "A part of the proof that is as good as the answer has no placing."),
        (
            dict.fromkeys(RESULT.placing),
            "A part of the proof has a placing that is not of this part: see challenge park.",
        ),
        (RESULT.placing, "A part of the proof has a placing that is not of this part: see challenge park."),
        (shown | {"cal": None}, "A part of the proof has a placing that is not as good as the answer."),
        (shown | {"cal": "shed"}, "Student cal is placed at challenge shed, which is not an open choice of theirs."),
    ):
        assert verify(TIED, _without(RESULT, tied, placing=placing)) == [problem]


def test_the_loser_of_the_lottery_is_refused_with_the_winners_proof() -> None:
    loser = {"ana": "park", "ben": "park", "cal": "food"}
    swapped = retold(TIED, RESULT, loser)
    assert verify(TIED, swapped) != []


def test_out_of_time_it_is_the_best_found_with_its_gap_and_never_called_the_best() -> None:
    known = 0
    for number in range(200):
        instance = random_instance(number, students=(30, 40), challenges=(10, 14))
        groups = tuple(replace(one, maximum=4, minimum=3) for one in instance.challenges)
        instance = replace(instance, challenges=groups, locks=())
        result = solve(instance, seconds=0)
        if result.is_best:
            continue
        known += 1
        assert verify(instance, result) == []
        right = solve(instance)
        assert result.bound <= right.totals <= result.totals
        assert any("not proven" in each for each in verify(instance, replace(result, is_best=True))) or (
            result.bound == result.totals
        )
        if known == 12:
            break
    assert known == 12


@pytest.mark.parametrize("number", range(20))
def test_larger_ones_are_proven_and_do_not_depend_on_rows_or_ids(number: int) -> None:
    instance = random_instance(number, students=(40, 60), challenges=(12, 18))
    random = Random(number)
    groups = [
        replace(one, maximum=one.maximum + 2, minimum=random.choice([0, 0, 2, 3]) if one.maximum else 0)
        for one in instance.challenges
    ]
    instance = replace(instance, challenges=tuple(groups), locks=())
    rule = EVERY_RULE[number % len(EVERY_RULE)]
    result = solve(instance, rule)
    assert verify(instance, result) == []
    moved, back = renamed(instance, random)
    placing = solve(moved, rule).placing
    assert {key: at and back[at] for key, at in placing.items()} == result.placing


def test_the_lottery_sends_nobody_more_to_a_challenge_at_a_price() -> None:
    """The first challenge runs with just enough, so it has a price; one more there would not be as good for all."""
    tree = {"parent": [2, 2, 3], "room": [3, 3, 9], "lower": [1, 0, 0], "used": [1, 1, 2]}
    for is_free, goes_to in ((False, 1), (True, 0)):
        exchange = Exchange([1], [[0, 1]], **tree, free=[is_free, True, True])
        exchange.settle(0)
        assert exchange.at == [goes_to]
