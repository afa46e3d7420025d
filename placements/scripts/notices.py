"""What a marker is told: that scripts were given to them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from placements.assessment.models import Mark
from placements.assessment.workflow import MarkState
from placements.cohorts.models import Component
from placements.db import db
from placements.mail.notices import Notice, Pace
from placements.people.models import Person


def _given(component_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """As long as any of them waits."""
    theirs = select(func.count(Mark.id)).where(Mark.component_id == component_id, Mark.allocated_id == recipient.id)
    count = db.session.scalar(theirs.where(Mark.state == MarkState.DRAFTED))
    return {"component": db.session.get_one(Component, component_id), "count": count} if count else None


GIVEN = Notice(
    "scripts.given",
    _given,
    pace=Pace.DAILY,
    run="component.run_id",
    fills={"component": "component.title", "count": "count"},
)

NOTICES = (GIVEN,)
