"""The academic calendar: the key dates of the open runs, without groups and people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from placements.cohorts.dates import MILESTONES, known_dates
from placements.cohorts.models import ModuleRun
from placements.cohorts.queries import key_dates
from placements.cohorts.workflow import RunState
from placements.core.clock import in_london, today
from placements.db import db

# What a date means for those who need not know the module.
MEANS = {
    "teaching_starts_on": "Students hear about the challenges for the first time.",
    "ranking_opens_at": "From now on students choose among the published challenges.",
    "ranking_closes_at": "Students have named the challenges that they want. Places are given out after it.",
    "offers_due_at": "Students have accepted their places, and organisations know who comes.",
    "placements_start_on": "Students may begin, once all three have signed their Challenge Agreement.",
    "placed_by_on": "Every student has a place, or something else was agreed with them.",
    "placements_end_on": "Hours are worked by then.",
    "portfolio_due_at": "Students hand in their work. Organisations need do nothing.",
    "board_on": "Marks are confirmed.",
    "reassessment_due_at": "For students who hand in again.",
}


@dataclass(frozen=True)
class Day:
    """One date, what it is, what it means, and for which modules."""

    value: date | datetime
    what: str
    means: str
    runs: tuple[str, ...]

    def is_over(self, now: datetime) -> bool:
        """An instant that has passed, or a day before today."""
        return self.value < now if isinstance(self.value, datetime) else self.value < today(now)


def open_runs() -> Sequence[ModuleRun]:
    """The open runs of the newest year that has one, with their components. Two queries."""
    is_open = ModuleRun.state == RunState.OPEN
    newest = select(func.max(ModuleRun.academic_year)).where(is_open).scalar_subquery()
    found = select(ModuleRun).where(is_open, ModuleRun.academic_year == newest)
    return db.session.scalars(
        found.order_by(ModuleRun.level, ModuleRun.code, ModuleRun.period).options(selectinload(ModuleRun.components))
    ).all()


def days_of(runs: Sequence[ModuleRun]) -> list[Day]:
    """Every known key date of the runs in order, each once with the modules that share it."""
    shared: dict[tuple[str, date | datetime], list[str]] = {}
    for run in runs:
        for milestone, value in known_dates(key_dates(run)):
            codes = shared.setdefault((milestone.field, value), [])
            codes += [run.code] if run.code not in codes else []
    labels = {milestone.field: milestone.label for milestone in MILESTONES}
    days = [Day(value, labels[name], MEANS[name], tuple(codes)) for (name, value), codes in shared.items()]
    return sorted(days, key=lambda day: _instant(day.value))


def _instant(value: date | datetime) -> datetime:
    return value if isinstance(value, datetime) else in_london(value, datetime.min.time())
