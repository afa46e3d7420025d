"""A place put to a student, with a deadline; who still needs one; and an organisation that cannot take its students."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.db import Dated, Key, Model, check_one_of, one_of, partial_index, public_id
from placements.offers.workflow import OfferState, RefusalState
from placements.people.models import Person

_LIVE = "state IN ('made', 'accepted')"


class Offer(Dated, Model):
    """At most one live offer a student. `why_made` is staff's reason, where it was made by hand."""

    __tablename__ = "offer"
    __table_args__ = (
        check_one_of("state", OfferState),
        partial_index("uq_offer_live", "enrolment_id", where=_LIVE, unique=True),
        Index(None, "challenge_id", "state"),
        Index(None, "state", "deadline_at"),
    )
    DATES = ("deadline_at",)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[OfferState] = one_of(OfferState, default=OfferState.MADE)
    made_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]  # or taken back; None while a student who left has a place to be passed on
    why_made: Mapped[str | None] = mapped_column(String(500))
    reason: Mapped[str | None] = mapped_column(String(500))  # the student's, when declining; staff's, when withdrawing

    enrolment: Mapped[Enrolment] = relationship()
    challenge: Mapped[Challenge] = relationship()
    made_by: Mapped[Person | None] = relationship()

    @property
    def is_from_waiting_list(self) -> bool:
        """Nobody made it: a place became free."""
        return self.made_by_id is None and self.why_made is None


class ClearingReason(enum.StrEnum):
    UNPLACED = "unplaced"  # the round could not place them
    DID_NOT_APPLY = "did_not_apply"
    CAME_LATE = "came_late"  # joined, or came back, when places had been given out
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"  # the offer was taken back
    PLACEMENT_ENDED = "placement_ended"


class Clearing(Model):
    """One student who needs a place: who sees to it, and by when. Open until placed, given `outcome`, or gone."""

    __tablename__ = "clearing"
    __table_args__ = (
        check_one_of("why", ClearingReason),
        partial_index("uq_clearing_open", "enrolment_id", where="closed_at IS NULL", unique=True),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    why: Mapped[ClearingReason] = one_of(ClearingReason)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    by_on: Mapped[date]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(500))  # what was agreed in place of a placement

    enrolment: Mapped[Enrolment] = relationship()
    owner: Mapped[Person] = relationship()
    asked: Mapped[list[AskedPlace]] = relationship(order_by="AskedPlace.id", back_populates="clearing")


class AskedPlace(Model):
    """A place that a student on the clearing list asks for; taken back, the row is gone."""

    __tablename__ = "asked_place"
    __table_args__ = (UniqueConstraint("clearing_id", "challenge_id"), Index(None, "challenge_id"))

    id: Mapped[Key]
    clearing_id: Mapped[int] = mapped_column(ForeignKey("clearing.id"))
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    words: Mapped[str] = mapped_column(String(500))  # to whoever looks after them; may be empty
    asked_at: Mapped[datetime]

    clearing: Mapped[Clearing] = relationship(back_populates="asked")
    challenge: Mapped[Challenge] = relationship()


class RefusalKind(enum.StrEnum):
    TIME = "time"
    PERSON = "person"
    PLACE = "place"
    WORK = "work"
    OTHER = "other"


REFUSALS = {
    RefusalKind.TIME: "Nobody has the time to look after students now",
    RefusalKind.PERSON: "The person who would supervise has left, or is away",
    RefusalKind.PLACE: "The place cannot be used",
    RefusalKind.WORK: "The work is done, or is not needed any more",
    RefusalKind.OTHER: "Something else",
}


class HostRefusal(Model):
    """An organisation says that it cannot take the students who are offered its challenge; a module leader decides.

    `decision` is why the offers stand, where they do.
    """

    __tablename__ = "host_refusal"
    __table_args__ = (
        check_one_of("kind", RefusalKind),
        check_one_of("state", RefusalState),
        partial_index("uq_host_refusal_open", "challenge_id", where="state = 'open'", unique=True),
        Index(None, "challenge_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    said_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    said_at: Mapped[datetime]
    kind: Mapped[RefusalKind] = one_of(RefusalKind)
    words: Mapped[str] = mapped_column(String(500))
    state: Mapped[RefusalState] = one_of(RefusalState, default=RefusalState.OPEN)
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decision: Mapped[str] = mapped_column(String(500), default="")

    challenge: Mapped[Challenge] = relationship()
    said_by: Mapped[Person] = relationship(foreign_keys=said_by_id)
    settled_by: Mapped[Person | None] = relationship(foreign_keys=settled_by_id)
    offers: Mapped[list[Offer]] = relationship(
        primaryjoin=lambda: foreign(Offer.challenge_id) == HostRefusal.challenge_id, viewonly=True, order_by=Offer.id
    )

    @property
    def kind_said(self) -> str:
        """The reason from the list, as people say it."""
        return REFUSALS[self.kind]

    @property
    def unanswered(self) -> list[Offer]:
        """What students can still accept or decline."""
        return [offer for offer in self.offers if offer.state is OfferState.MADE]
