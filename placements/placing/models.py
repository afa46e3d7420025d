"""A placement: one student, one challenge, where, with whom, between which dates, for how many agreed minutes."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, and_, exists, or_
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from placements.challenges.models import BriefRisk, Challenge, Dbs
from placements.cohorts.models import Enrolment
from placements.db import Dated, Key, Model, check_one_of, one_of, partial_index, public_id
from placements.offers.models import Offer
from placements.partners.models import Organisation, Site
from placements.partners.workflow import OrganisationState
from placements.people.models import Person
from placements.placing.rules import Asked, Exit, GateKind
from placements.placing.workflow import GOING_ON, GateState, PlacementState
from placements.vetting.models import Risk, SiteRisk

REASON_LENGTH = 500


class EndedBy(enum.StrEnum):
    """Who brought a placement to its end before its time."""

    STUDENT = "student"
    ORGANISATION = "organisation"
    UNIVERSITY = "university"


ENDED_BY = {
    EndedBy.STUDENT: "The student",
    EndedBy.ORGANISATION: "The organisation",
    EndedBy.UNIVERSITY: "The university",
}


class Keeper(enum.StrEnum):
    """Who may end a pause."""

    TEAM = "team"  # its tutor or module leader
    UNIVERSITY = "university"  # what stopped it: it goes on by itself once nothing stops it any more
    SAFEGUARDING = "safeguarding"


class Placement(Dated, Model):
    """`agreed_at` is when the first Challenge Agreement came into force: no hour before it counts."""

    __tablename__ = "placement"
    __table_args__ = (
        check_one_of("state", PlacementState),
        check_one_of("ended_by", EndedBy),
        CheckConstraint("starts_on <= ends_on", name="dates_in_order"),
        Index(None, "enrolment_id"),
        Index(None, "challenge_id"),
        Index(None, "supervisor_id"),
        Index(None, "tutor_id"),
        Index(None, "state", "starts_on"),
    )
    DATES = ("starts_on", "ends_on")

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
    agreed_at: Mapped[datetime | None]
    ended_on: Mapped[date | None]  # the last day, however it ended
    ended_at: Mapped[datetime | None]  # when it was written down that it was ended early
    ended_by: Mapped[EndedBy | None] = one_of(EndedBy)
    ended_reason: Mapped[str | None] = mapped_column(String(REASON_LENGTH))  # for the module team

    offer: Mapped[Offer] = relationship()
    enrolment: Mapped[Enrolment] = relationship()
    challenge: Mapped[Challenge] = relationship()
    site: Mapped[Site | None] = relationship()
    supervisor: Mapped[Person] = relationship(foreign_keys=[supervisor_id])
    tutor: Mapped[Person | None] = relationship(foreign_keys=[tutor_id])
    if TYPE_CHECKING:
        is_too_risky: Mapped[bool]  # what is left of the risk of its work or its place is high; asked only when read
        is_assessed: Mapped[bool]  # the risk of its work, and of its place if it has one, was looked at
        is_unsafe: Mapped[bool]  # what stops work at once
    gates: Mapped[list[PlacementGate]] = relationship(back_populates="placement", order_by="PlacementGate.id")
    pauses: Mapped[list[Pause]] = relationship(back_populates="placement", order_by="Pause.id")

    @property
    def goes_on(self) -> bool:
        """It has neither ended nor been called off."""
        return self.state in GOING_ON

    @property
    def kept_by(self) -> Keeper:
        """Who may end its pause: the team, unless somebody else keeps it."""
        if self.state is not PlacementState.PAUSED:
            return Keeper.TEAM
        return next((pause.kept_by for pause in self.pauses if pause.until_at is None), Keeper.TEAM)

    @property
    def approval_to_move(self) -> PlacementGate | None:
        """What the visa officer was last asked about a move to another organisation; held: it is approved."""
        return next((gate for gate in self.gates if gate.kind is GateKind.MOVE), None)

    @property
    def paused_until(self) -> date | None:
        """The day on which the pause that it is in ends by itself."""
        return next((pause.until_on for pause in self.pauses if pause.until_at is None), None)


Placement.is_too_risky = column_property(
    or_(
        exists().where(BriefRisk.challenge_id == Placement.challenge_id, BriefRisk.residual == Risk.HIGH),
        exists().where(SiteRisk.site_id == Placement.site_id, SiteRisk.residual == Risk.HIGH),
    ),
    deferred=True,
)

Placement.is_assessed = column_property(
    and_(
        exists().where(BriefRisk.challenge_id == Placement.challenge_id),
        or_(Placement.site_id.is_(None), exists().where(SiteRisk.site_id == Placement.site_id)),
    ),
    deferred=True,
)


class Pause(Model):
    """From when until when a placement rested; `until_at` is None while it does. Why stands in its history.

    `kept_by` is nobody's to read: a pause is the same to everybody, whatever its cause.
    """

    __tablename__ = "placement_pause"
    __table_args__ = (
        CheckConstraint("from_at <= until_at", name="instants_in_order"),
        check_one_of("kept_by", Keeper),
        partial_index("uq_placement_pause_open", "placement_id", where="until_at IS NULL", unique=True),
        Index(None, "placement_id"),
    )

    id: Mapped[Key]
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    kept_by: Mapped[Keeper] = one_of(Keeper, default=Keeper.TEAM)
    until_on: Mapped[date | None]  # the day on which it goes on by itself, where that is known from the start

    placement: Mapped[Placement] = relationship(back_populates="pauses")

    def covers(self, instant: datetime) -> bool:
        """Whether the placement rested then."""
        return self.from_at <= instant and (self.until_at is None or instant < self.until_at)


class PlacementGate(Model):
    """One of the university's own checks of a placement: what it is, and how far. What was found stands in `clearance`.

    It was settled for what it was asked about (`level`, dates, place); of anything else it has to be asked anew.
    """

    __tablename__ = "placement_gate"
    __table_args__ = (
        UniqueConstraint("placement_id", "kind"),
        check_one_of("kind", GateKind),
        check_one_of("state", GateState),
        check_one_of("exit", Exit),
        check_one_of("level", Dbs),
        CheckConstraint("(state = 'exited') = (exit IS NOT NULL)", name="exited_by_an_exit"),
        Index(None, "state", "kind", "due_on"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"))
    kind: Mapped[GateKind] = one_of(GateKind)
    state: Mapped[GateState] = one_of(GateState, default=GateState.OPEN)
    exit: Mapped[Exit | None] = one_of(Exit)
    asked_at: Mapped[datetime]
    due_on: Mapped[date]
    level: Mapped[Dbs] = one_of(Dbs, default=Dbs.NONE)  # of the check that its role asks for
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    placement: Mapped[Placement] = relationship(back_populates="gates")
    settled_by: Mapped[Person | None] = relationship()

    @property
    def asked(self) -> Asked:
        """What it was asked about."""
        return Asked([*Dbs].index(self.level), self.starts_on, self.ends_on, self.site_id)


Placement.is_unsafe = column_property(
    or_(
        exists().where(BriefRisk.challenge_id == Placement.challenge_id, BriefRisk.residual == Risk.HIGH),
        exists().where(SiteRisk.site_id == Placement.site_id, SiteRisk.residual == Risk.HIGH),
        exists()
        .where(
            Challenge.id == Placement.challenge_id,
            Organisation.id == Challenge.organisation_id,
            Organisation.state == OrganisationState.PAUSED,
        )
        .correlate_except(Challenge, Organisation),
        exists()
        .where(PlacementGate.placement_id == Placement.id, PlacementGate.state == GateState.BARRED)
        .correlate_except(PlacementGate),
    ),
    deferred=True,
)
