"""Asking for a script, which opens it at once; writing down what an examiner read; their report, and its answer."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from placements.assessment.models import Submission
from placements.cohorts.models import ModuleRun
from placements.cohorts.queries import leaders_of
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row, insert_new
from placements.examining import notices
from placements.examining.models import ExaminerReport, ScriptRequest
from placements.examining.rules import QUESTIONS
from placements.examining.workflow import REPORT
from placements.history.actions import note_reads, record
from placements.mail.actions import tell

OPTIONAL = ("scripts",)


def ask(submission: Submission, why: str, *, actor: Principal, now: datetime) -> None:
    """Open a script outside the sample to `actor`, with the logbook behind it; leaders see that. Twice is once."""
    row = {"submission_id": submission.id, "by_id": actor.person_id, "at": now, "why": why}
    insert_new(ScriptRequest, [row])
    record("asked for the script as external examiner", submission, actor=actor, now=now, ability="examining.run")


def note_read(submission: Submission, *, actor: Principal, now: datetime) -> None:
    """Write down that `actor` read the work and what stands beside it. It commits."""
    note_reads(("submission", submission.id, "script"), actor=actor, now=now)


def begin(run: ModuleRun, *, actor: Principal, now: datetime) -> ExaminerReport:
    """The actor's report on the run; an empty one where they have none yet."""
    hold_row(run, "state")
    mine = select(ExaminerReport).where(ExaminerReport.run_id == run.id, ExaminerReport.by_id == actor.person_id)
    report = db.session.scalar(mine)
    if report is None:
        report = ExaminerReport(run=run, by_id=actor.person_id, answers={}, saved_at=now)
        db.session.add(report)
        db.session.flush()
    return report


def write(report: ExaminerReport, answers: Mapping[str, str], *, now: datetime) -> None:
    """Keep what is written so far; nobody else reads it. Refused once it is submitted."""
    hold_row(report)
    REPORT.move(report, "write")
    report.answers, report.saved_at = {key: answers[key] for key in QUESTIONS}, now


def submit(report: ExaminerReport, *, actor: Principal, now: datetime) -> None:
    """Hand the report to the leaders of the run, who are written to. Twice is once.

    Refused where a question has no answer.
    """
    hold_row(report)
    if not all(report.answers.get(key) for key in QUESTIONS if key not in OPTIONAL):
        raise Refused("Answer every question but the optional one, then submit the report.")
    if not REPORT.move(report, "submit"):
        return
    report.submitted_at = now
    record("submitted the external examiner’s report", report.run, actor=actor, now=now, ability="examining.run")
    tell(notices.REPORTED, report.id, db.session.scalars(leaders_of(report.run_id)), now)


def respond(report: ExaminerReport, text: str, *, actor: Principal, now: datetime) -> None:
    """Answer the report, the first time; its examiner is written to, and next year's reads both."""
    hold_row(report)
    if not REPORT.move(report, "respond"):
        return
    report.response, report.answered_by_id, report.answered_at = text, actor.person_id, now
    record("answered the external examiner’s report", report.run, actor=actor, now=now, ability="examining.run")
    tell(notices.ANSWERED, report.id, [report.by_id], now)
