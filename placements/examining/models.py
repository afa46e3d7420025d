"""What an external examiner asks for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.assessment.models import Submission
from placements.db import Key, Model
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
