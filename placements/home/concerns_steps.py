"""What of concerns waits for those who look after them: how many, by when, and never what."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Row

from placements.concerns.queries import counts
from placements.core.policy import Principal
from placements.db import db
from placements.home.steps import Figure, Look, Step, many

SAFEGUARDING = (
    "What students, supervisors and tutors tell about safety, a person or an organisation comes to you alone. "
    "Each is owned within one working day and first acted on within five."
)
TEAM = "What students, supervisors and tutors worry about on placements of yours, until it has an outcome."


def look(who: Principal, now: datetime) -> Look:
    """The open concerns that this person may read. One query."""
    row = db.session.execute(counts(who)).one()
    figures = [Figure(row.open, "open concerns" if row.open != 1 else "open concern", "concerns.queue")]
    title, about = ("Safeguarding", SAFEGUARDING) if who.has("safeguarding") else ("Concerns", TEAM)
    return Look(title, about, [*_steps(row)], figures)


def _steps(row: Row[int, int, datetime | None, int, datetime | None]) -> Iterator[Step]:
    if row.raised:
        what = f"{many(row.raised, 'concern waits', 'concerns wait')} for an owner"
        yield Step(what, "See what waits", "concerns.queue", by=row.own_by)
    if row.mine:
        what = f"{many(row.mine, 'concern is', 'concerns are')} yours to bring to an outcome"
        yield Step(what, "See them", "concerns.queue", by=row.act_by)
