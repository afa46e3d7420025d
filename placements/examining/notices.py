"""What examining writes to people: a report is wanted, submitted, answered. No mail says what they say."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from flask import url_for
from sqlalchemy import select

from placements.cohorts.models import RoleOnRun
from placements.core.clock import in_london
from placements.db import db
from placements.examining.models import ExaminerReport
from placements.examining.queries import unreported
from placements.examining.workflow import ReportState
from placements.mail.notices import Notice, Pace, Timed, TimedReminder
from placements.mail.stepping import DAY, latest_morning, moment_by
from placements.people.models import Person

Values = Mapping[str, Any] | None


def _reported(report_id: int, recipient: Person, now: datetime) -> Values:
    report = db.session.get_one(ExaminerReport, report_id)
    return _about(report) if report.state is ReportState.SUBMITTED else None


def _answered(report_id: int, recipient: Person, now: datetime) -> Values:
    report = db.session.get_one(ExaminerReport, report_id)
    return _about(report) if report.by_id == recipient.id else None


def _report_wanted(run_id: int, recipient: Person, now: datetime) -> Values:
    own = unreported(now).where(RoleOnRun.run_id == run_id, RoleOnRun.person_id == recipient.id)
    role = db.session.scalar(own)
    if role is None or role.until_on is None:
        return None
    address = url_for("examining.run", public_id=role.run.public_id, _external=True)
    return {"run": role.run, "until_on": role.until_on, "ends_at": _ends_at(role.until_on), "address": address}


def _ends_at(until_on: date) -> datetime:
    """When the view of a run ends that lasts until that day."""
    return in_london(until_on + DAY, time())


def _about(report: ExaminerReport) -> Values:
    address = url_for("examining.run", public_id=report.run.public_id, _external=True)
    return {"report": report, "run": report.run, "address": address}


RUN = "run.id"
FILLS = {"run": "run.title"}

REPORTED = Notice("examining.reported", _reported, pace=Pace.DAILY, run=RUN, fills=FILLS)
ANSWERED = Notice("examining.answered", _answered, pace=Pace.DAILY, run=RUN, fills=FILLS)

REPORT_WANTED = Notice(
    "examining.report_wanted",
    _report_wanted,
    pace=Pace.DAILY,
    run=RUN,
    fills={**FILLS, "until": "until_on | date"},
    deadline="ends_at",
)

NOTICES = (REPORT_WANTED, REPORTED, ANSWERED)


def report_wanted(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Examiners whose report is not in, so many days from the last of their view of the run: at 9am."""
    ends = {each.id: each.until_on for each in db.session.scalars(unreported(now)) if each.until_on}
    moments = {key: latest_morning(day, steps, now, before=_ends_at(day)) for key, day in ends.items()}
    due_at, is_due = moment_by(RoleOnRun.id, moments)
    deadline_at, _ = moment_by(RoleOnRun.id, {key: _ends_at(day) for key, day in ends.items()})
    found = select(RoleOnRun.run_id, RoleOnRun.person_id, due_at, RoleOnRun.run_id.label("of_run"), deadline_at)
    return found.where(is_due)


ENDING = "the last day of the examiner’s view of the run"

REMINDERS = (TimedReminder(REPORT_WANTED, report_wanted, steps=(-28, -7), hangs_on=ENDING),)
