"""The worker's part: claim a queued attempt, have it solved in a process of its own, check the proof, store the result.

An attempt whose worker died is claimed again when its lease has run out.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from placements.allocation.models import Attempt
from placements.allocation.workflow import ATTEMPT, AttemptState
from placements.db import begin_to_write, db
from placements.solver.possible import Impossible
from placements.solver.process import TIME_LIMIT, Unsolved, solved

log = logging.getLogger(__name__)

LEASE = TIME_LIMIT + timedelta(minutes=1)
PROBLEM_LENGTH = 500


def solve_next(machine_now: datetime, now: datetime) -> bool:
    """Solve the attempt that has waited longest. Returns whether there was one; two short transactions of its own.

    `machine_now` is what leases go by, `now` is story time.
    """
    claimed = _claim(machine_now)
    if claimed is None:
        return False
    attempt_id, inputs, rule = claimed
    try:
        done = solved(inputs, rule)
        _store(attempt_id, machine_now, now, result=done.result, reasons=done.reasons)
    except (Unsolved, Impossible) as problem:
        log.warning("attempt %s was not solved: %s", attempt_id, problem)
        _store(attempt_id, machine_now, now, problem=str(problem))
    return True


def _claim(machine_now: datetime) -> tuple[int, str, str] | None:
    """Take an attempt that waits, or whose lease has run out. Returns its key, inputs and rule."""
    begin_to_write()
    is_free = or_(
        Attempt.state == AttemptState.QUEUED,
        (Attempt.state == AttemptState.SOLVING) & (Attempt.leased_until < machine_now),
    )
    attempt = db.session.scalar(
        select(Attempt).where(is_free).order_by(Attempt.id).limit(1).with_for_update(skip_locked=True)
    )
    claimed = None
    if attempt is not None:
        ATTEMPT.move(attempt, "claim")
        attempt.leased_until = machine_now + LEASE
        claimed = attempt.id, attempt.instance, attempt.rule
    db.session.commit()
    return claimed


def _store(
    attempt_id: int,
    machine_now: datetime,
    now: datetime,
    *,
    result: str | None = None,
    reasons: str | None = None,
    problem: str | None = None,
) -> None:
    """Keep what came out, unless another worker has taken the attempt over meanwhile."""
    begin_to_write()
    attempt = db.session.get_one(Attempt, attempt_id, with_for_update=True)
    if attempt.state is AttemptState.SOLVING and attempt.leased_until == machine_now + LEASE:
        ATTEMPT.move(attempt, "finish" if problem is None else "fail")
        attempt.result, attempt.reasons, attempt.problem = result, reasons, problem and problem[:PROBLEM_LENGTH]
        attempt.finished_at, attempt.leased_until = now, None
    db.session.commit()
