"""A supervisor's feedback on a placement, half way and at the end, each with every version that was given."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.agreements.models import Objective
from placements.db import Dated, Key, Model, check_one_of, one_of, public_id
from placements.feedback.rules import OCCASIONS, Occasion, Rating
from placements.feedback.workflow import FeedbackState
from placements.people.models import Person
from placements.placing.models import Placement

REASON_LENGTH = 500


class Feedback(Dated, Model):
    """`draft` is what the supervisor has written and not given yet: nobody else reads it.

    `read_number` is the version that the student has said they read. `reason`: why it is not to be had, for staff.
    """

    __tablename__ = "supervisor_feedback"
    __table_args__ = (
        UniqueConstraint("placement_id", "occasion"),
        check_one_of("occasion", Occasion),
        check_one_of("state", FeedbackState),
        Index(None, "state", "asked_at"),
    )
    DATES = ("asked_at",)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"))
    occasion: Mapped[Occasion] = one_of(Occasion)
    state: Mapped[FeedbackState] = one_of(FeedbackState, default=FeedbackState.REQUESTED)
    asked_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # the supervisor who was asked last
    asked_at: Mapped[datetime]
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    comment: Mapped[str] = mapped_column(Text, default="")  # the student's
    read_number: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH))

    placement: Mapped[Placement] = relationship()
    asked: Mapped[Person] = relationship()
    versions: Mapped[list[FeedbackVersion]] = relationship(order_by="FeedbackVersion.number", back_populates="feedback")

    @property
    def title(self) -> str:
        """“Interim feedback”."""
        return OCCASIONS[self.occasion]

    @property
    def given(self) -> FeedbackVersion | None:
        """What it says now, once it was given."""
        return self.versions[-1] if self.versions else None

    @property
    def is_unread(self) -> bool:
        """The student has not said that they have read what it says now."""
        return self.state is FeedbackState.RECEIVED and self.read_number < len(self.versions)


class FeedbackVersion(Model):
    """Append-only: what was given, by whom. A correction is another version, and both are kept."""

    __tablename__ = "feedback_version"
    __table_args__ = (UniqueConstraint("feedback_id", "number"),)

    id: Mapped[Key]
    feedback_id: Mapped[int] = mapped_column(ForeignKey("supervisor_feedback.id"))
    number: Mapped[int]  # from 1
    strengths: Mapped[str] = mapped_column(Text)
    next_steps: Mapped[str] = mapped_column(Text, default="")
    given_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    is_by_link: Mapped[bool] = mapped_column(default=False)

    feedback: Mapped[Feedback] = relationship(back_populates="versions")
    given_by: Mapped[Person] = relationship()
    ratings: Mapped[list[FeedbackRating]] = relationship(order_by="FeedbackRating.id")


class FeedbackRating(Model):
    """How far one objective of the Agreement was reached, in the supervisor's eyes."""

    __tablename__ = "feedback_rating"
    __table_args__ = (UniqueConstraint("version_id", "objective_id"), check_one_of("rating", Rating))

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(ForeignKey("feedback_version.id"))
    objective_id: Mapped[int] = mapped_column(ForeignKey("agreement_objective.id"))
    rating: Mapped[Rating] = one_of(Rating)

    objective: Mapped[Objective] = relationship()
