"""Instances and results as JSON: the same text for the same content, and a clear sentence for what is wrong."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest

from placements.solver.instance import Challenge, Instance, Option, Organisation, Pair, Student
from placements.solver.reasons import Reasons
from placements.solver.result import Result
from placements.solver.solve import solve
from tests.solver.brute import random_instance

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]

GOOD = {
    "seed": "2026-10-20",
    "students": [
        {"key": "ben", "level": 5, "options": [{"challenge": "food", "rank": 2}]},
        {"key": "ana", "level": 6, "options": [{"challenge": "park", "rank": 1}, {"challenge": "food", "rank": 3}]},
    ],
    "challenges": [
        {"id": "park", "organisation": "green", "levels": [6], "minimum": 1, "maximum": 2},
        {"id": "food", "organisation": "table", "levels": [6, 5], "maximum": 3},
    ],
    "organisations": [{"id": "table", "ceiling": 2}, {"id": "green"}],
    "locks": [{"student": "ana", "challenge": "park"}],
    "forbids": [{"student": "ben", "challenge": "park"}],
}
CANONICAL = (
    '{"challenges":[{"id":"food","levels":[5,6],"maximum":3,"organisation":"table"},'
    '{"id":"park","levels":[6],"maximum":2,"minimum":1,"organisation":"green"}],'
    '"forbids":[{"challenge":"park","student":"ben"}],"locks":[{"challenge":"park","student":"ana"}],'
    '"organisations":[{"id":"green"},{"ceiling":2,"id":"table"}],"seed":"2026-10-20",'
    '"students":[{"key":"ana","level":6,"options":[{"challenge":"park","rank":1},{"challenge":"food","rank":3}]},'
    '{"key":"ben","level":5,"options":[{"challenge":"food","rank":2}]}]}'
)


def changed(path, value):
    """GOOD with one thing put in, or taken out where the value is KeyError."""
    data = copy.deepcopy(GOOD)
    *way, last = path
    inner = data
    for step in way:
        inner = inner[step]
    if value is KeyError:
        del inner[last]
    else:
        inner[last] = value
    return json.dumps(data)


def test_an_instance_reads_as_what_it_says():
    assert Instance.from_json(json.dumps(GOOD)) == Instance(
        "2026-10-20",
        (Student("ana", 6, (Option("park", 1), Option("food", 3))), Student("ben", 5, (Option("food", 2),))),
        (Challenge("park", "green", (6,), 2, minimum=1), Challenge("food", "table", (5, 6), 3)),
        (Organisation("green"), Organisation("table", 2)),
        (Pair("ana", "park"),),
        (Pair("ben", "park"),),
    )


def test_the_canonical_text_is_known_to_the_byte():
    instance = Instance.from_json(json.dumps(GOOD))
    assert instance.to_json() == CANONICAL
    assert instance.sha256() == "d9269668925e4d0b7acb6916b297792331bed397e0958e016176b9f5fe2e7332"  # by sha256sum


def test_a_byte_order_mark_is_no_hindrance():
    assert Instance.from_json(b"\xef\xbb\xbf" + CANONICAL.encode()).to_json() == CANONICAL


@pytest.mark.parametrize("number", range(30))
def test_there_and_back_again(number):
    instance = random_instance(number)
    result = solve(instance)
    assert Instance.from_json(instance.to_json()) == instance
    assert Result.from_json(result.to_json()) == result


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (["seed"], KeyError, "seed is missing."),
        (["seed"], "", "seed must be 1 to 100 visible ASCII characters without spaces, not ''."),
        (["seed"], 7, "seed must be text, not 7."),
        (["speed"], 7, "there is no field called 'speed'."),
        (["students"], None, "students must be a list, not None."),
        (["students", 1], "ana", "students row 2: it must be an object, not 'ana'."),
        (["students", 1, "key"], "ben", "students row 2: 'ben' stands already in row 1."),
        (
            ["students", 1, "key"],
            "a\x00b",
            r"students row 2: key must be 1 to 100 visible ASCII characters without spaces, not 'a\x00b'.",
        ),
        (
            ["students", 1, "key"],
            "\ud800",
            r"students row 2: key must be 1 to 100 visible ASCII characters without spaces, not '\ud800'.",
        ),
        (["students", 1, "level"], KeyError, "students row 2: level is missing."),
        (["students", 1, "level"], "six", "students row 2: level must be a whole number, not 'six'."),
        (["students", 1, "level"], 6.0, "students row 2: level must be a whole number, not 6.0."),
        (["students", 1, "level"], True, "students row 2: level must be a whole number, not True."),
        (["students", 1, "level"], 100, "students row 2: level must be a whole number from 0 to 99, not 100."),
        (["students", 1, "level"], 10**30, "The number 10000000000000000000… is too large."),
        (
            ["students", 1, "options", 1, "rank"],
            0,
            "students row 2: rank must be a whole number from 1 to 99, not 0.",
        ),
        (
            ["students", 1, "options", 1, "rank"],
            1,
            "students row 2: options must be in order of rank, but 1 follows 1.",
        ),
        (
            ["students", 1, "options", 1, "rank"],
            None,
            "students row 2: options row 2: rank must be a whole number, not None.",
        ),
        (
            ["students", 1, "options", 1, "challenge"],
            "park",
            "students row 2: options row 2: 'park' stands already in row 1.",
        ),
        (["students", 1, "options", 1, "challenge"], "moon", "students row 2: no challenge is called 'moon'."),
        (
            ["students", 0, "options", 0, "challenge"],
            "park",
            "students row 1: the student is at level 5, and challenge park is not for that level.",
        ),
        (["challenges", 1, "id"], "park", "challenges row 2: 'park' stands already in row 1."),
        (["challenges", 1, "organisation"], "moon", "challenges row 2: no organisation is called 'moon'."),
        (["challenges", 1, "levels"], 6, "challenges row 2: levels must be a list, not 6."),
        (["challenges", 1, "levels", 0], "6", "challenges row 2: levels row 1: it must be a whole number, not '6'."),
        (
            ["challenges", 1, "maximum"],
            -1,
            "challenges row 2: maximum must be a whole number from 0 to 1000000, not -1.",
        ),
        (["challenges", 0, "minimum"], 3, "challenges row 1: minimum must be a whole number from 0 to 2, not 3."),
        (["organisations", 1, "id"], "table", "organisations row 2: 'table' stands already in row 1."),
        (
            ["organisations", 0, "ceiling"],
            -1,
            "organisations row 1: ceiling must be a whole number from 0 to 1000000, not -1.",
        ),
        (["locks", 0, "student"], "zoe", "locks row 1: no student is called 'zoe'."),
        (["locks", 0, "challenge"], "moon", "locks row 1: no challenge is called 'moon'."),
        (
            ["locks", 0, "student"],
            "ben",
            "locks row 1: the student is at level 5, and challenge park is not for that level.",
        ),
        (
            ["locks"],
            [GOOD["locks"][0], {"student": "ana", "challenge": "food"}],
            "locks row 2: 'ana' stands already in row 1.",
        ),
        (["forbids"], [GOOD["forbids"][0]] * 2, "forbids row 2: 'ben with park' stands already in row 1."),
        (["forbids", 0, "challenge"], "moon", "forbids row 1: no challenge is called 'moon'."),
    ],
)
def test_bad_input_is_answered_with_the_field_and_the_row(path, value, sentence):
    with pytest.raises(ValueError) as error:
        Instance.from_json(changed(path, value))
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is not JSON: line 1, column 1: Expecting value."),
        ('{"seed": ', "The file is not JSON: line 1, column 10: Expecting value."),
        ("[]", "The file must be an object, not []."),
        ("[" * 100_000, "The file is not usable: its lists are nested too deeply."),
        (b"\xff\xfe", "The file is not UTF-8 text."),
        ('{"seed": "a", "seed": "b"}', "The field 'seed' stands twice in one place."),
        ('{"seed": NaN}', "students is missing."),
        ("9" * 5000, "The number 99999999999999999999… is too large."),
    ],
)
def test_what_is_not_an_instance_at_all(text, sentence):
    with pytest.raises(ValueError) as error:
        Instance.from_json(text)
    assert str(error.value) == sentence


def test_locks_that_cannot_all_hold_are_an_instance_and_have_no_result():
    students = tuple(Student(f"s{number}", 6, ()) for number in range(5))
    challenges = (Challenge("park", "green", (6,), 1), Challenge("shed", "green", (6,), 9))
    homes = [("s0", "park"), ("s1", "park"), ("s2", "shed"), ("s3", "shed")]
    instance = Instance(
        *("seed", students, challenges, (Organisation("green", 3),)), tuple(Pair(*home) for home in homes)
    )
    assert Instance.from_json(instance.to_json()) == instance
    done = run(instance.to_json())
    assert done.returncode == 3
    *progress, problem = done.stderr.splitlines()
    assert progress == ["… Setting it up"]
    assert problem == "Challenge park: more students are locked than can be taken, 2 and at most 1."
    assert json.loads(done.stdout) == [{"kind": "unlock", "about": "park", "student": "s0", "number": 0}]


def run(text, *also):
    command = [sys.executable, "-m", "placements.solver", "generous-3", "60", *also]
    return subprocess.run(command, check=False, input=text, capture_output=True, text=True, cwd=ROOT, timeout=60)


def test_the_command_answers_on_standard_output():
    done = run(json.dumps(GOOD))
    assert done.returncode == 0
    assert done.stderr.splitlines() == ["… Setting it up", "… Finding the best placing, and its proof"]
    (result,) = done.stdout.splitlines()
    assert Result.from_json(result).placing == {"ana": "park", "ben": "food"}


def test_asked_why_the_command_adds_the_reasons():
    done = run(json.dumps(GOOD), "why")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "… Setting it up",
        "… Finding the best placing, and its proof",
        "… Writing down why",
    ]
    result, reasons = done.stdout.splitlines()
    assert Result.from_json(result).placing == {"ana": "park", "ben": "food"}
    assert Reasons.from_json(reasons).students == {"ana": (), "ben": ()}


def test_the_command_refuses_bad_input_in_one_sentence():
    done = run(changed(["students", 1, "level"], "six"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "students row 2: level must be a whole number, not 'six'.\n"
