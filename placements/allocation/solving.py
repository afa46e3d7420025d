"""The worker's part: claim what is queued, have it solved in a process of its own, check the proof, store the result.

What a worker that died had claimed is claimed again when its lease has run out.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import or_, select, update

from placements.allocation.models import Attempt, Question
from placements.allocation.workflow import ATTEMPT, AttemptState
from placements.db import begin_to_write, db
from placements.solver.possible import Impossible
from placements.solver.process import TIME_LIMIT, Unsolved, solved

log = logging.getLogger(__name__)

LEASE = TIME_LIMIT + timedelta(minutes=1)
PROBLEM_LENGTH, PROGRESS_LENGTH = 500, 200


def solve_next(machine_now: datetime, now: datetime, kinds: Sequence[type[Question]] = (Attempt,)) -> bool:
    """Solve what has waited longest of the first of these kinds that waits. Returns whether there was anything.

    `machine_now` is what leases go by, `now` is story time. Two short transactions of its own.
    """
    for kind in kinds:
        claimed = _claim(machine_now, kind)
        if claimed is None:
            continue
        key, inputs, rule, has_reasons = claimed
        try:
            done = solved(inputs, rule, told=partial(_tell, key, machine_now, kind), has_reasons=has_reasons)
            _store(key, machine_now, now, kind, result=done.result, reasons=done.reasons)
        except (Unsolved, Impossible) as problem:
            log.warning("%s %s was not solved: %s", kind.__name__, key, problem)
            _store(key, machine_now, now, kind, problem=str(problem))
        return True
    return False


def _claim(machine_now: datetime, kind: type[Question] = Attempt) -> tuple[int, str, str, bool] | None:
    """Take one that waits, or whose lease has run out: its key, inputs and rule, and whether it comes with reasons."""
    begin_to_write()
    is_free = or_(
        kind.state == AttemptState.QUEUED,
        (kind.state == AttemptState.SOLVING) & (kind.leased_until < machine_now),
    )
    question = db.session.scalar(
        select(kind).where(is_free).order_by(kind.id).limit(1).with_for_update(skip_locked=True)
    )
    claimed = None
    if question is not None:
        ATTEMPT.move(question, "claim")
        question.leased_until = machine_now + LEASE
        claimed = question.id, question.instance, question.rule, question.has_reasons
    db.session.commit()
    return claimed


def _tell(key: int, machine_now: datetime, kind: type[Question], progress: str) -> None:
    """Keep what the solver last said of itself, for the page that waits for it."""
    begin_to_write()
    is_ours = (kind.id == key) & (kind.leased_until == machine_now + LEASE)
    db.session.execute(update(kind).where(is_ours).values(progress=progress[:PROGRESS_LENGTH]))
    db.session.commit()


def _store(
    key: int,
    machine_now: datetime,
    now: datetime,
    kind: type[Question] = Attempt,
    *,
    result: str | None = None,
    reasons: str | None = None,
    problem: str | None = None,
) -> None:
    """Keep what came out, unless another worker has taken it over meanwhile."""
    begin_to_write()
    question = db.session.get_one(kind, key, with_for_update=True)
    if question.state is AttemptState.SOLVING and question.leased_until == machine_now + LEASE:
        ATTEMPT.move(question, "finish" if problem is None else "fail")
        question.result, question.reasons, question.problem = result, reasons, problem and problem[:PROBLEM_LENGTH]
        question.finished_at, question.leased_until, question.progress = now, None, None
    db.session.commit()
