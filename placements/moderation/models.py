"""A set of marks that is moderated together: each as it was, the sample with its record, and adjustments."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.assessment.models import Mark
from placements.cohorts.models import Component
from placements.db import Key, Model, check_one_of, one_of, partial_index, public_id
from placements.moderation.rules import Why
from placements.moderation.workflow import ModerationState, Outcome
from placements.people.models import Person


class Moderation(Model):
    """One draw. `rule` in words, `seed` and the marks of the set are all that it takes to draw it again."""

    __tablename__ = "moderation"
    __table_args__ = (
        UniqueConstraint("component_id", "attempt", "number"),
        check_one_of("state", ModerationState),
        CheckConstraint("outcome IN ('stand', 'adjust', 'remark')", name="outcome_known"),
        partial_index(
            "uq_moderation_open", "component_id", "attempt", where="state IN ('drawn', 'in_progress')", unique=True
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    component_id: Mapped[int] = mapped_column(ForeignKey("component.id"))
    attempt: Mapped[int] = mapped_column(default=1)
    number: Mapped[int]  # of the draws for this component and attempt
    moderator_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    rule: Mapped[str] = mapped_column(Text)
    seed: Mapped[str] = mapped_column(String(40))
    state: Mapped[ModerationState] = one_of(ModerationState, default=ModerationState.DRAWN)
    drawn_at: Mapped[datetime]
    outcome: Mapped[Outcome | None] = one_of(Outcome)
    comment: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None]

    component: Mapped[Component] = relationship()
    moderator: Mapped[Person] = relationship()
    scripts: Mapped[list[ModeratedMark]] = relationship(order_by="ModeratedMark.id", back_populates="moderation")
    adjustments: Mapped[list[SetAdjustment]] = relationship(order_by="SetAdjustment.id", back_populates="moderation")

    @property
    def run_id(self) -> int:
        """The run that it belongs to."""
        return self.component.run_id

    @property
    def sample(self) -> list[ModeratedMark]:
        """What the moderator reads."""
        return [each for each in self.scripts if each.why is not None]


class ModeratedMark(Model):
    """One mark of the set as it was drawn from. With `why` it is in the sample, and has the moderator's record."""

    __tablename__ = "moderated_mark"
    __table_args__ = (UniqueConstraint("moderation_id", "mark_id"), check_one_of("why", Why))

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    moderation_id: Mapped[int] = mapped_column(ForeignKey("moderation.id"))
    mark_id: Mapped[int] = mapped_column(ForeignKey("mark.id", ondelete="CASCADE"), index=True)
    marker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    given: Mapped[int]
    is_first_time: Mapped[bool] = mapped_column(default=False)  # its marker has marked no other run
    why: Mapped[Why | None] = one_of(Why)
    agrees: Mapped[bool | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    noted_at: Mapped[datetime | None]

    moderation: Mapped[Moderation] = relationship(back_populates="scripts")
    mark: Mapped[Mark] = relationship()
    marker: Mapped[Person] = relationship()


class SetAdjustment(Model):
    """Points that were added to every mark of the set, or of one marker's part of it. Append-only."""

    __tablename__ = "set_adjustment"
    __table_args__ = (CheckConstraint("points BETWEEN -100 AND 100", name="points_in_range"),)

    id: Mapped[Key]
    moderation_id: Mapped[int] = mapped_column(ForeignKey("moderation.id"), index=True)
    marker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: the whole set
    points: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    moderation: Mapped[Moderation] = relationship(back_populates="adjustments")
    marker: Mapped[Person | None] = relationship(foreign_keys=[marker_id])
    by: Mapped[Person] = relationship(foreign_keys=[by_id])
