"""What takes long, in a process of its own with a time limit; a result is checked before anybody sees it."""

import json
import logging
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from placements.solver.chances import Chances
from placements.solver.changes import Change, Kind
from placements.solver.instance import Instance
from placements.solver.possible import Impossible
from placements.solver.proof import verify
from placements.solver.reasons import Reasons
from placements.solver.result import Result

log = logging.getLogger(__name__)

TIME_LIMIT = timedelta(minutes=2)
COMMAND = (sys.executable, "-m", "placements.solver")
RISK = (sys.executable, "-m", "placements.solver.risk")


class Unsolved(Exception):
    """Why there is no result, in a sentence for the module leader."""


@dataclass(frozen=True)
class Solved:
    """The canonical texts of a checked result, and of the reasons for it."""

    result: str
    reasons: str


def solved(inputs: str, rule: str, time_limit: timedelta = TIME_LIMIT) -> Solved:
    """What a process of its own makes of the inputs by that rule, its result checked.

    Raises Unsolved, and Impossible where not all locks can hold.
    """
    return _checked(inputs, rule, _answer((*COMMAND, rule), inputs, time_limit))


def chances(inputs: str, cohort: int, samples: int, seed: str, time_limit: timedelta = TIME_LIMIT) -> Chances:
    """How often those who have ranked would be left without a place, worked out in a process of its own (`risk`).

    Raises Unsolved.
    """
    answer = _answer((*RISK, str(cohort), str(samples), seed), inputs, time_limit)
    try:
        return Chances.from_json(answer)
    except ValueError as error:
        raise Unsolved(f"The chances could not be read: {error}") from error


def _answer(command: Sequence[str], inputs: str, time_limit: timedelta) -> bytes:
    """What the command writes when it is given the inputs. Raises Unsolved and Impossible."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command, input=inputs.encode(), capture_output=True, timeout=time_limit.total_seconds(), check=False
        )
    except subprocess.TimeoutExpired as error:
        minutes = round(time_limit.total_seconds() / 60)
        raise Unsolved(f"There was no result after {minutes} minutes. Try again, or ask for help.") from error
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode == 3:
        changes = json.loads(done.stdout)
        raise Impossible(said, [Change(**(each | {"kind": Kind(each["kind"])})) for each in changes])
    if done.returncode != 0:
        log.error("the solver ended with %s: %s", done.returncode, said[-2000:])
        is_about_inputs = done.returncode == 2 and said
        raise Unsolved(said if is_about_inputs else "The solver stopped without a result. Try again, or ask for help.")
    return done.stdout


def _checked(inputs: str, rule: str, answer: bytes) -> Solved:
    try:
        text, _, reasons = answer.decode().strip().partition("\n")
        result = Result.from_json(text)
        wrong = verify(Instance.from_json(inputs), result)
        if result.rule != rule:
            wrong.append(f"It is by the rule {result.rule!a}.")
        if not wrong and Reasons.from_json(reasons).instance_sha256 != result.instance_sha256:
            wrong.append("Its reasons belong to another instance.")
    except ValueError as error:
        wrong = [str(error)]
    if wrong:
        raise Unsolved(f"The result did not pass its check: {wrong[0]}")
    return Solved(text, reasons)
