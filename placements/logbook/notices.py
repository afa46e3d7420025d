"""What is written about logbooks: hours that do not count, a comment, silence."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import select

from placements.attendance.rules import asked_at
from placements.cohorts.models import Enrolment
from placements.cohorts.queries import closed_days
from placements.core.clock import today
from placements.db import db
from placements.logbook.hours import line_of
from placements.logbook.models import Entry, EntryComment
from placements.logbook.queries import entries_seen, placements_seen
from placements.logbook.silence import last_visit_on, silent_days, silent_since
from placements.logbook.workflow import EntryState
from placements.mail.notices import Notice, Pace, Timed, TimedReminder
from placements.mail.stepping import CATCH_UP, NO_DEADLINE, moment_by
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import acting_tutor

Context = Mapping[str, Any] | None


def _entry(entry_id: int) -> Entry:
    return db.session.scalars(entries_seen().where(Entry.id == entry_id)).one()


def _not_counted(entry_id: int, recipient: Person, now: datetime) -> Context:
    entry = _entry(entry_id)
    line = line_of(entry)
    if line is None or line.why_not is None:
        return None
    return {**_about(entry), "line": line, "address": _address("reading.read", entry.placement)}


def _comment(comment_id: int, recipient: Person, now: datetime) -> Context:
    said = db.session.get_one(EntryComment, comment_id)
    entry = _entry(said.entry_id)
    if entry.state is EntryState.DISCARDED:
        return None
    return {**_about(entry), "author": said.author, "address": _address("logbook.entry", entry)}


def _silent(placement_id: int, recipient: Person, now: datetime) -> Context:
    placement = db.session.scalars(placements_seen().where(Placement.id == placement_id)).one()
    last_on = db.session.scalar(select(last_visit_on()).select_from(Placement).where(Placement.id == placement_id))
    days = silent_days({placement_id: last_on}, now).get(placement_id, 0)
    if not days:
        return None
    endpoint = "logbook.log" if recipient.id == placement.enrolment.person_id else "reading.read"
    return {"placement": placement, "last_on": last_on, "days": days, "address": _address(endpoint, placement)}


def _about(entry: Entry) -> dict[str, Any]:
    return {"entry": entry, "placement": entry.placement, "student": entry.placement.enrolment.person}


def _address(endpoint: str, thing: Placement | Entry) -> str:
    return url_for(endpoint, public_id=thing.public_id, _external=True)


RUN = "placement.enrolment.run_id"

COMMENT = Notice(
    "logbook.comment",
    _comment,
    pace=Pace.DAILY,
    run=RUN,
    fills={"student": "student.name", "author": "author.name", "day": "entry.on | date"},
)
NOT_COUNTED = Notice(
    "logbook.not_counted",
    _not_counted,
    pace=Pace.DAILY,
    run=RUN,
    fills={"student": "student.name", "day": "entry.on | date"},
)
SILENT = Notice(
    "logbook.silent", _silent, pace=Pace.DAILY, run=RUN, fills={"organisation": "placement.challenge.organisation.name"}
)
SILENT_STUDENT = Notice(
    "logbook.silent_student",
    _silent,
    pace=Pace.DAILY,
    run=RUN,
    fills={"student": "placement.enrolment.person.name", "organisation": "placement.challenge.organisation.name"},
)

NOTICES = (COMMENT, NOT_COUNTED, SILENT, SILENT_STUDENT)


def silent(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Students after so many whole days of silence, at 9am in London on the next working day."""
    return _silent_for(now, steps, Enrolment.person_id)


def silent_student(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Their tutors, or who covers for them, after more."""
    return _silent_for(now, steps, acting_tutor(today(now)))


def _silent_for(now: datetime, steps: tuple[int, ...], recipient: Any) -> Timed:
    """By the day that silence is counted from, so that asking again finds the same."""
    since, closed = silent_since(now, min(steps)), closed_days()
    moments = {}
    for placement_id, day in since.items():
        moment = max((at for at in (asked_at(day, days, closed) for days in steps) if at <= now), default=None)
        moments[placement_id] = moment if moment is not None and moment > now - CATCH_UP else None
    due_at, is_due = moment_by(Placement.id, moments)
    told = select(Placement.id, recipient.label("recipient"), due_at, Enrolment.run_id, NO_DEADLINE)
    return told.join(Placement.enrolment).where(is_due, recipient.is_not(None))


SINCE = "the last visit, or the first day of the placement"

REMINDERS = (
    TimedReminder(SILENT, silent, steps=(7, 14), hangs_on=SINCE, then=SILENT_STUDENT.name),
    TimedReminder(SILENT_STUDENT, silent_student, steps=(14,), hangs_on=SINCE),
)
