"""A student's record of achievement; the end of an organisation's year, and what it says of the next."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.challenges.models import Challenge
from placements.closing.rules import Again
from placements.db import Key, Model, check_one_of, one_of, public_id
from placements.files.models import StoredFile
from placements.partners.models import Organisation
from placements.people.models import Person
from placements.placing.models import Placement


class StudentRecord(Model):
    """The newest record of achievement of a completed placement, as its student had it made."""

    __tablename__ = "student_record"

    id: Mapped[Key]
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"), unique=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    made_at: Mapped[datetime]

    placement: Mapped[Placement] = relationship()
    file: Mapped[StoredFile] = relationship()


class Closing(Model):
    """All students of an academic year have ended at an organisation: it is thanked once, with a certificate."""

    __tablename__ = "closing"
    __table_args__ = (
        UniqueConstraint("organisation_id", "academic_year"),
        CheckConstraint("students > 0", name="students_positive"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    academic_year: Mapped[str] = mapped_column(String(7))
    students: Mapped[int]  # who completed their placements
    asked_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: nobody there to write to
    closed_at: Mapped[datetime]
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))  # the certificate

    organisation: Mapped[Organisation] = relationship()
    asked: Mapped[Person | None] = relationship()
    file: Mapped[StoredFile] = relationship()
    answers: Mapped[list[ClosingAnswer]] = relationship(back_populates="closing", order_by="ClosingAnswer.id")


class ClosingAnswer(Model):
    """What the organisation says of offering one challenge again. `draft`: what was made of a yes, once it could be."""

    __tablename__ = "closing_answer"
    __table_args__ = (UniqueConstraint("closing_id", "challenge_id"), check_one_of("answer", Again))

    id: Mapped[Key]
    closing_id: Mapped[int] = mapped_column(ForeignKey("closing.id"))
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    answer: Mapped[Again] = one_of(Again)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("challenge.id"))

    closing: Mapped[Closing] = relationship(back_populates="answers")
    challenge: Mapped[Challenge] = relationship(foreign_keys=[challenge_id])
    by: Mapped[Person] = relationship()
    draft: Mapped[Challenge | None] = relationship(foreign_keys=[draft_id])
