"""Planned days, what the plan was made of, the days on which an organisation is closed, and contact points."""

from __future__ import annotations

import enum
from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.agreements.models import Agreement
from placements.attendance.workflow import ContactState, DayState
from placements.core.clock import say_date, say_time, say_when
from placements.db import Dated, Key, Model, check_one_of, one_of, public_id
from placements.partners.models import Organisation
from placements.people.models import Person
from placements.placing.models import Placement

WHY_LENGTH = 500
NOTE_LENGTH = 2000


class ContactKind(enum.StrEnum):
    VISIT = "visit"
    CALL = "call"


KINDS = {ContactKind.VISIT: "Visit", ContactKind.CALL: "Call"}


class PlannedDay(Dated, Model):
    """A day on which the student means to come. `why` they cannot is optional, and the tutor's alone to read.

    `is_own`: the student planned or moved it, so that a new version of the Agreement leaves it where it is.
    """

    __tablename__ = "planned_visit"
    __table_args__ = (UniqueConstraint("placement_id", "on"), check_one_of("state", DayState))
    DATES = ("on", "starts", "ends", "state")

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"))
    state: Mapped[DayState] = one_of(DayState, default=DayState.PLANNED)
    on: Mapped[date]
    starts: Mapped[time | None]
    ends: Mapped[time | None]
    is_own: Mapped[bool] = mapped_column(default=False)
    cancelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    why: Mapped[str] = mapped_column(String(WHY_LENGTH), default="")
    told_at: Mapped[datetime | None]  # when the others were last told of a change

    placement: Mapped[Placement] = relationship()
    cancelled_by: Mapped[Person | None] = relationship()

    @property
    def said(self) -> str:
        """“Wed 14 Oct 2026, 1pm to 5pm”."""
        times = " to ".join(say_time(each) for each in (self.starts, self.ends) if each)
        return f"{say_date(self.on)}, {times}" if times else say_date(self.on)


class VisitPlan(Model):
    """Which version of the Agreement a placement's days were last made from."""

    __tablename__ = "visit_plan"

    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"), primary_key=True, autoincrement=False)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    made_at: Mapped[datetime]

    agreement: Mapped[Agreement] = relationship()


class HostClosedDay(Model):
    """From which to which day an organisation is closed, so that no student comes."""

    __tablename__ = "host_closed_day"
    __table_args__ = (
        UniqueConstraint("organisation_id", "from_on", "to_on"),
        CheckConstraint("from_on <= to_on", name="dates_in_order"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    from_on: Mapped[date]
    to_on: Mapped[date]

    organisation: Mapped[Organisation] = relationship()

    @property
    def said(self) -> str:
        """“Wed 14 Oct 2026”, or from when to when."""
        last = "" if self.from_on == self.to_on else f" to {say_date(self.to_on)}"
        return f"{say_date(self.from_on)}{last}"


class ContactPoint(Dated, Model):
    """A visit or call by the tutor: planned, then done with notes of both sides, or missed."""

    __tablename__ = "contact_point"
    __table_args__ = (
        check_one_of("kind", ContactKind),
        check_one_of("state", ContactState),
        Index(None, "placement_id"),
    )
    DATES = ("at", "state")

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"))
    kind: Mapped[ContactKind] = one_of(ContactKind)
    state: Mapped[ContactState] = one_of(ContactState, default=ContactState.PLANNED)
    at: Mapped[datetime]
    note_university: Mapped[str] = mapped_column(Text, default="")  # the tutor's and module leader's to read
    note_host: Mapped[str] = mapped_column(Text, default="")

    placement: Mapped[Placement] = relationship()

    @property
    def said(self) -> str:
        """“Visit on Wed 14 Oct 2026, 3pm”."""
        return f"{KINDS[self.kind]} on {say_when(self.at)}"
