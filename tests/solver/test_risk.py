"""Chances of being left without a place: what hand and head say of simple rounds, and the same whenever asked."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from placements.config import ROOT
from placements.solver import process
from placements.solver.chances import Chances
from placements.solver.instance import Challenge, Instance, Option, Organisation, Pair, Student, Tutor
from placements.solver.risk import chances
from tests.solver.brute import random_instance

pytestmark = pytest.mark.pure


def wants(key: str, *challenges: str) -> Student:
    return Student(key, 6, tuple(Option(one, rank) for rank, one in enumerate(challenges, 1)))


def ask(students: list[Student], places: dict[str, int], **more: object) -> Instance:
    challenges = tuple(Challenge(one, "o", (6,), number) for one, number in places.items())
    return Instance("seed", tuple(students), challenges, (Organisation("o"),), **more)  # type: ignore[arg-type]


def test_of_two_who_want_one_place_each_goes_without_in_about_half() -> None:
    found = chances(ask([wants("ana", "park"), wants("ben", "park")], {"park": 1, "shed": 1}), 2, 400, "x")
    assert found.samples == 400
    assert sum(found.unplaced.values()) == 400
    assert 150 <= found.unplaced["ana"] <= 250
    assert found.free == {"park": 0, "shed": 400}


def test_those_who_have_not_ranked_are_drawn_from_those_who_have() -> None:
    alone = ask([wants("ana", "park")], {"park": 1})
    assert chances(alone, 1, 50, "x").unplaced == {"ana": 0}
    half = chances(alone, 2, 400, "x").unplaced["ana"]
    most = chances(alone, 4, 400, "x").unplaced["ana"]
    assert 150 <= half <= 250
    assert 260 <= most <= 340


def test_a_whole_cohort_is_not_filled_up_and_only_the_lottery_differs() -> None:
    students = [wants("ana", "park"), wants("ben", "shed")]
    for cohort in (0, 1, 2):
        found = chances(ask(students, {"park": 1, "shed": 1}), cohort, 30, "x")
        assert (found.unplaced, found.free) == ({"ana": 0, "ben": 0}, {"park": 0, "shed": 0})


def test_the_same_seed_draws_the_same_and_another_draws_others() -> None:
    instance = random_instance(5, (30, 30), (10, 10))
    first = chances(instance, 60, 20, "x")
    assert chances(instance, 60, 20, "x") == first == Chances.from_json(first.to_json())
    assert first.instance_sha256 == instance.sha256()
    assert chances(instance, 60, 20, "y") != first


def test_with_more_places_nobodys_chance_is_worse() -> None:
    students = [wants(f"s{one}", *(("park", "food") if one % 2 else ("food",))) for one in range(8)]
    few, more = (chances(ask(students, {"park": 2, "food": places}), 14, 200, "x") for places in (2, 5))
    assert all(more.unplaced[key] <= few.unplaced[key] for key in few.unplaced)
    assert sum(more.unplaced.values()) < sum(few.unplaced.values()) - 100


def test_who_is_locked_has_a_place_and_lends_nobody_their_choices() -> None:
    students = [wants("ana", "park"), wants("ben", "shed"), wants("cal")]
    instance = ask(students, {"park": 9, "shed": 1}, locks=(Pair("ana", "park"),))
    found = chances(instance, 4, 40, "x")
    assert found.free == {"park": 40, "shed": 0}
    assert (found.unplaced["ana"], found.unplaced["cal"]) == (0, 40)
    assert 10 <= found.unplaced["ben"] <= 30  # the fourth is always like ben


def test_who_is_drawn_is_kept_from_what_their_model_is_kept_from() -> None:
    instance = ask([wants("ana", "park", "shed")], {"park": 9, "shed": 1}, forbids=(Pair("ana", "park"),))
    assert 5 <= chances(instance, 2, 40, "x").unplaced["ana"] <= 35


def test_a_place_is_free_only_where_organisation_and_tutors_can_take_one_more() -> None:
    instance = ask([wants("ana", "park")], {"park": 2})
    assert chances(instance, 1, 5, "x").free == {"park": 5}
    assert chances(replace(instance, organisations=(Organisation("o", 1),)), 1, 5, "x").free == {"park": 0}
    assert chances(replace(instance, tutors=(Tutor("uma", 1),)), 1, 5, "x").free == {"park": 0}


def test_minimums_are_left_out() -> None:
    instance = ask([wants("ana", "park")], {"park": 2})
    instance = replace(instance, challenges=(replace(instance.challenges[0], minimum=2),))
    assert chances(instance, 1, 5, "x").unplaced == {"ana": 0}


def run(*words: str, text: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "placements.solver.risk", *words]
    return subprocess.run(command, check=False, input=text, capture_output=True, text=True, cwd=ROOT, timeout=60)


def test_the_command_and_the_process_say_the_same() -> None:
    instance = random_instance(5, (30, 30), (10, 10))
    found = chances(instance, 60, 5, "x")
    done = run("60", "5", "x", text=instance.to_json())
    assert (done.returncode, done.stderr, done.stdout) == (0, "", found.to_json() + "\n")
    assert process.chances(instance.to_json(), 60, 5, "x") == found


def test_what_cannot_be_used_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    full = ask([wants("ana", "park")], {"park": 0}, locks=(Pair("ana", "park"),))
    done = run("2", "5", "x", text=full.to_json())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Challenge park: more students are locked than can be taken, 1 and at most 0.\n"
    with pytest.raises(process.Unsolved, match="seed is missing"):
        process.chances(json.dumps({}), 2, 5, "x")
    monkeypatch.setattr(process, "RISK", (sys.executable, "-c", "print('hello')"))
    with pytest.raises(process.Unsolved, match="The chances could not be read: The file is not JSON"):
        process.chances(full.to_json(), 2, 5, "x")
    monkeypatch.setattr(process, "RISK", (sys.executable, "-c", "import time; time.sleep(60)"))
    with pytest.raises(process.Unsolved, match="There was no result"):
        process.chances(full.to_json(), 2, 5, "x", timedelta(seconds=0.2))
