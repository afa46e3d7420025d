"""How a round that is not over stands: who and what it is about, what stands against running it, what is new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from placements.allocation.models import Attempt
from placements.applications.answers import undecided_for_leaders
from placements.applications.models import HostAnswer
from placements.challenges.models import Challenge
from placements.cohorts.models import RoleOnRun
from placements.core.policy import Principal
from placements.db import db
from placements.rounds.adjustments import Wanted, wanted_of
from placements.rounds.entrants import Field, field_of
from placements.rounds.inputs import instance_of, problems
from placements.rounds.models import Adjustment, Round
from placements.rounds.suggesting import suggested


@dataclass(frozen=True)
class Preparation:
    """What the page of a round says before it is published.

    `suggestions` is the least to change where the locks cannot all hold. `undecided` counts the answers “not suitable”
    that `who` has yet to decide. `new` are the challenges published since the last run. `is_stale`: run now, the round
    would not be what the last run was of.
    """

    field: Field
    problems: Sequence[str]
    suggestions: Sequence[Wanted]
    undecided: int
    new: Sequence[Challenge]
    is_stale: bool

    @property
    def changes(self) -> list[tuple[Adjustment, str]]:
        """What has been changed for this round, each with its words."""
        return [(each, wanted_of(each).words) for each in self.field.adjustments]


def preparation(round: Round, attempts: Sequence[Attempt], who: Principal, now: datetime) -> Preparation:
    """How the round stands, after these attempts. Eleven queries, however many students there are."""
    field = field_of(round, now)
    found, suggestions = problems(field), suggested(round, field)
    last = attempts[-1] if attempts else None
    can_run = not found and not suggestions
    return Preparation(
        field=field,
        problems=found,
        suggestions=suggestions,
        undecided=_undecided(round, who),
        new=[each for each in field.challenges if last and each.published_at and each.published_at > last.created_at],
        is_stale=bool(last and can_run and instance_of(round, field).sha256() != last.instance_sha256),
    )


def _undecided(round: Round, who: Principal) -> int:
    waiting = undecided_for_leaders().where(
        RoleOnRun.person_id == who.person_id, RoleOnRun.run_id.in_([run.id for run in round.runs])
    )
    found = select(func.count()).select_from(waiting.with_only_columns(HostAnswer.id).subquery())
    return db.session.scalar(found) or 0
