"""A second marker's mark, kept apart from the first, and what became of the two."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.assessment.models import Mark
from placements.cohorts.models import Criterion, Enrolment
from placements.db import Key, Model, check_one_of, one_of, partial_index, public_id
from placements.double_marking.workflow import How, Role, SecondState, SettlementState
from placements.people.models import Person


class SecondMark(Model):
    """What the second or the third marker makes of the same work. `given`: what their scores come to.

    Nothing of it stands in the mark itself, so whoever reads that learns nothing of this, and the other way round.
    """

    __tablename__ = "second_mark"
    __table_args__ = (
        UniqueConstraint("mark_id", "role"),
        check_one_of("role", Role),
        check_one_of("state", SecondState),
        CheckConstraint("given BETWEEN 0 AND 100", name="given_in_range"),
        Index(None, "marker_id", "state"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    mark_id: Mapped[int] = mapped_column(ForeignKey("mark.id", ondelete="CASCADE"))
    role: Mapped[Role] = one_of(Role)
    marker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[SecondState] = one_of(SecondState, default=SecondState.ALLOTTED)
    given: Mapped[int | None]
    feedback: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    allotted_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]

    mark: Mapped[Mark] = relationship()
    marker: Mapped[Person] = relationship()
    scores: Mapped[list[SecondScore]] = relationship(
        cascade="all, delete-orphan", order_by="SecondScore.criterion_id", back_populates="second"
    )

    @property
    def enrolment(self) -> Enrolment:
        """Whose work it is about."""
        return self.mark.enrolment


class SecondScore(Model):
    """One criterion's score, 0–100 (None: not given yet), and what is said to it."""

    __tablename__ = "second_score"
    __table_args__ = (
        UniqueConstraint("second_id", "criterion_id"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score_in_range"),
    )

    id: Mapped[Key]
    second_id: Mapped[int] = mapped_column(ForeignKey("second_mark.id", ondelete="CASCADE"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"))
    score: Mapped[int | None]
    comment: Mapped[str] = mapped_column(Text, default="")

    second: Mapped[SecondMark] = relationship(back_populates="scores")
    criterion: Mapped[Criterion] = relationship()


class Settlement(Model):
    """A mark that was proposed for two, and what became of it. By rule, nobody proposed it and nobody agreed."""

    __tablename__ = "settlement"
    __table_args__ = (
        check_one_of("how", How),
        check_one_of("state", SettlementState),
        CheckConstraint("given BETWEEN 0 AND 100", name="given_in_range"),
        CheckConstraint("proposed_by_id != answered_by_id", name="two_people"),
        partial_index("uq_settlement_open", "mark_id", where="state IN ('proposed', 'settled')", unique=True),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    mark_id: Mapped[int] = mapped_column(ForeignKey("mark.id", ondelete="CASCADE"), index=True)
    how: Mapped[How] = one_of(How)
    state: Mapped[SettlementState] = one_of(SettlementState)
    given: Mapped[int]
    reason: Mapped[str] = mapped_column(Text, default="")
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")

    mark: Mapped[Mark] = relationship()
    proposed_by: Mapped[Person | None] = relationship(foreign_keys=[proposed_by_id])
    answered_by: Mapped[Person | None] = relationship(foreign_keys=[answered_by_id])

    @property
    def enrolment(self) -> Enrolment:
        """Whose work it is about."""
        return self.mark.enrolment
