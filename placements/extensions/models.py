"""Every extension that was granted; changed or withdrawn, it stays."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.assessment.models import Submission
from placements.db import Key, Model, check_one_of, one_of, partial_index, public_id
from placements.extensions.rules import Cause
from placements.people.models import Person


class Extension(Model):
    """A later deadline for one attempt of one student.

    `due_before` is the deadline without it, and `own_before` what the attempt had of its own by then: None, where it
    was everybody's. One that was changed ended without a `reason`, as another took its place; one withdrawn has one.
    """

    __tablename__ = "extension"
    __table_args__ = (
        check_one_of("cause", Cause),
        CheckConstraint("due_before < due_at", name="later_than_before"),
        CheckConstraint("cause <> 'adjustment' OR reference <> ''", name="adjustment_has_reference"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_by_somebody"),
        partial_index("uq_extension_in_force", "submission_id", where="ended_at IS NULL", unique=True),
        Index(None, "submission_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(50), unique=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    due_before: Mapped[datetime]
    own_before: Mapped[datetime | None]
    due_at: Mapped[datetime]
    cause: Mapped[Cause] = one_of(Cause)
    reference: Mapped[str] = mapped_column(String(100), default="")
    granted_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    granted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text, default="")

    submission: Mapped[Submission] = relationship()
    granted_by: Mapped[Person] = relationship(foreign_keys=[granted_by_id])
    ended_by: Mapped[Person | None] = relationship(foreign_keys=[ended_by_id])

    @property
    def is_in_force(self) -> bool:
        """Neither changed nor withdrawn since."""
        return self.ended_at is None

    @property
    def is_overtaken(self) -> bool:
        """It is in force, and everybody's deadline was moved past it."""
        due_at = self.submission.own_due_at
        return self.is_in_force and due_at is not None and due_at > self.due_at

    @property
    def due_without(self) -> datetime:
        """The deadline without it: while it is in force, as it would be now."""
        return (self.is_in_force and self.submission.due_by(self.own_before)) or self.due_before

    @property
    def was_withdrawn(self) -> bool:
        """Ended without another in its place."""
        return self.ended_at is not None and bool(self.reason)
