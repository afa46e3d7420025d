"""A claim of mitigating circumstances, a component waived for a student, and what can be asked instead of one."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.assessment.models import Submission
from placements.cohorts.models import Component, Enrolment
from placements.db import Key, Model, check_one_of, one_of, partial_index, public_id
from placements.people.models import Person
from placements.reassessment.workflow import ClaimState


class Mitigation(Model):
    """One claim for one attempt: its reference in the university's own system and what was decided, never what it says.

    One that was recorded by mistake is withdrawn; `decided_on` is when. The reference is sensitive, and read from the
    database only where a page shows it.
    """

    __tablename__ = "mitigation"
    __table_args__ = (
        check_one_of("state", ClaimState),
        CheckConstraint("(state = 'pending') = (decided_on IS NULL)", name="decided_on_a_day"),
        partial_index("uq_mitigation_pending", "submission_id", where="state = 'pending'", unique=True),
        Index(None, "submission_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    reference: Mapped[str] = mapped_column(String(40), deferred=True)
    claimed_on: Mapped[date]
    state: Mapped[ClaimState] = one_of(ClaimState, default=ClaimState.PENDING)
    decided_on: Mapped[date | None]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]

    submission: Mapped[Submission] = relationship()
    recorded_by: Mapped[Person] = relationship()

    @property
    def enrolment(self) -> Enrolment:
        """Whose it is."""
        return self.submission.enrolment


class Waiver(Model):
    """A component that one student cannot have, so that nothing is asked of it; `ended_at`: it is asked for again."""

    __tablename__ = "waiver"
    __table_args__ = (
        partial_index("uq_waiver_in_force", "submission_id", where="ended_at IS NULL", unique=True),
        Index(None, "submission_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    reason: Mapped[str] = mapped_column(Text)
    waived_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    waived_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    submission: Mapped[Submission] = relationship()
    waived_by: Mapped[Person] = relationship()

    @property
    def enrolment(self) -> Enrolment:
        """Whose it is."""
        return self.submission.enrolment


class ReassessmentTask(Model):
    """What a run asks instead of a component, of whoever cannot make it as it was; without a row, the usual words."""

    __tablename__ = "reassessment_task"

    id: Mapped[Key]
    component_id: Mapped[int] = mapped_column(ForeignKey("component.id"), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    brief: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)

    component: Mapped[Component] = relationship()
