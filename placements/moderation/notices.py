"""What moderation writes to people: a sample is drawn, and the moderator has closed it. No mail says a mark."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from placements.db import db
from placements.mail.notices import Notice, Pace
from placements.moderation.models import Moderation
from placements.moderation.workflow import ModerationState
from placements.people.models import Person

Values = Mapping[str, Any] | None


def _drawn(moderation_id: int, recipient: Person, now: datetime) -> Values:
    found = db.session.get_one(Moderation, moderation_id)
    waits = found.state in (ModerationState.DRAWN, ModerationState.IN_PROGRESS)
    is_theirs = found.moderator_id == recipient.id
    return {"moderation": found, "count": len(found.sample)} if waits and is_theirs else None


def _closed(moderation_id: int, recipient: Person, now: datetime) -> Values:
    found = db.session.get_one(Moderation, moderation_id)
    return {"moderation": found} if found.outcome is not None else None


RUN = "moderation.run_id"

DRAWN = Notice(
    "moderation.drawn",
    _drawn,
    pace=Pace.DAILY,
    run=RUN,
    fills={"component": "moderation.component.title", "count": "count"},
)
CLOSED = Notice(
    "moderation.closed", _closed, pace=Pace.DAILY, run=RUN, fills={"component": "moderation.component.title"}
)

NOTICES = (DRAWN, CLOSED)
