"""Placements whose target is confirmed, and whether their two sides want to finish or go on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.confirming.rules import Choice
from placements.db import Key, Model, check_one_of, one_of
from placements.placing.models import Placement


class HoursTarget(Model):
    """That the target of a placement was first confirmed, and what student and supervisor said then."""

    __tablename__ = "hours_target"
    __table_args__ = (check_one_of("student_choice", Choice), check_one_of("supervisor_choice", Choice))

    id: Mapped[Key]
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"), unique=True)
    reached_at: Mapped[datetime]
    student_choice: Mapped[Choice | None] = one_of(Choice)
    student_at: Mapped[datetime | None]
    supervisor_choice: Mapped[Choice | None] = one_of(Choice)
    supervisor_at: Mapped[datetime | None]

    placement: Mapped[Placement] = relationship()
