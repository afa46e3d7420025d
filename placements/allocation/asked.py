"""What has been asked of an attempt: its trials, each with what it changes."""

import json
from collections.abc import Sequence

from sqlalchemy import select

from placements.allocation.models import Attempt
from placements.allocation.results import by_public_id
from placements.db import db
from placements.rounds.adjustments import Wanted, named
from placements.rounds.entrants import students_of
from placements.rounds.inputs import round_key
from placements.rounds.models import Round
from placements.solver.changes import Change, Kind

MOST_ASKED = 20


def asked_of(base: Attempt) -> list[tuple[Attempt, str]]:
    """The trials of an attempt, the latest first, each with what it changes in words. Three queries at most."""
    asked = select(Attempt).where(Attempt.round_id == base.round_id, Attempt.base_id == base.id)
    trials = db.session.scalars(asked.order_by(Attempt.id.desc()).limit(MOST_ASKED)).all()
    wanted = _wanted(base.round, trials) if trials else []
    return [(trial, "; ".join(each.words for each in some)) for trial, some in zip(trials, wanted, strict=True)]


def wanted_by(trial: Attempt) -> list[Wanted]:
    """What the trial changes, with the things that it names. Two queries."""
    return _wanted(trial.round, [trial])[0]


def _wanted(round: Round, trials: Sequence[Attempt]) -> list[list[Wanted]]:
    changes = [_changes_of(trial) for trial in trials]
    students = {round_key(round, each): each for each in students_of(round)}
    about = by_public_id({each.about for some in changes for each in some})
    return [[named(each, students, about) for each in some] for some in changes]


def _changes_of(trial: Attempt) -> list[Change]:
    rows = json.loads(trial.changes or "[]")
    return [Change(Kind(row["kind"]), row["about"], row["student"], row["number"]) for row in rows]
