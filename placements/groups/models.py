"""What was decided about a challenge that has fewer students than it needs, because some have left.

That something has to be decided is no row: it follows from the placements that go on, those that ended, and this.
"""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.challenges.models import Challenge
from placements.db import Key, Model, check_one_of, one_of
from placements.people.models import Person

REASON_LENGTH = 500


class Course(enum.StrEnum):
    """What becomes of those who are left."""

    FEWER = "fewer"
    ANOTHER = "another"
    END = "end"


class GroupDecision(Model):
    """One decision; it holds until somebody else leaves."""

    __tablename__ = "group_decision"
    __table_args__ = (check_one_of("course", Course), Index(None, "challenge_id", "decided_at"))

    id: Mapped[Key]
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    course: Mapped[Course] = one_of(Course)
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH))  # for the module team
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime]

    challenge: Mapped[Challenge] = relationship()
    decided_by: Mapped[Person] = relationship()
