"""What the board's side writes to people: that a mark is ready, that a release was stopped. No mail carries a mark."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from placements.assessment.models import Mark
from placements.assessment.queries import RELEASED
from placements.board.models import StagedRelease
from placements.board.workflow import StagedState
from placements.db import db
from placements.mail.notices import Notice
from placements.people.models import Person


def _mark_ready(mark_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    mark = db.session.get_one(Mark, mark_id)
    return {"component": mark.component} if mark.state in RELEASED else None


def _release_stopped(staged_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    staged = db.session.get_one(StagedRelease, staged_id)
    return {"staged": staged} if staged.state is StagedState.STOPPED else None


MARK_READY = Notice("board.mark_ready", _mark_ready)
RELEASE_STOPPED = Notice("board.release_stopped", _release_stopped)

NOTICES = (MARK_READY, RELEASE_STOPPED)
