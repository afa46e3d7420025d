"""Trials and adjustments as their reader may see them; a trial beside the attempt that it was asked of."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from placements.allocation.models import Attempt
from placements.allocation.queries import attempts_seen
from placements.allocation.results import Outcome, lines_of, outcomes
from placements.core.policy import Principal
from placements.db import db
from placements.rounds.adjustments import WHOLE
from placements.rounds.models import Adjustment, Round
from placements.rounds.queries import rounds_visible_to


def seen_trial(who: Principal, public_id: str) -> Attempt | None:
    """The trial at that address, with the attempt that it was asked of, both with their inputs and results."""
    found = attempts_seen(who).where(Attempt.public_id == public_id, Attempt.base_id.is_not(None))
    base = joinedload(Attempt.base)
    return db.session.scalar(found.options(base.undefer(Attempt.instance), base.undefer(Attempt.result)))


def seen_adjustment(who: Principal, public_id: str) -> Adjustment | None:
    """The adjustment at that address, with its round."""
    found = select(Adjustment).where(Adjustment.public_id == public_id)
    seen = found.where(Adjustment.round_id.in_(rounds_visible_to(who).with_only_columns(Round.id)))
    return db.session.scalar(seen.options(joinedload(Adjustment.round).selectinload(Round.runs), *WHOLE))


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


def differences(base: Attempt, trial: Attempt) -> list[Difference]:
    """Each line of the rule, the first before the second: as it is, and as it would be."""
    then = {line.what: line.here for line in lines_of(trial)}
    return [Difference(line.what, line.here, then.get(line.what, 0)) for line in lines_of(base)]


def movers(base: Attempt, trial: Attempt) -> list[Mover]:
    """Who would be placed elsewhere than now, those without a place then first, then by name. Four queries."""
    before = {outcome.enrolment.id: outcome for outcome in outcomes(base)}
    pairs = [(before[after.enrolment.id], after) for after in outcomes(trial) if after.enrolment.id in before]
    return [Mover(was, then) for was, then in pairs if was.challenge != then.challenge]
