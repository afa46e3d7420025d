"""A student's ranked choices with one statement, and an addition for any of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.applications.rules import MOST_CHOICES, Choice, Draft
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.db import Key, Model, check_one_of, one_of, public_id


class Application(Model):
    """`draft` is what the student is working on; statement and preferences are what was last submitted, and count.

    `decided_at`: when a round that used it was published; from then on it is shown to no organisation,
    until it is submitted again.
    """

    __tablename__ = "application"
    __table_args__ = (check_one_of("state", ApplicationState),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), unique=True)
    state: Mapped[ApplicationState] = one_of(ApplicationState, default=ApplicationState.DRAFT)
    draft: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    draft_saved_at: Mapped[datetime | None]
    statement: Mapped[str] = mapped_column(Text, default="")
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]

    enrolment: Mapped[Enrolment] = relationship()
    preferences: Mapped[list[Preference]] = relationship(
        order_by="Preference.rank", cascade="all, delete-orphan", back_populates="application"
    )

    @property
    def working(self) -> Draft:
        """What the student is working on."""
        return Draft.read(self.draft)

    @property
    def standing(self) -> Draft | None:
        """What was submitted and counts, in the draft's terms; None where nothing does. Reads the challenges."""
        if self.state is not ApplicationState.SUBMITTED:
            return None
        chosen = tuple(Choice(each.challenge.public_id, each.addition) for each in self.preferences)
        return Draft(self.statement, chosen)


class Preference(Model):
    """One ranked choice, as submitted."""

    __tablename__ = "preference"
    __table_args__ = (
        UniqueConstraint("application_id", "rank"),
        UniqueConstraint("application_id", "challenge_id"),
        CheckConstraint(f"rank BETWEEN 1 AND {MOST_CHOICES}", name="rank_in_range"),
        Index(None, "challenge_id"),
    )

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    rank: Mapped[int]
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    addition: Mapped[str] = mapped_column(Text, default="")

    application: Mapped[Application] = relationship(back_populates="preferences")
    challenge: Mapped[Challenge] = relationship()


class Receipt(Model):
    """What was submitted at one moment, word for word; written once. `number` is what the student can quote."""

    __tablename__ = "application_receipt"
    __table_args__ = (Index(None, "application_id"),)

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(9), unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    submitted_at: Mapped[datetime]
    statement: Mapped[str] = mapped_column(Text)
    choices: Mapped[list[dict[str, str]]] = mapped_column(JSON)  # title, organisation, addition: the 1st choice first

    application: Mapped[Application] = relationship()


class Bookmark(Model):
    """A challenge that a student wants to find again."""

    __tablename__ = "bookmark"
    __table_args__ = (UniqueConstraint("enrolment_id", "challenge_id"), Index(None, "challenge_id"))

    id: Mapped[Key]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
