"""Every export of marks."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.cohorts.models import ModuleRun
from placements.db import Key, Model, check_one_of, one_of, public_id
from placements.people.models import Person


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
    made_by: Mapped[Person] = relationship()
