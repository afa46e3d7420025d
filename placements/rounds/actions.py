"""Opening a round, and discarding it."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from placements.applications.answering import open_answers
from placements.cohorts.models import ModuleRun
from placements.core.clock import say_when
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.rounds.models import Round
from placements.rounds.queries import going_on
from placements.rounds.workflow import ROUND


def open_round(form_key: str, name: str, runs: Sequence[ModuleRun], *, actor: Principal, now: datetime) -> Round:
    """Open a round over runs of one year, and draw its seed. The same form sent twice opens one round.

    Raises Refused while choices are open in one of the runs, or where one is in a round that is not over.
    """
    known = db.session.scalar(select(Round).where(Round.form_key == form_key))
    if known is not None:
        return known
    if len({run.academic_year for run in runs}) != 1:
        raise Refused("Choose runs of one academic year: they share their challenges.", field="runs")
    for run in runs:
        if now < run.ranking_closes_at:
            raise Refused(f"Students of {run.title} choose until {say_when(run.ranking_closes_at)}.", field="runs")
    other = going_on(runs)
    if other is not None:
        raise Refused(f"The round “{other.name}” is not over yet. Publish or discard it first.", field="runs")
    opened = Round(
        form_key=form_key,
        name=name,
        academic_year=runs[0].academic_year,
        seed=secrets.token_hex(8),
        created_at=now,
        runs=list(runs),
    )
    db.session.add(opened)
    record("opened", opened, actor=actor, now=now)
    return opened


def discard(round: Round, reason: str, *, actor: Principal, now: datetime) -> None:
    """End the round without telling anybody anything; it stays to be read. Organisations can change their answers."""
    hold_row(round, "state")
    if ROUND.move(round, "discard"):
        open_answers([run.id for run in round.runs])
        record("discarded", round, actor=actor, now=now, reason=reason)
