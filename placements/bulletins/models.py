"""A message to many, and each person that it goes to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.bulletins.rules import SUBJECT_LENGTH, Audience, Outcome
from placements.bulletins.workflow import BulletinState
from placements.cohorts.models import ModuleRun
from placements.db import Key, Model, check_one_of, one_of, partial_index, public_id
from placements.people.models import Person


class Bulletin(Model):
    """Written by one, whose name it goes out in. Who is in its audience is asked when sending begins (`begun_at`).

    `version` counts the times that its audience or words were saved, so that two windows do not overwrite each other.
    """

    __tablename__ = "bulletin"
    __table_args__ = (
        check_one_of("audience", Audience),
        check_one_of("state", BulletinState),
        CheckConstraint("(audience = 'partners') = (run_id IS NULL)", name="has_a_run"),
        CheckConstraint("state IN ('draft', 'discarded') OR send_at IS NOT NULL", name="has_its_moment"),
        Index(None, "run_id"),
        Index(None, "sender_id"),
        Index(None, "state", "send_at"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    sender_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    audience: Mapped[Audience] = one_of(Audience)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("module_run.id"))
    filters: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    subject: Mapped[str] = mapped_column(String(SUBJECT_LENGTH), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[BulletinState] = one_of(BulletinState, default=BulletinState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    send_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    resumed_at: Mapped[datetime | None]  # the last time; what was told before may have been dropped while it was held
    ended_at: Mapped[datetime | None]  # all is sent, or it was stopped

    sender: Mapped[Person] = relationship()
    run: Mapped[ModuleRun | None] = relationship()

    @property
    def is_written(self) -> bool:
        """There is something to send."""
        return bool(self.subject and self.words)


class BulletinRecipient(Model):
    """One who was in the audience when sending began. `told_at`: the due date of the newest notification about it."""

    __tablename__ = "bulletin_recipient"
    __table_args__ = (
        UniqueConstraint("bulletin_id", "person_id"),
        check_one_of("outcome", Outcome),
        partial_index("ix_bulletin_recipient_unsettled", "bulletin_id", "id", where="outcome IS NULL"),
        Index(None, "person_id"),
    )

    id: Mapped[Key]
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    told_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None] = one_of(Outcome)
    settled_at: Mapped[datetime | None]  # when it was sent, or what else became of it

    bulletin: Mapped[Bulletin] = relationship()
    person: Mapped[Person] = relationship()
