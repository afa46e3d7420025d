"""What the board's side writes to people: that a mark is ready. No mail carries a mark."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from placements.assessment.models import Mark
from placements.assessment.queries import RELEASED
from placements.db import db
from placements.mail.notices import Notice
from placements.people.models import Person


def _mark_ready(mark_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    mark = db.session.get_one(Mark, mark_id)
    return {"component": mark.component} if mark.state in RELEASED else None


MARK_READY = Notice("board.mark_ready", _mark_ready)

NOTICES = (MARK_READY,)
