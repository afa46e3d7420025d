"""How students of different groups fare in a round or an attempt: what the equity panel shows."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from placements.allocation.equity import Row, outcome_of, rows_of
from placements.allocation.models import Match
from placements.allocation.results import Outcome
from placements.cohorts.models import Enrolment, ModuleRun, TimeslotGroup
from placements.db import db
from placements.rounds.models import Round

Panel = Sequence[tuple[str, list[Row]]]
Student = tuple[int, str, str, str, int]  # level, module code, timeslot group, mode of attendance, outcome


def panel_of_round(round: Round) -> Panel:
    """A table by level, by timeslot group and by mode, each with its name; none of a single group. One query."""
    rows = db.session.execute(
        select(
            ModuleRun.level,
            ModuleRun.code,
            TimeslotGroup.name,
            Enrolment.mode,
            Match.challenge_id.is_not(None),
            Match.rank,
        )
        .join(Match.enrolment)
        .join(Enrolment.run)
        .join(Enrolment.group)
        .where(Match.round_id == round.id)
    )
    return _panel((*row[:4], outcome_of(*row[4:])) for row in rows)


def panel_of_attempt(outcomes: Iterable[Outcome]) -> Panel:
    """The same of what an attempt comes to. No query."""
    enrolments = ((each.enrolment, outcome_of(each.challenge is not None, each.rank)) for each in outcomes)
    return _panel((who.run.level, who.run.code, who.group.name, who.mode, outcome) for who, outcome in enrolments)


def _panel(students: Iterable[Student]) -> Panel:
    found = list(students)
    tables = {
        "Level": [(f"Level {level}", outcome) for level, _, _, _, outcome in found],
        "Timeslot group": [(f"{code}, {group}", outcome) for _, code, group, _, outcome in found],
        "Mode of attendance": [(mode.strip().capitalize() or "Not known", outcome) for *_, mode, outcome in found],
    }
    shown = ((name, rows_of(pairs)) for name, pairs in tables.items())
    return [(name, rows) for name, rows in shown if rows]
