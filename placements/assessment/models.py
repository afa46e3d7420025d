"""What students hand in, the marks it gets, and every export of them."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.assessment.workflow import MarkState, SubmissionState
from placements.cohorts.models import Component, Criterion, Enrolment, ModuleRun
from placements.db import Key, Model, check_one_of, one_of, public_id
from placements.files.models import StoredFile
from placements.people.models import Person


class Submission(Model):
    """One attempt at one component. `received_at` is when the request began to arrive."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("component_id", "enrolment_id", "attempt"),
        check_one_of("state", SubmissionState),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    component_id: Mapped[int] = mapped_column(ForeignKey("component.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    attempt: Mapped[int] = mapped_column(default=1)
    state: Mapped[SubmissionState] = one_of(SubmissionState, default=SubmissionState.OPEN)
    received_at: Mapped[datetime | None]
    receipt: Mapped[str | None] = mapped_column(String(12))

    component: Mapped[Component] = relationship()
    enrolment: Mapped[Enrolment] = relationship()
    files: Mapped[list[SubmissionFile]] = relationship(order_by="SubmissionFile.id", back_populates="submission")


class SubmissionFile(Model):
    """A file as handed in. A later upload before the deadline replaces it; the old one stays, `replaced_at` set."""

    __tablename__ = "submission_file"
    __table_args__ = (Index(None, "submission_id"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    received_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]

    submission: Mapped[Submission] = relationship(back_populates="files")
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)


class Mark(Model):
    """A component's mark, 0–100, with its rubric scores and feedback. None until every criterion has its score."""

    __tablename__ = "mark"
    __table_args__ = (
        UniqueConstraint("component_id", "enrolment_id", "attempt"),
        check_one_of("state", MarkState),
        CheckConstraint("mark IS NULL OR mark BETWEEN 0 AND 100", name="mark_in_range"),
        Index(None, "marker_id", "state"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    component_id: Mapped[int] = mapped_column(ForeignKey("component.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    attempt: Mapped[int] = mapped_column(default=1)
    marker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[MarkState] = one_of(MarkState, default=MarkState.DRAFTED)
    mark: Mapped[int | None]
    feedback: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    submitted_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]

    component: Mapped[Component] = relationship()
    enrolment: Mapped[Enrolment] = relationship()
    marker: Mapped[Person] = relationship()
    scores: Mapped[list[CriterionScore]] = relationship(
        cascade="all, delete-orphan", order_by="CriterionScore.criterion_id"
    )


class CriterionScore(Model):
    """One criterion's score, 0–100, and what the marker says to it."""

    __tablename__ = "criterion_score"
    __table_args__ = (
        UniqueConstraint("mark_id", "criterion_id"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score_in_range"),
    )

    id: Mapped[Key]
    mark_id: Mapped[int] = mapped_column(ForeignKey("mark.id", ondelete="CASCADE"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"))
    score: Mapped[int]
    comment: Mapped[str] = mapped_column(Text, default="")

    criterion: Mapped[Criterion] = relationship()


class Stage(enum.StrEnum):
    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"


class MarkExport(Model):
    """What was sent to the student record system, and when."""

    __tablename__ = "mark_export"
    __table_args__ = (check_one_of("stage", Stage), Index(None, "run_id"))

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    run_id: Mapped[int] = mapped_column(ForeignKey("module_run.id"))
    stage: Mapped[Stage] = one_of(Stage)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    rows: Mapped[list[list[object]]] = mapped_column(JSON)

    run: Mapped[ModuleRun] = relationship()
