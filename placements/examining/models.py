"""What an external examiner asks for, and reports."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.assessment.models import Submission
from placements.cohorts.models import ModuleRun
from placements.db import Key, Model, check_one_of, one_of, public_id
from placements.examining.workflow import ReportState
from placements.people.models import Person


class ScriptRequest(Model):
    """A script outside the sample that an examiner asked for, and so may read. Append-only."""

    __tablename__ = "script_request"
    __table_args__ = (UniqueConstraint("submission_id", "by_id"), Index(None, "by_id"))

    id: Mapped[Key]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    why: Mapped[str] = mapped_column(Text, default="")

    submission: Mapped[Submission] = relationship()
    by: Mapped[Person] = relationship()


class ExaminerReport(Model):
    """What one examiner reports of a run, by question, and what its leaders answer. Submitted once."""

    __tablename__ = "examiner_report"
    __table_args__ = (
        UniqueConstraint("run_id", "by_id"),
        check_one_of("state", ReportState),
        CheckConstraint("(state = 'drafted') = (submitted_at IS NULL)", name="submitted_at_some_time"),
        CheckConstraint("(state = 'answered') = (answered_by_id IS NOT NULL)", name="answered_by_somebody"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    run_id: Mapped[int] = mapped_column(ForeignKey("module_run.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[ReportState] = one_of(ReportState, default=ReportState.DRAFTED)
    answers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    response: Mapped[str] = mapped_column(Text, default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]

    run: Mapped[ModuleRun] = relationship()
    by: Mapped[Person] = relationship(foreign_keys=[by_id])
    answered_by: Mapped[Person | None] = relationship(foreign_keys=[answered_by_id])
