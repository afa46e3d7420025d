"""What moderation writes to people: a sample is drawn, and the moderator has closed it. No mail says a mark."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from placements.assessment.models import Mark
from placements.assessment.rules import feedback_due_at
from placements.assessment.waiting import IN_ORDER, back_at
from placements.cohorts.models import Component, RoleOnRun
from placements.db import UTCDateTime, db
from placements.mail.notices import Notice, Pace, Timed, TimedReminder
from placements.mail.stepping import NO_DEADLINE, latest_step
from placements.moderation.models import ModeratedMark, Moderation
from placements.moderation.workflow import ModerationState
from placements.people.models import Person

Values = Mapping[str, Any] | None
WAITS = (ModerationState.DRAWN, ModerationState.IN_PROGRESS)


def _drawn(moderation_id: int, recipient: Person, now: datetime) -> Values:
    found = db.session.get_one(Moderation, moderation_id)
    waits = found.state in WAITS
    is_theirs = found.moderator_id == recipient.id
    return {"moderation": found, "count": len(found.sample)} if waits and is_theirs else None


def _closed(moderation_id: int, recipient: Person, now: datetime) -> Values:
    found = db.session.get_one(Moderation, moderation_id)
    return {"moderation": found} if found.outcome is not None else None


def _first() -> Select[int, datetime]:
    """The first of the students' deadlines in the sample of each moderation that waits."""
    found = select(Moderation.id, func.min(IN_ORDER, type_=UTCDateTime()).label("first")).join(Moderation.scripts)
    found = found.join(ModeratedMark.mark).join(Mark.submission).join(Mark.enrolment).join(Mark.component)
    return found.where(Moderation.state.in_(WAITS), ModeratedMark.why.is_not(None)).group_by(Moderation.id)


def _still(moderation_id: int) -> Values:
    row = db.session.execute(_first().where(Moderation.id == moderation_id)).first()
    if row is None:
        return None
    found = db.session.get_one(Moderation, moderation_id)
    due_at = feedback_due_at(row[1], found.component.feedback_weeks)
    return {"moderation": found, "count": len(found.sample), "due_at": due_at}


def _still_to_moderate(moderation_id: int, recipient: Person, now: datetime) -> Values:
    values = _still(moderation_id)
    if values is None or values["moderation"].moderator_id != recipient.id:
        return None
    return {**values, "is_late": values["due_at"] < now}


def _late(moderation_id: int, recipient: Person, now: datetime) -> Values:
    values = _still(moderation_id)
    return values if values and values["due_at"] < now else None


RUN = "moderation.run_id"
FILLS = {"component": "moderation.component.title", "count": "count"}

DRAWN = Notice("moderation.drawn", _drawn, pace=Pace.DAILY, run=RUN, fills=FILLS)
CLOSED = Notice(
    "moderation.closed", _closed, pace=Pace.DAILY, run=RUN, fills={"component": "moderation.component.title"}
)
STILL_TO_MODERATE = Notice("moderation.still_to_moderate", _still_to_moderate, pace=Pace.DAILY, run=RUN, fills=FILLS)
LATE = Notice("moderation.late", _late, pace=Pace.DAILY, run=RUN, fills=FILLS)

NOTICES = (DRAWN, CLOSED, STILL_TO_MODERATE, LATE)


def still_to_moderate(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Moderators, so many days from the day on which the first of their sample is due back."""
    return _timed(Moderation.moderator_id, steps, now)


def late(now: datetime, steps: tuple[int, ...]) -> Timed:
    """The module leaders of the run, of what is late."""
    return _timed(RoleOnRun.person_id, steps, now).join(RoleOnRun, RoleOnRun.leads(Component.run_id))


def _timed(recipient: Any, steps: tuple[int, ...], now: datetime) -> Timed:
    first = _first().subquery()
    due_at, is_due = latest_step(back_at(first.c.first), steps, now)
    found = select(Moderation.id, recipient, due_at, Component.run_id, NO_DEADLINE).select_from(Moderation)
    return found.join(first, first.c.id == Moderation.id).join(Moderation.component).where(is_due)


BACK = "the day on which the first piece of the sample is due back"

REMINDERS = (
    TimedReminder(STILL_TO_MODERATE, still_to_moderate, steps=(-7, -1, 1), hangs_on=BACK, then=LATE.name),
    TimedReminder(LATE, late, steps=(3,), hangs_on=BACK),
)
