"""A result: what a challenge left behind, in words and numbers that its organisation has checked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.challenges.models import Challenge
from placements.db import Key, Model, check_one_of, one_of, public_id
from placements.impact.workflow import ResultState
from placements.people.models import Person


class Result(Model):
    """Nobody outside reads it before its organisation said that it is true and may be shown (`may_publish`).

    It names no student. `version` counts its words, so that what was verified is what is shown.
    """

    __tablename__ = "result"
    __table_args__ = (
        check_one_of("state", ResultState),
        CheckConstraint("people_reached IS NULL OR people_reached >= 0", name="people_reached_not_negative"),
        CheckConstraint("state <> 'published' OR may_publish", name="published_with_consent"),
        Index(None, "state", "published_at"),
        Index(None, "challenge_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    state: Mapped[ResultState] = one_of(ResultState, default=ResultState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    headline: Mapped[str] = mapped_column(String(120))
    story: Mapped[str] = mapped_column(Text)
    people_reached: Mapped[int | None]
    quote: Mapped[str] = mapped_column(Text, default="")  # in the organisation's own words
    written_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    written_at: Mapped[datetime]
    asked_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who is asked to verify it
    asked_at: Mapped[datetime | None]
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    verified_at: Mapped[datetime | None]
    may_publish: Mapped[bool] = mapped_column(default=False)
    published_at: Mapped[datetime | None]

    challenge: Mapped[Challenge] = relationship()
    written_by: Mapped[Person] = relationship(foreign_keys=[written_by_id])
    asked: Mapped[Person | None] = relationship(foreign_keys=[asked_id])
    verified_by: Mapped[Person | None] = relationship(foreign_keys=[verified_by_id])
