"""Every reason is true: of the placing there is, and of the best one in which the student has that choice."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest

from placements.solver.explaining import explained
from placements.solver.instance import Challenge, Instance, Option, Organisation, Pair, Student, Tutor
from placements.solver.reasons import Reason, Reasons, Why
from placements.solver.solve import solve
from tests.solver.brute import Placing, contested_instance, every_placing, fits, group_instance, random_instance, worth

pytestmark = pytest.mark.pure

RULES = ("generous-3", "generous-1", "greedy", "least-total-rank")
DECIDED = {Why.LOCKED, Why.FORBIDDEN, Why.CLOSED, Why.TAKEN, Why.NEEDED}
POSSIBLE = [number for number in range(120) if next(every_placing(group_instance(number)), None) is not None]


def wants(key: str, *challenges: str) -> Student:
    return Student(key, 6, tuple(Option(one, rank) for rank, one in enumerate(challenges, 1)))


def ask(students: list[Student], places: dict[str, int], **more: object) -> Instance:
    challenges = tuple(Challenge(one, "o", (6,), number) for one, number in places.items())
    return Instance("2026-10-20", tuple(students), challenges, (Organisation("o"),), **more)  # type: ignore[arg-type]


def whys(instance: Instance, rule: str = "generous-3") -> dict[str, list[tuple[str, str, tuple[int, ...]]]]:
    found = explained(instance, solve(instance, rule)).students
    return {key: [(one.challenge, one.why, one.cost) for one in reasons] for key, reasons in found.items()}


def test_with_them_there_one_more_would_have_no_place() -> None:
    found = whys(ask([wants("ana", "park", "food"), wants("ben", "park")], {"park": 1, "food": 1}))
    # unplaced; total rank of those at choices 1 to 3; displeasure
    assert found == {"ana": [("park", "unplaced", (1, -2, -1))], "ben": []}


def test_with_them_there_another_would_be_placed_lower() -> None:
    students = [wants("ana", "park", "food"), wants("ben", "park", "a", "b", "food")]
    found = whys(ask(students, {"park": 1, "food": 1, "a": 0, "b": 0}))
    # unplaced; at choice 4; total rank of those at choices 1 to 3; displeasure
    assert found == {"ana": [("park", "lower", (0, 1, -2, 0))], "ben": []}


def test_two_others_as_low_instead_of_one() -> None:
    """Ben at his fourth choice lets ana and cal have their second; with him higher both would have their fourth."""
    students = [wants("ana", "x", "a", "y", "c"), wants("ben", "a", "x", "y", "b"), wants("cal", "a", "c", "y", "b")]
    found = whys(ask(students, {"a": 1, "b": 1, "c": 1, "x": 0, "y": 0}))
    assert found["ben"] == [("a", "fewer", (0, 1, -3, 0)), ("x", "taken", ()), ("y", "taken", ())]


def test_the_others_together_would_lose_more() -> None:
    students = [wants("ana", "park", "food"), wants("ben", "park", "a", "food")]
    found = whys(ask(students, {"park": 1, "food": 1, "a": 0}))
    assert found == {"ana": [("park", "more", (0, 1, 0))], "ben": []}


def test_greedy_has_its_own_reason() -> None:
    """Ana at her third choice lets ben and cal have their first. With b hers it would be one first choice fewer,
    though nobody would be third."""
    students = [wants("ana", "a", "b", "c"), wants("ben", "a", "x", "y", "c"), wants("cal", "b", "c", "a")]
    found = whys(ask(students, {"a": 1, "b": 1, "c": 1, "x": 0, "y": 0}), "greedy")
    # unplaced; below choice 1, 2 and 3; displeasure
    assert found["ana"] == [("a", "lower", (0, 0, 0, 1, 0)), ("b", "fewer", (0, 1, -1, 0, 0))]


def test_no_difference_to_students_or_none_at_all() -> None:
    keen = Student("ben", 6, (Option("park", 1, displeasure=0), Option("food", 2)))
    found = whys(ask([wants("ana", "park", "food"), keen], {"park": 1, "food": 1}))
    assert found == {"ana": [("park", "keener", (0, 0, 1))], "ben": []}
    found = whys(ask([wants("ana", "park"), wants("ben", "park")], {"park": 1}))
    assert found == {"ana": [("park", "lottery", (0, 0, 0))], "ben": []}


def test_what_was_decided_before() -> None:
    students = [
        wants("ana", "park", "food"),
        wants("ben", "park", "food", "shed"),
        wants("cal", "shed", "food", "park"),
    ]
    instance = ask(
        students,
        {"park": 1, "food": 1, "shed": 2},
        locks=(Pair("ana", "food"),),
        forbids=(Pair("ben", "park"), Pair("ana", "park")),
    )
    assert whys(instance) == {
        "ana": [("park", "locked", ())],
        "ben": [("park", "forbidden", ()), ("food", "taken", ())],
        "cal": [],
    }
    nowhere = replace(instance, forbids=(), locks=(Pair("ana", "shed"),), tutors=(Tutor("uma", 1),))
    assert whys(nowhere)["ana"] == [("park", "locked", ()), ("food", "locked", ())]  # to what she never ranked
    assert whys(nowhere)["ben"] == [("park", "taken", ()), ("food", "taken", ()), ("shed", "taken", ())]


def test_a_challenge_that_does_not_run_is_closed() -> None:
    students = [wants("ana", "park", "food"), wants("ben", "shed", "food"), wants("cal", "food", "shed")]
    instance = needing(ask(students, {"park": 2, "food": 3, "shed": 3}), {"park": 2, "food": 2, "shed": 3})
    result = solve(instance)
    assert result.placing == {"ana": "food", "ben": "food", "cal": "food"}
    found = explained(instance, result)
    assert found.students == {"ana": (Reason("park", "closed"),), "ben": (Reason("shed", "closed"),), "cal": ()}
    assert found.instance_sha256 == instance.sha256()
    assert Reasons.from_json(found.to_json()) == found


def test_a_challenge_that_runs_needs_its_students() -> None:
    students = [wants("ana", "park"), wants("ben", "food", "shed"), wants("cal", "shed", "food")]
    instance = needing(ask(students, {"park": 1, "food": 1, "shed": 2}, locks=(Pair("cal", "shed"),)), {"shed": 2})
    assert whys(instance) == {"ana": [], "ben": [("food", "needed", ())], "cal": []}


def needing(instance: Instance, minimums: dict[str, int]) -> Instance:
    rows = (replace(one, minimum=minimums.get(one.id, 0)) for one in instance.challenges)
    return replace(instance, challenges=tuple(rows))


def test_a_repair_moves_nobody_for_a_better_choice() -> None:
    students = [replace(wants("ana", "park", "food"), now="food"), replace(wants("ben", "food"), now=None)]
    found = whys(ask(students, {"park": 1, "food": 2}), "fewest-moves")
    # unplaced; moved; total rank of those at choices 1 to 3; displeasure
    assert found == {"ana": [("park", "moved", (0, 1, -1, 0))], "ben": []}


def test_what_is_only_the_best_found_has_no_reasons() -> None:
    instance = random_instance(5)
    assert explained(instance, replace(solve(instance), is_best=False)).students == {}


def test_one_student_alone_is_told_the_same() -> None:
    instance = random_instance(5, (25, 25), (8, 8))
    result = solve(instance)
    everybody = explained(instance, result).students
    for key, reasons in everybody.items():
        assert explained(instance, result, [key]).students == {key: reasons}
    assert sum(map(len, everybody.values())) >= 5


@pytest.mark.parametrize("number", range(220))
def test_each_reason_is_true_and_its_cost_is_that_of_solving_again(number: int) -> None:
    instance = random_instance(number)
    for rule in RULES:
        check(instance, rule)


@pytest.mark.parametrize("number", range(15))
def test_each_reason_is_true_where_rules_differ(number: int) -> None:
    for rule in RULES:
        check(contested_instance(number), rule)


@pytest.mark.parametrize("number", POSSIBLE)
def test_each_reason_is_true_where_challenges_have_minimums_and_students_have_offers(number: int) -> None:
    for rule in ("generous-3", "least-total-rank", "fewest-moves"):
        check(group_instance(number), rule)


def test_the_instances_with_minimums_meet_what_they_are_for() -> None:
    seen: Counter[str] = Counter()
    for instance in map(group_instance, POSSIBLE):
        reasons = explained(instance, solve(instance, "fewest-moves")).students.values()
        seen.update(reason.why for each in reasons for reason in each)
    assert min(seen[why] for why in ("closed", "needed", "moved")) >= 5, seen


def test_the_instances_meet_every_reason_and_every_rule() -> None:
    seen: Counter[tuple[str, str, bool]] = Counter()
    for rule in RULES:
        for instance in [*map(random_instance, range(220)), *map(contested_instance, range(15))]:
            result = solve(instance, rule)
            for key, reasons in explained(instance, result).students.items():
                seen.update((rule, reason.why, result.placing[key] is None) for reason in reasons)
    always = {"unplaced", "keener", "lottery", "locked", "forbidden", "taken"}
    of_rule = {
        "generous-3": {"lower", "fewer", "more"},
        "generous-1": {"lower", "fewer"},
        "greedy": {"lower", "fewer"},
        "least-total-rank": {"more"},
    }
    for rule in RULES:
        placed = {why for name, why, is_unplaced in seen if (name, is_unplaced) == (rule, False)}
        assert placed == always | of_rule[rule]
        without = {why for name, why, is_unplaced in seen if (name, is_unplaced) == (rule, True)}
        assert without >= {"keener", "lottery", "forbidden", "taken"} | of_rule[rule] - {"lower"}
        assert without.isdisjoint({"unplaced", "lower", "locked"})  # nobody else would lose a place but instead of them


def check(instance: Instance, rule: str) -> None:
    """Every reason of the instance by that rule, against all its placings."""
    result, ranks = solve(instance, rule), {one.key: {None: 0} for one in instance.students}
    for student in instance.students:
        ranks[student.key] |= {option.challenge: option.rank for option in student.options}
    now, run = dict(result.placing), running(instance, result.placing)
    placings = [(worth(instance, each, rule)[0], each) for each in every_placing(instance)]
    placings = [each for each in placings if running(instance, each[1]) == run]
    told, offered = explained(instance, result).students, {one.key: one.now for one in instance.students}
    assert told.keys() == ranks.keys()
    for key, reasons in told.items():
        mine = ranks[key].get(now[key], 0) or 99
        assert [reason.challenge for reason in reasons] == [at for at, rank in ranks[key].items() if at and rank < mine]
        for reason in reasons:
            tried = [each for each in placings if each[1][key] == reason.challenge]
            decided = decided_before(instance, Pair(key, reason.challenge), now) or (None if tried else "needed")
            if decided or reason.why in DECIDED:
                assert reason == Reason(reason.challenge, str(decided))
                continue
            lines, then = min(tried, key=lambda each: each[0])
            assert list(reason.cost) == [after - before for after, before in zip(lines, result.totals, strict=True)]
            assert is_true(key, reason, now, then, ranks, offered=offered), (rule, key, reason, now, then)


def running(instance: Instance, placing: Mapping[str, str | None]) -> set[str]:
    """Of the challenges that need several students, those that run."""
    return {one.id for one in instance.challenges if one.minimum > 1} & {at for at in placing.values() if at}


def decided_before(instance: Instance, pair: Pair, now: Placing) -> str | None:
    """Which of the reasons it is that compare nothing."""
    locked = {each.student: each.challenge for each in instance.locks}
    if pair.student in locked:
        return "locked"
    if pair in instance.forbids:
        return "forbidden"
    if not fits(instance, {**locked, pair.student: pair.challenge}):
        return "taken"
    minimum = next(one.minimum for one in instance.challenges if one.id == pair.challenge)
    return "closed" if minimum > 1 and pair.challenge not in now.values() else None


def is_true(key: str, reason: Reason, now: Placing, then: Placing, ranks: dict[str, dict], *, offered: Placing) -> bool:
    """The sentence beside the reason in `Why`, word for word."""

    def others(placing: Placing) -> list[int]:
        return [ranks[one].get(at, 0) for one, at in placing.items() if one != key and at is not None]

    def unplaced(placing: Placing) -> int:
        return list(placing.values()).count(None)

    why, cost = reason.why, reason.cost
    mine, new = ranks[key].get(now[key], 0), ranks[key][then[key]]
    if why == Why.UNPLACED:
        return unplaced(then) > unplaced(now)
    same = unplaced(then) == unplaced(now)
    if now[key] is None:  # somebody else would have no place instead
        same &= any(now[one] is not None and at is None for one, at in then.items())
    everybody = (Counter([*others(now), mine]), Counter([*others(then), new]))
    if why == Why.MOVED:
        have = {one: at for one, at in offered.items() if at is not None}
        return same and sum(then[one] != at for one, at in have.items()) > sum(
            now[one] != at for one, at in have.items()
        )
    if why == Why.LOWER:
        new_ranks = [ranks[one][at] for one, at in then.items() if one != key and at and at != now[one]]
        return same and 0 < mine < max(new_ranks)
    if why == Why.FEWER:
        best = [[sum(many for r, many in each.items() if 0 < r <= k) for k in range(1, 7)] for each in everybody]
        return same and any(after < before for before, after in zip(*best, strict=True))
    if why == Why.MORE:
        return same and sum(r * n for r, n in everybody[1].items()) > sum(r * n for r, n in everybody[0].items())
    return same and not any(cost[:-1]) and (cost[-1] > 0) is (why == Why.KEENER)
