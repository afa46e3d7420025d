"""The proof accepts every right result and no other."""

import ast
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from placements.solver import evidence, proof
from placements.solver.instance import Challenge, Instance, Option, Organisation, Pair, Student, Tutor
from placements.solver.objective import RULES
from placements.solver.proof import verify
from placements.solver.result import Result
from placements.solver.solve import solve
from tests.solver.brute import best, every_placing, random_instance, retold, worth

pytestmark = pytest.mark.pure

INSTANCE = Instance(
    "2026-10-20",
    (
        Student("ana", 6, (Option("park", 1), Option("food", 2))),
        Student("ben", 6, (Option("park", 1), Option("food", 2))),
        Student("cal", 6, (Option("park", 1), Option("shed", 2), Option("food", 3))),
        Student("dee", 6, ()),
        Student("eli", 6, (Option("food", 1),)),
    ),
    (
        Challenge("park", "green", (6,), 1),
        Challenge("shed", "green", (6,), 2),
        Challenge("food", "table", (5, 6), 3),
        Challenge("bank", "table", (5,), 3),
    ),
    (Organisation("green", 2), Organisation("table")),
    locks=(Pair("eli", "food"),),
    forbids=(Pair("cal", "food"),),
)
# The lottery draws ben before ana (test_solver); ana at the park and ben at food would cost the same.
RESULT = Result(
    rule="least-total-rank",
    seed="2026-10-20",
    instance_sha256=INSTANCE.sha256(),
    placing={"ana": "food", "ben": "park", "cal": "shed", "dee": None, "eli": "food"},
    profile=(2, 2),
    unranked=0,
    totals=(1, 6, 4),
    bound=(1, 6, 4),
    challenge_prices={"park": (0, 1, 0)},
    organisation_prices={},
)


def placed(**changes):
    return {"placing": {**RESULT.placing, **changes}}


def test_a_result_worked_out_by_hand_is_accepted_and_is_the_solvers():
    assert verify(INSTANCE, RESULT) == []
    assert solve(INSTANCE, RESULT.rule).placing == RESULT.placing


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"rule": "generous"}, "The rule 'generous' is not one that can be checked here."),
        ({"rule": "generous-0"}, "The rule 'generous-0' is not one that can be checked here."),
        ({"rule": "generous-" + "9" * 5000}, f"The rule 'generous-{'9' * 5000}' is not one that can be checked here."),
        ({"rule": "greedy"}, "The list of totals is given as (1, 6, 4) and is (1, 2, 0, 4)."),
        ({"seed": "2026-10-21"}, "The result was drawn with another seed."),
        ({"instance_sha256": "0" * 64}, "The result belongs to another instance: the SHA-256 differs."),
        (placed(zoe="park"), "Student zoe is unknown."),
        ({"placing": {"ana": "food", "ben": "park", "cal": "shed", "eli": "food"}}, "Student dee is left out."),
        (placed(eli="shed"), "Student eli is locked to challenge food and not placed there."),
        (placed(eli=None), "Student eli is locked to challenge food and not placed there."),
        (placed(dee="shed"), "Student dee is placed at challenge shed, which is not an open choice of theirs."),
        (placed(cal="food"), "Student cal is placed at challenge food, which is not an open choice of theirs."),
        (placed(ana="moon"), "Student ana is placed at challenge moon, which is not an open choice of theirs."),
        (placed(ana="park"), "More students than there is room: challenge park can take 1, not 2."),
        ({"profile": (3, 1)}, "The profile is given as (3, 1) and is (2, 2)."),
        ({"unranked": 1}, "The number placed without a rank is given as 1 and is 0."),
        ({"totals": (0, 6, 4)}, "The list of totals is given as (0, 6, 4) and is (1, 6, 4)."),
        ({"bound": (0, 0, 0)}, "The bound is given as (0, 0, 0), and the prices prove (1, 6, 4)."),
        ({"challenge_prices": {"moon": (0, 1, 0)}}, "There is a price for challenge moon, which is unknown."),
        ({"organisation_prices": {"park": (0, 1, 0)}}, "There is a price for organisation park, which is unknown."),
        ({"organisation_prices": {"table": (0, 1, 0)}}, "There is a price for organisation table, which has no limit."),
        ({"tutor_price": (0, 1, 0)}, "There is a price for tutors together, which has no limit."),
        (
            {"challenge_prices": {"park": (0, -1, 0)}},
            "The bound is given as (1, 6, 4), and the prices prove (1, 1, 4).",
        ),
        ({"challenge_prices": {"park": (1,)}}, "The price of challenge park has not one number for each line."),
        ({"closed": ("shed",)}, "The parts of the proof do not hold every placing together."),
        ({"running": ("moon",)}, "Challenge moon is said to be closed or to run, and is unknown."),
        ({"challenge_prices": {}}, "The bound is given as (1, 6, 4), and the prices prove (1, 4, 4)."),
        ({"challenge_prices": {"park": (0, 3, 0)}}, "The bound is given as (1, 6, 4), and the prices prove (1, 4, 4)."),
        (
            placed(ana="park", ben="food"),
            "By the lottery student ben has a better place than challenge food: challenge park.",
        ),
        (
            placed(cal=None) | {"profile": (2, 1), "totals": (2, 4, 3), "bound": (2, 4, 3)},
            "The placing is not proven optimal: it costs (2, 4, 3), and the prices prove (1, 6, 4).",
        ),
    ],
)
def test_a_tampered_result_is_refused(changes, problem):
    assert problem in verify(INSTANCE, replace(RESULT, **changes))


def test_a_ceiling_is_checked_over_all_challenges():
    tight = replace(INSTANCE, organisations=(Organisation("green", 1), Organisation("table")))
    found = verify(tight, replace(RESULT, instance_sha256=tight.sha256()))
    assert found == ["More students than there is room: organisation green can take 1, not 2."]


def test_a_load_is_checked_over_all_tutors():
    busy = replace(INSTANCE, tutors=(Tutor("uma", 2), Tutor("vic", 1)))
    found = verify(busy, replace(RESULT, instance_sha256=busy.sha256()))
    assert found == ["More students than there is room: tutors together can take 3, not 4."]


def test_every_worse_placing_is_refused_though_its_figures_agree():
    refused = Counter()
    for number in range(240):
        rule = RULES[number % len(RULES)]
        instance = random_instance(number)
        result, right = solve(instance, rule), best(instance, rule)
        assert verify(instance, retold(instance, result, right)) == []
        others = [placing for placing in every_placing(instance) if placing != right]
        for placing in Random(number).sample(others, min(len(others), 20)):
            assert verify(instance, retold(instance, result, placing)) != [], (number, placing)
            same = worth(instance, placing, rule)[0] == worth(instance, right, rule)[0]
            refused["lottery" if same else "worse"] += 1
    assert refused["worse"] >= 1000, refused
    assert refused["lottery"] >= 15, refused


def test_the_proof_shares_no_code_with_the_solver():
    """It may know what an instance and a result are, and otherwise only the standard library."""
    used = set()
    for module in (proof, evidence):
        tree = ast.parse(Path(module.__file__).read_text("utf-8"))
        used |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        used |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    ours = {name for name in used if name.partition(".")[0] not in sys.stdlib_module_names}
    assert ours == {f"placements.solver.{name}" for name in ("evidence", "instance", "result")}
