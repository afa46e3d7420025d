"""What takes long, in a process of its own with a time limit; a result is checked before anybody sees it."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from tempfile import TemporaryFile
from threading import Timer
from time import monotonic

from placements.solver.chances import Chances
from placements.solver.changes import Change, Kind
from placements.solver.instance import Instance
from placements.solver.possible import Impossible
from placements.solver.proof import verify
from placements.solver.reasons import Reasons
from placements.solver.result import Result

log = logging.getLogger(__name__)

Told = Callable[[str], None]
TIME_LIMIT = timedelta(minutes=2)
PROGRESS = "… "  # how the solver's process begins a line that says how far it is
COMMAND = (sys.executable, "-m", "placements.solver")
RISK = (sys.executable, "-m", "placements.solver.risk")


class Unsolved(Exception):
    """Why there is no result, in a sentence for the module leader."""


@dataclass(frozen=True)
class Solved:
    """The canonical texts of a checked result, and of the reasons for it where they were asked for."""

    result: str
    reasons: str | None


def solved(
    inputs: str, rule: str, time_limit: timedelta = TIME_LIMIT, told: Told | None = None, *, has_reasons: bool = True
) -> Solved:
    """What a process of its own makes of the inputs by that rule, its result checked; reasons take their time.

    Half of the time is for the search for the best; `told` hears, once a second at most, how far it is.
    Raises Unsolved, and Impossible where not all locks can hold.
    """
    seconds = str(time_limit.total_seconds() / 2)
    command = (*COMMAND, rule, seconds, *(["why"] if has_reasons else []))
    return _checked(inputs, rule, _answer(command, inputs, time_limit, told), has_reasons)


def chances(inputs: str, cohort: int, samples: int, seed: str, time_limit: timedelta = TIME_LIMIT) -> Chances:
    """How often those who have ranked would be left without a place, worked out in a process of its own (`risk`).

    Raises Unsolved.
    """
    answer = _answer((*RISK, str(cohort), str(samples), seed), inputs, time_limit)
    try:
        return Chances.from_json(answer)
    except ValueError as error:
        raise Unsolved(f"The chances could not be read: {error}") from error


def _answer(command: Sequence[str], inputs: str, time_limit: timedelta, told: Told | None = None) -> bytes:
    """What the command writes when it is given the inputs. Raises Unsolved and Impossible."""
    late: list[bool] = []
    with TemporaryFile() as given, TemporaryFile() as answer:
        given.write(inputs.encode())
        given.seek(0)
        with subprocess.Popen(command, stdin=given, stdout=answer, stderr=subprocess.PIPE) as process:  # noqa: S603 - ours

            def stop() -> None:
                late.append(True)
                process.kill()

            timer = Timer(time_limit.total_seconds(), stop)
            timer.start()
            try:
                said = _heard(process.stderr or (), told or (lambda _: None))
            finally:
                timer.cancel()
        answer.seek(0)
        written = answer.read()
    if late:
        minutes = round(time_limit.total_seconds() / 60)
        raise Unsolved(f"There was no result after {minutes} minutes. Try again, or ask for help.")
    if process.returncode == 3:
        changes = json.loads(written)
        raise Impossible(said, [Change(**(each | {"kind": Kind(each["kind"])})) for each in changes])
    if process.returncode != 0:
        log.error("the solver ended with %s: %s", process.returncode, said[-2000:])
        is_about_inputs = process.returncode == 2 and said
        raise Unsolved(said if is_about_inputs else "The solver stopped without a result. Try again, or ask for help.")
    return written


def _heard(lines: Iterable[bytes], told: Told) -> str:
    """Pass progress on; returns everything else that was said."""
    said, last = [], -inf
    for line in lines:
        text = line.decode(errors="replace").strip()
        if not text.startswith(PROGRESS):
            said.append(text)
        elif monotonic() - last >= 1:
            last = monotonic()
            told(text.removeprefix(PROGRESS))
    return "\n".join(said).strip()


def _checked(inputs: str, rule: str, answer: bytes, has_reasons: bool) -> Solved:
    try:
        text, _, reasons = answer.decode().strip().partition("\n")
        result = Result.from_json(text)
        wrong = verify(Instance.from_json(inputs), result)
        if result.rule != rule:
            wrong.append(f"It is by the rule {result.rule!a}.")
        if has_reasons and not wrong and Reasons.from_json(reasons).instance_sha256 != result.instance_sha256:
            wrong.append("Its reasons belong to another instance.")
    except ValueError as error:
        wrong = [str(error)]
    if wrong:
        raise Unsolved(f"The result did not pass its check: {wrong[0]}")
    return Solved(text, reasons if has_reasons else None)
