"""The worker's part: one attempt at a time, in a process of its own, its proof checked before anything is kept."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy.orm import undefer

from placements.allocation import solving
from placements.allocation.models import Attempt
from placements.allocation.workflow import AttemptState
from placements.db import db
from placements.solver import process
from placements.solver.changes import Change, Kind
from placements.solver.explaining import explained
from placements.solver.instance import Instance, Organisation, Pair
from placements.solver.possible import Impossible, needed
from placements.solver.proof import verify
from placements.solver.reasons import Reasons
from placements.solver.result import Result
from tests import factories as make
from tests.databases import Copy
from tests.factories import NOW
from tests.solver.brute import best, random_instance

SECOND = timedelta(seconds=1)


def queued(number: int = 1) -> int:
    """The key of a queued attempt at a small instance; committed."""
    instance = random_instance(number)
    attempt = Attempt(
        round=make.allocation_round(),
        rule="least-total-rank",
        instance=instance.to_json(),
        instance_sha256=instance.sha256(),
        created_at=NOW,
    )
    db.session.add(attempt)
    db.session.commit()
    return attempt.id


def found(key: int) -> Attempt:
    db.session.rollback()
    return db.session.get_one(Attempt, key, options=[undefer(Attempt.result)], populate_existing=True)


def answers(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Let this program stand for the solver."""
    monkeypatch.setattr(process, "COMMAND", (sys.executable, "-c", program))


def test_nothing_waits(session: Any) -> None:
    assert solving.solve_next(NOW, NOW) is False


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_attempt_is_solved_and_its_proof_holds(session: Any, number: int) -> None:
    key = queued(number)
    assert solving.solve_next(NOW, NOW + SECOND) is True
    attempt = found(key)
    assert (attempt.state, attempt.finished_at, attempt.leased_until) == (AttemptState.SOLVED, NOW + SECOND, None)
    result = Result.from_json(attempt.result or "")
    assert verify(Instance.from_json(attempt.instance), result) == []
    assert dict(result.placing) == best(random_instance(number), "least-total-rank")


def test_the_oldest_comes_first_and_each_is_solved_once(session: Any) -> None:
    first, second = queued(), queued()
    solving.solve_next(NOW, NOW)
    assert [found(key).state for key in (first, second)] == [AttemptState.SOLVED, AttemptState.QUEUED]
    solving.solve_next(NOW, NOW)
    assert found(second).state is AttemptState.SOLVED
    assert solving.solve_next(NOW, NOW) is False


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        ("import sys; sys.exit(1)", "The solver stopped without a result. Try again, or ask for help."),
        ("import os; os.kill(os.getpid(), 9)", "The solver stopped without a result. Try again, or ask for help."),
        ("import sys; sys.stderr.write('The file is not JSON.\\n'); sys.exit(2)", "The file is not JSON."),
        (
            "print('hello')",
            "The result did not pass its check: The file is not JSON: line 1, column 1: Expecting value.",
        ),
        ("print('{}')", "The result did not pass its check: rule is missing."),
        ("import sys; sys.stdout.buffer.write(b'\\xff')", "The result did not pass its check: "),
    ],
)
def test_what_goes_wrong_is_said_and_nothing_kept(
    session: Any, monkeypatch: pytest.MonkeyPatch, program: str, problem: str
) -> None:
    answers(monkeypatch, program)
    key = queued()
    assert solving.solve_next(NOW, NOW) is True
    attempt = found(key)
    assert (attempt.state, attempt.result) == (AttemptState.FAILED, None)
    assert (attempt.problem or "").startswith(problem)


def test_a_true_result_of_another_instance_is_not_kept(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    other = process.solved(random_instance(7).to_json(), "least-total-rank")
    answers(monkeypatch, f"print({other.result!r}, {other.reasons!r}, sep='\\n')")
    key = queued(8)
    solving.solve_next(NOW, NOW)
    assert (found(key).problem or "").startswith("The result did not pass its check: The result belongs to another")


def test_the_reasons_come_with_the_result_and_are_of_the_same_instance(
    session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = random_instance(7).to_json()
    mine, other = (process.solved(each, "greedy") for each in (inputs, random_instance(8).to_json()))
    instance, result = Instance.from_json(inputs), Result.from_json(mine.result)
    assert Reasons.from_json(mine.reasons) == explained(instance, result)
    answers(monkeypatch, f"print({mine.result!r}, {other.reasons!r}, sep='\\n')")
    with pytest.raises(process.Unsolved, match="Its reasons belong to another instance"):
        process.solved(inputs, "greedy")
    answers(monkeypatch, f"print({mine.result!r})")
    with pytest.raises(process.Unsolved, match="The file is not JSON"):
        process.solved(inputs, "greedy")


def test_locks_that_cannot_all_hold_come_back_with_the_changes_that_would_help(session: Any) -> None:
    instance = random_instance(7)
    challenge = replace(instance.challenges[0], levels=(5, 6), maximum=0, minimum=0)
    locks = (Pair(instance.students[0].key, challenge.id),)
    instance = replace(instance, challenges=(challenge, *instance.challenges[1:]), locks=locks, forbids=())
    instance = replace(instance, organisations=tuple(Organisation(each.id) for each in instance.organisations))
    with pytest.raises(Impossible) as refused:
        process.solved(instance.to_json(), "greedy")
    assert refused.value.changes == needed(instance) == (Change(Kind.PLACES, challenge.id, number=1),)
    key = queued(7)
    found(key).instance = instance.to_json()
    db.session.commit()
    solving.solve_next(NOW, NOW)
    assert (found(key).state, found(key).problem) == (AttemptState.FAILED, str(refused.value))


def test_no_result_in_time_is_a_sentence(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "import time; time.sleep(60)")
    with pytest.raises(process.Unsolved, match="There was no result after 0 minutes"):
        process.solved("{}", "greedy", timedelta(seconds=0.2))


def test_an_attempt_whose_worker_died_is_taken_over_when_its_lease_has_run_out(session: Any) -> None:
    key = queued()
    solving._claim(NOW)
    assert solving.solve_next(NOW + solving.LEASE, NOW) is False
    assert solving.solve_next(NOW + solving.LEASE + SECOND, NOW) is True
    assert found(key).state is AttemptState.SOLVED


def test_a_worker_that_comes_back_late_overwrites_nothing(session: Any) -> None:
    key = queued()
    solving._claim(NOW)
    solving._claim(NOW + solving.LEASE + SECOND)
    solving._store(key, NOW, NOW, problem="Late.")
    assert (found(key).state, found(key).problem) == (AttemptState.SOLVING, None)


@pytest.mark.pure
def test_the_application_never_imports_the_solver() -> None:
    program = (
        "import sys, placements.worker, placements.commands; print('ortools' in sys.modules, 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_two_workers_never_solve_the_same_attempt(fresh_database: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "import sys; sys.exit(1)")
    with fresh_database.app.app_context():
        queued()
    ready = Barrier(2)

    def work(_: int) -> bool:
        with fresh_database.app.app_context():
            ready.wait(timeout=20)
            return solving.solve_next(NOW, NOW)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, range(2))) == [False, True]
