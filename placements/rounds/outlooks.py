"""The worker's part while students choose: on samples, how often each of those who have ranked goes without a place.

One question for all runs of an academic year, which share their challenges. Nothing of it names anybody.
"""

import hashlib
import logging
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from placements.applications.models import LessChosen, Outlook
from placements.challenges.models import Challenge
from placements.cohorts.models import ModuleRun
from placements.cohorts.workflow import RunState
from placements.db import begin_to_write, db, insert_new
from placements.rounds.entrants import DID_NOT_APPLY, Entrant, Field, field_of
from placements.rounds.inputs import instance_of, problems, round_key
from placements.rounds.models import Round
from placements.solver.chances import Chances
from placements.solver.possible import Impossible
from placements.solver.process import Unsolved, chances

log = logging.getLogger(__name__)

SAMPLES = 100
FEWEST = 10  # students who have ranked: never worked out for fewer


@dataclass(frozen=True)
class Question:
    """What is asked of one year: the inputs, how many students will rank in all, and whom the answers are for."""

    inputs: str
    cohort: int
    enrolments: Mapping[int, str]  # to their keys
    challenges: Collection[int]

    @property
    def fingerprint(self) -> str:
        """The same for the same question."""
        return hashlib.sha256(f"{self.cohort}\n{self.inputs}".encode()).hexdigest()


def work_out(now: datetime) -> int:
    """Work out anew how students' choices look, of each year where something has changed. Returns how many years.

    For the worker: the answer takes its time, so it is asked for between transactions. What has not changed counts as
    new. A question without an answer is left until the next time.
    """
    years, asked = _years_choosing(now), 0
    for year in years:
        question = _question(year, now)
        if question is None:
            continue
        begin_to_write()
        same = update(Outlook).where(Outlook.inputs == question.fingerprint).values(worked_out_at=now)
        if not db.session.execute(same).rowcount:  # type: ignore[attr-defined]
            db.session.commit()
            asked += _ask(question, now)
        db.session.commit()
    return asked


def _ask(question: Question, now: datetime) -> bool:
    try:
        answer = chances(question.inputs, question.cohort, SAMPLES, question.fingerprint[:16])
    except (Unsolved, Impossible) as problem:
        log.warning("how choices look was not worked out: %s", problem)
        return False
    _keep(question, answer, now)
    return True


def _years_choosing(now: datetime) -> list[str]:
    open_now = (ModuleRun.ranking_opens_at <= now) & (ModuleRun.ranking_closes_at > now)
    rows = select(ModuleRun.academic_year).where(open_now, ModuleRun.state == RunState.OPEN).distinct()
    return list(db.session.scalars(rows.order_by(ModuleRun.academic_year)))


def _question(year: str, now: datetime) -> Question | None:
    """What to ask of the year; None where too few have ranked yet, or nothing could be answered."""
    begun = select(ModuleRun).where(ModuleRun.academic_year == year, ModuleRun.state == RunState.OPEN)
    runs = db.session.scalars(begun.where(ModuleRun.ranking_opens_at <= now)).all()
    trial = Round(public_id=f"outlook {year}", seed=f"outlook-{year}", academic_year=year, runs=list(runs))
    field = field_of(trial, now)
    ranked = [entrant for entrant in field.entrants if entrant.preferences]
    theirs = _of_runs_half_done(ranked, field)
    if len(ranked) < FEWEST or not theirs or problems(field):
        return None
    missing = sum(outsider.why == DID_NOT_APPLY for outsider in field.outsiders)
    return Question(
        inputs=instance_of(trial, field).to_json(),
        cohort=len(field.entrants) + missing,
        enrolments={each.enrolment.id: round_key(trial, each.enrolment) for each in theirs},
        challenges=[challenge.id for challenge in field.challenges],
    )


def _of_runs_half_done(ranked: list[Entrant], field: Field) -> list[Entrant]:
    """Of those who have ranked, those in whose run at least half of those who need a place have."""
    done = Counter(entrant.enrolment.run_id for entrant in ranked)
    needing = Counter(entrant.enrolment.run_id for entrant in field.entrants)
    needing.update(each.enrolment.run_id for each in field.outsiders if each.why == DID_NOT_APPLY)
    return [each for each in ranked if 2 * done[each.enrolment.run_id] >= needing[each.enrolment.run_id]]


def _keep(question: Question, found: Chances, now: datetime) -> None:
    """Replace what was known of these students, and which of the year's challenges are less chosen."""
    begin_to_write()
    db.session.execute(delete(Outlook).where(Outlook.enrolment_id.in_(question.enrolments)))
    common = {"samples": SAMPLES, "inputs": question.fingerprint, "worked_out_at": now}
    insert_new(
        Outlook,
        [
            {"enrolment_id": enrolment_id, "unplaced": found.unplaced[key], **common}
            for enrolment_id, key in question.enrolments.items()
        ],
    )
    db.session.execute(delete(LessChosen).where(LessChosen.challenge_id.in_(question.challenges)))
    keys = select(Challenge.id, Challenge.public_id).where(Challenge.id.in_(question.challenges))
    free = [(key, found.free.get(public_id, 0)) for key, public_id in db.session.execute(keys)]
    insert_new(LessChosen, [{"challenge_id": key, "free": times} for key, times in free if 2 * times > SAMPLES])
