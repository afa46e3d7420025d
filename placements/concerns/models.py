"""A concern, and what its owner did about it. Everything that people write about it stands encrypted."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.concerns.rules import About, Kind, Readers, Severity
from placements.concerns.workflow import OPEN, ConcernState
from placements.db import Key, Model, check_one_of, one_of, public_id
from placements.links.models import Link
from placements.people.models import Person
from placements.placing.models import Placement
from placements.secret import Secret


def secret() -> Mapped[str]:
    """A text of the concern: encrypted, and read from the database only where a page shows it."""
    return mapped_column(Secret, deferred=True)


def maybe_secret() -> Mapped[str | None]:
    """The same where there may be none."""
    return mapped_column(Secret, nullable=True, deferred=True)


class Concern(Model):
    """`readers` is settled when it is told; `link_id` is what a reporter without an account told it by."""

    __tablename__ = "concern"
    __table_args__ = (
        check_one_of("kind", Kind),
        check_one_of("severity", Severity),
        check_one_of("about", About),
        check_one_of("readers", Readers),
        check_one_of("state", ConcernState),
        CheckConstraint("(state = 'raised') = (owner_id IS NULL)", name="owned_once_taken_on"),
        CheckConstraint("state NOT IN ('resolved', 'referred') OR outcome IS NOT NULL", name="closed_with_an_outcome"),
        CheckConstraint("state <> 'referred' OR referred_to IS NOT NULL", name="referred_to_somebody"),
        Index(None, "placement_id"),
        Index(None, "reporter_id"),
        Index(None, "owner_id"),
        Index(None, "state", "own_by_at"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"))
    reporter_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    link_id: Mapped[int | None] = mapped_column(ForeignKey("link.id"), unique=True)
    kind: Mapped[Kind] = one_of(Kind)
    severity: Mapped[Severity] = one_of(Severity)
    about: Mapped[About] = one_of(About)
    about_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    readers: Mapped[Readers] = one_of(Readers)
    state: Mapped[ConcernState] = one_of(ConcernState, default=ConcernState.RAISED)
    words: Mapped[str] = secret()
    happened_on: Mapped[date | None]
    place: Mapped[str | None] = maybe_secret()
    done: Mapped[str | None] = maybe_secret()
    raised_at: Mapped[datetime]
    own_by_at: Mapped[datetime]
    act_by_at: Mapped[datetime]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    owned_at: Mapped[datetime | None]
    acted_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = maybe_secret()
    referred_to: Mapped[str | None] = maybe_secret()

    placement: Mapped[Placement] = relationship()
    reporter: Mapped[Person] = relationship(foreign_keys=[reporter_id])
    about_person: Mapped[Person | None] = relationship(foreign_keys=[about_id])
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    link: Mapped[Link | None] = relationship()
    notes: Mapped[list[ConcernNote]] = relationship(back_populates="concern", order_by="ConcernNote.id")

    @property
    def is_open(self) -> bool:
        """It is neither resolved nor referred."""
        return self.state in OPEN

    @property
    def is_restricted(self) -> bool:
        """Safeguarding alone reads it, and whoever owns it; each reading is kept."""
        return self.readers is Readers.ALONE

    @property
    def next_at(self) -> datetime | None:
        """By when it is owned or first acted on; None once it is."""
        if self.state is ConcernState.RAISED:
            return self.own_by_at
        return self.act_by_at if self.state is ConcernState.OWNED else None


class ConcernNote(Model):
    """What its owner did or learned; with `to_id`, why it was passed on to somebody else."""

    __tablename__ = "concern_note"
    __table_args__ = (Index(None, "concern_id"),)

    id: Mapped[Key]
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    concern_id: Mapped[int] = mapped_column(ForeignKey("concern.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = secret()
    at: Mapped[datetime]

    concern: Mapped[Concern] = relationship(back_populates="notes")
    author: Mapped[Person] = relationship(foreign_keys=[author_id])
    to: Mapped[Person | None] = relationship(foreign_keys=[to_id])
