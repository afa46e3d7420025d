"""What a trial comes to, beside the attempt that it was asked of: line by line, and who would move."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from placements.allocation.adjustments import Wanted, named
from placements.allocation.inputs import round_key, students_of
from placements.allocation.models import Attempt
from placements.allocation.results import Outcome, by_public_id, lines_of, outcomes
from placements.cohorts.models import Enrolment
from placements.db import db
from placements.solver.changes import Change, Kind


@dataclass(frozen=True)
class Difference:
    """One line of the rule: how much of it there is now, and how much there would be."""

    what: str
    now: int
    then: int

    @property
    def more(self) -> int:
        """How much more there would be; below nought: less."""
        return self.then - self.now

    @property
    def words(self) -> str:
        """“2 more”, “1 less”, “as now”."""
        return f"{abs(self.more)} {'more' if self.more > 0 else 'less'}" if self.more else "as now"

    @property
    def sentence(self) -> str:
        """“1 more student without a place”; “total rank lower by 2”."""
        number, counted = abs(self.more), self.what.removeprefix("students ")
        if counted == self.what:
            return f"{self.what} {'higher' if self.more > 0 else 'lower'} by {number}"
        where = "without a place" if counted == "unplaced" else counted
        return f"{number} {'more' if self.more > 0 else 'fewer'} student{'' if number == 1 else 's'} {where}"


@dataclass(frozen=True)
class Mover:
    """A student whom the change would place elsewhere."""

    before: Outcome
    after: Outcome


def changes_of(trial: Attempt) -> list[Change]:
    """What the trial changes."""
    rows = json.loads(trial.changes or "[]")
    return [Change(Kind(row["kind"]), row["about"], row["student"], row["number"]) for row in rows]


def wanted_by(trial: Attempt) -> list[Wanted]:
    """The same, with the things that it names. Two queries."""
    changes = changes_of(trial)
    students = {round_key(trial.round, each): each for each in students_of(trial.round)}
    return _named(changes, students)


def asked_of(base: Attempt) -> Sequence[tuple[Attempt, str]]:
    """The trials of an attempt, the latest first, each with what it changes in words. Three queries at most."""
    trials = db.session.scalars(
        select(Attempt)
        .where(Attempt.round_id == base.round_id, Attempt.base_id == base.id)
        .order_by(Attempt.id.desc())
        .limit(MOST_ASKED)
    ).all()
    if not trials:
        return []
    students = {round_key(base.round, each): each for each in students_of(base.round)}
    about = by_public_id({change.about for trial in trials for change in changes_of(trial)})
    return [(trial, _said([named(each, students, about) for each in changes_of(trial)])) for trial in trials]


MOST_ASKED = 20


def _said(wanted: Sequence[Wanted]) -> str:
    return "; ".join(each.words for each in wanted)


def _named(changes: Sequence[Change], students: Mapping[str, Enrolment]) -> list[Wanted]:
    found = by_public_id({change.about for change in changes})
    return [named(change, students, found) for change in changes]


def differences(base: Attempt, trial: Attempt) -> list[Difference]:
    """Each line of the rule, the first before the second: as it is, and as it would be."""
    then = {line.what: line.here for line in lines_of(trial)}
    return [Difference(line.what, line.here, then.get(line.what, 0)) for line in lines_of(base)]


def movers(base: Attempt, trial: Attempt) -> list[Mover]:
    """Who would be placed elsewhere than now, those without a place then first, then by name. Four queries."""
    before = {outcome.enrolment.id: outcome for outcome in outcomes(base)}
    pairs = [(before[after.enrolment.id], after) for after in outcomes(trial) if after.enrolment.id in before]
    return [Mover(was, then) for was, then in pairs if was.challenge != then.challenge]
