"""A tutor's formative grades of a logbook."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.cohorts.models import Criterion
from placements.db import Key, Model, public_id
from placements.people.models import Person
from placements.placing.models import Placement

CHECKPOINTS = ("Mid-point", "Final check")  # when a tutor grades a logbook on the way


class LogbookGrade(Model):
    """A tutor's formative grading of a logbook at a checkpoint, against the rubric. It shows at once, never counts."""

    __tablename__ = "logbook_grade"
    __table_args__ = (UniqueConstraint("placement_id", "checkpoint"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"))
    checkpoint: Mapped[str] = mapped_column(String(40))  # “Mid-point”
    grader_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    comment: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    placement: Mapped[Placement] = relationship()
    grader: Mapped[Person] = relationship()
    scores: Mapped[list[LogbookScore]] = relationship(
        cascade="all, delete-orphan", order_by="LogbookScore.criterion_id"
    )


class LogbookScore(Model):
    """One criterion of a formative grading, 0–100, with a comment."""

    __tablename__ = "logbook_score"
    __table_args__ = (
        UniqueConstraint("grade_id", "criterion_id"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score_in_range"),
    )

    id: Mapped[Key]
    grade_id: Mapped[int] = mapped_column(ForeignKey("logbook_grade.id", ondelete="CASCADE"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"))
    score: Mapped[int]
    comment: Mapped[str] = mapped_column(Text, default="")

    criterion: Mapped[Criterion] = relationship()
