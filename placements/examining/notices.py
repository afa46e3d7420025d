"""What examining writes to people: a report is submitted, and it is answered. No mail says what they say."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from placements.db import db
from placements.examining.models import ExaminerReport
from placements.examining.workflow import ReportState
from placements.mail.notices import Notice, Pace
from placements.people.models import Person

Values = Mapping[str, Any] | None


def _reported(report_id: int, recipient: Person, now: datetime) -> Values:
    report = db.session.get_one(ExaminerReport, report_id)
    return _about(report) if report.state is ReportState.SUBMITTED else None


def _answered(report_id: int, recipient: Person, now: datetime) -> Values:
    report = db.session.get_one(ExaminerReport, report_id)
    return _about(report) if report.by_id == recipient.id else None


def _about(report: ExaminerReport) -> Values:
    address = url_for("examining.run", public_id=report.run.public_id, _external=True)
    return {"report": report, "run": report.run, "address": address}


RUN = "run.id"
FILLS = {"run": "run.title"}

REPORTED = Notice("examining.reported", _reported, pace=Pace.DAILY, run=RUN, fills=FILLS)
ANSWERED = Notice("examining.answered", _answered, pace=Pace.DAILY, run=RUN, fills=FILLS)

NOTICES = (REPORTED, ANSWERED)
