"""A placement: one student, one challenge, where, with whom, between which dates, for how many agreed minutes."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.db import Key, Model, check_one_of, one_of, public_id
from placements.partners.models import Site
from placements.people.models import Person
from placements.placing.workflow import PlacementState


class Placement(Model):
    __tablename__ = "placement"
    __table_args__ = (
        check_one_of("state", PlacementState),
        CheckConstraint("starts_on <= ends_on", name="dates_in_order"),
        Index(None, "enrolment_id"),
        Index(None, "challenge_id"),
        Index(None, "supervisor_id"),
        Index(None, "tutor_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), unique=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    supervisor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    tutor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[PlacementState] = one_of(PlacementState, default=PlacementState.PREPARING)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    minutes_agreed: Mapped[int]
    created_at: Mapped[datetime]
    ended_on: Mapped[date | None]
    ended_reason: Mapped[str | None] = mapped_column(String(500))

    enrolment: Mapped[Enrolment] = relationship()
    challenge: Mapped[Challenge] = relationship()
    site: Mapped[Site | None] = relationship()
    supervisor: Mapped[Person] = relationship(foreign_keys=[supervisor_id])
    tutor: Mapped[Person | None] = relationship(foreign_keys=[tutor_id])
