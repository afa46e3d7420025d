"""Placements whose target is confirmed and what their two sides want; talks with supervisors who do not answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.confirming.rules import Choice, Spoken
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


class SupervisorCall(Model):
    """That somebody of the university talked to a supervisor whose answers did not come, and what came of it."""

    __tablename__ = "supervisor_call"
    __table_args__ = (check_one_of("outcome", Spoken), Index(None, "supervisor_id"))

    id: Mapped[Key]
    supervisor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    outcome: Mapped[Spoken] = one_of(Spoken)
