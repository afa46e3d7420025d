"""Asking what a change would cost, and making it so: a trial is an attempt with that change, solved like any other."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select

from placements.allocation.actions import WAITING, run
from placements.allocation.asked import wanted_by
from placements.allocation.models import Attempt
from placements.allocation.results import frozen_inputs
from placements.allocation.workflow import AttemptState
from placements.changes.actions import adjust
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.rounds.workflow import ROUND
from placements.solver import possible
from placements.solver.changes import Change, changed

CANNOT = "That cannot be: other locks of this round stand against it, or there is no room for them all."


def ask(base: Attempt, changes: Sequence[Change], *, actor: Principal, now: datetime) -> Attempt:
    """Queue what these changes would make of that attempt, by its rule. The same question asked twice is one trial.

    Nothing of the round changes. Raises Refused where the attempt has no result or is a trial itself, where the change
    leaves no answer, and while another question of the round waits.
    """
    hold_row(base.round, "state")
    ROUND.move(base.round, "run")
    if base.state is not AttemptState.SOLVED or base.base_id is not None:
        raise Refused("Ask this of an attempt that has a result.")
    text = json.dumps([asdict(change) for change in changes], sort_keys=True)
    asked = select(Attempt).where(Attempt.round_id == base.round_id, Attempt.base_id.is_not(None))
    same = asked.where(Attempt.base_id == base.id, Attempt.changes == text, Attempt.state != AttemptState.FAILED)
    trial = db.session.scalar(same.limit(1))
    if trial is not None:
        return trial
    if db.session.scalar(asked.where(Attempt.state.in_(WAITING)).limit(1)) is not None:
        raise Refused("Another question about this round is being worked out. Ask this one when it is answered.")
    try:
        instance = changed(frozen_inputs(base), changes)
    except ValueError as problem:
        raise Refused(CANNOT) from problem
    if possible.needed(instance):
        raise Refused(CANNOT)
    trial = Attempt(
        round=base.round,
        rule=base.rule,
        instance=instance.to_json(),
        instance_sha256=instance.sha256(),
        base=base,
        changes=text,
        created_at=now,
    )
    db.session.add(trial)
    record("asked", trial, actor=actor, now=now)
    return trial


def adopt(trial: Attempt, reason: str, *, actor: Principal, now: datetime) -> Attempt:
    """Make the trial's change so, and run the round again. Returns the new attempt by the usual rule.

    Raises Refused where `adjust` or `run` does, and while the round is being worked out: that run would not know of it.
    """
    hold_row(trial.round, "state")
    waiting = select(Attempt.id).where(Attempt.round_id == trial.round_id, Attempt.state.in_(WAITING))
    if db.session.scalar(waiting.limit(1)) is not None:
        raise Refused("The allocation is being worked out. Do this again when it is done.")
    adjust(trial.round, wanted_by(trial), reason, actor=actor, now=now)
    return run(trial.round, actor=actor, now=now)
