"""The tutor's desk: what was read, phrases to write again, grades, nudges, and logbooks as they were handed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.cohorts.models import Checkpoint, Criterion, Enrolment
from placements.db import Key, Model, check_one_of, one_of, public_id
from placements.logbook.models import Entry
from placements.people.models import Person
from placements.placing.models import Placement
from placements.reading.rules import Why

PHRASE_LENGTH = 500


class EntryRead(Model):
    """That somebody has read an entry as it was in that version; once it is changed it is unread again."""

    __tablename__ = "entry_read"
    __table_args__ = (UniqueConstraint("reader_id", "entry_id", "version"), Index(None, "entry_id"))

    id: Mapped[Key]
    entry_id: Mapped[int] = mapped_column(ForeignKey("log_entry.id"))
    version: Mapped[int]
    reader_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    entry: Mapped[Entry] = relationship()
    reader: Mapped[Person] = relationship()


class CommentPhrase(Model):
    """A tutor's own words, kept to be used again."""

    __tablename__ = "comment_phrase"
    __table_args__ = (UniqueConstraint("owner_id", "text"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(String(PHRASE_LENGTH))

    owner: Mapped[Person] = relationship()


class LogbookGrade(Model):
    """A tutor's grading of a logbook at a checkpoint, against the rubric. On the way it shows at once, never counts.

    The final one is part of the portfolio's mark, and hidden until that is released; `settled_at` is when the mark
    took it, after which it stays as it is.
    """

    __tablename__ = "logbook_grade"
    __table_args__ = (UniqueConstraint("placement_id", "checkpoint_id"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"))
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoint.id"))
    grader_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    comment: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    placement: Mapped[Placement] = relationship()
    checkpoint: Mapped[Checkpoint] = relationship()
    grader: Mapped[Person] = relationship()
    scores: Mapped[list[LogbookScore]] = relationship(
        cascade="all, delete-orphan", order_by="LogbookScore.criterion_id"
    )


class LogbookScore(Model):
    """One criterion of a grading, 0–100, with a comment."""

    __tablename__ = "logbook_score"
    __table_args__ = (
        UniqueConstraint("grade_id", "criterion_id"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score_in_range"),
    )

    id: Mapped[Key]
    grade_id: Mapped[int] = mapped_column(ForeignKey("logbook_grade.id", ondelete="CASCADE"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"))
    score: Mapped[int]
    comment: Mapped[str] = mapped_column(Text, default="")

    criterion: Mapped[Criterion] = relationship()


class Nudge(Model):
    """Words that a tutor sent to several people at once."""

    __tablename__ = "nudge"
    __table_args__ = (check_one_of("why", Why),)

    id: Mapped[Key]
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    why: Mapped[Why] = one_of(Why)
    sent_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)

    sent_by: Mapped[Person] = relationship()
    recipients: Mapped[list[NudgeRecipient]] = relationship(order_by="NudgeRecipient.id", back_populates="nudge")


class NudgeRecipient(Model):
    """One person nudged, about one placement: the student, or the supervisor."""

    __tablename__ = "nudge_recipient"
    __table_args__ = (UniqueConstraint("nudge_id", "placement_id"),)

    id: Mapped[Key]
    nudge_id: Mapped[int] = mapped_column(ForeignKey("nudge.id"))
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    nudge: Mapped[Nudge] = relationship(back_populates="recipients")
    placement: Mapped[Placement] = relationship()
    person: Mapped[Person] = relationship()


class LogbookSnapshot(Model):
    """A student's whole logbook as it stood at an instant, frozen: what is marked. `content` as `frozen.content_of`."""

    __tablename__ = "logbook_snapshot"
    __table_args__ = (UniqueConstraint("enrolment_id", "taken_at"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    taken_at: Mapped[datetime]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)

    enrolment: Mapped[Enrolment] = relationship()
    placements: Mapped[list[Placement]] = relationship(
        primaryjoin="LogbookSnapshot.enrolment_id == foreign(Placement.enrolment_id)",
        viewonly=True,
        order_by=Placement.id,
    )
