"""The Challenge Agreement, a row a version; its signatures, each over a hash of what was signed; and what was said."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.agreements.rules import SECTIONS, Content, Facts, facts_of
from placements.agreements.workflow import AgreementState
from placements.db import Key, Model, check_one_of, new_public_id, one_of, partial_index, public_id
from placements.people.models import Person
from placements.placing.models import Placement

IN_FORCE = "state = 'in_force'"
BEING_WORKED_ON = "state IN ('draft', 'signing')"


class Party(enum.StrEnum):
    STUDENT = "student"
    SUPERVISOR = "supervisor"
    TUTOR = "tutor"


PARTIES = {Party.STUDENT: "Student", Party.SUPERVISOR: "Supervisor", Party.TUTOR: "Tutor"}


class Agreement(Model):
    """One version. `facts` and `sha256` are fixed when it goes out for signing; the hash covers all that is signed."""

    __tablename__ = "agreement"
    __table_args__ = (
        UniqueConstraint("placement_id", "number"),
        check_one_of("state", AgreementState),
        partial_index("uq_agreement_in_force", "placement_id", where=IN_FORCE, unique=True),
        partial_index("uq_agreement_open", "placement_id", where=BEING_WORKED_ON, unique=True),
        partial_index("ix_agreement_signing", "proposed_at", where="state = 'signing'"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"))
    number: Mapped[int] = mapped_column(default=1)
    state: Mapped[AgreementState] = one_of(AgreementState, default=AgreementState.DRAFT)
    challenge: Mapped[str] = mapped_column(Text, default="")  # as jointly defined
    activities: Mapped[str] = mapped_column(Text, default="")
    output: Mapped[str] = mapped_column(Text, default="")
    hours_plan: Mapped[str] = mapped_column(Text, default="")
    supervision: Mapped[str] = mapped_column(Text, default="")
    confidentiality: Mapped[str] = mapped_column(Text, default="")
    ownership: Mapped[str] = mapped_column(Text, default="")  # who owns what is made
    starts_on: Mapped[date | None]  # what it makes the placement's dates, once it is in force; None: as they are
    ends_on: Mapped[date | None]
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # of the placement, as signed
    signatory_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who signs in the supervisor's place
    format: Mapped[int | None]  # of the canonical text that `sha256` was taken over
    sha256: Mapped[str | None] = mapped_column(String(64))
    edit_version: Mapped[int] = mapped_column(default=1)  # counts the times its words were saved
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime | None]
    proposed_at: Mapped[datetime | None]  # when it went out for signing
    in_force_at: Mapped[datetime | None]

    placement: Mapped[Placement] = relationship()
    signatory: Mapped[Person | None] = relationship()
    signatures: Mapped[list[Signature]] = relationship(back_populates="agreement", order_by="Signature.id")
    objectives: Mapped[list[Objective]] = relationship(order_by="Objective.position", cascade="all, delete-orphan")
    weeks: Mapped[list[PlannedWeek]] = relationship(order_by="PlannedWeek.monday", cascade="all, delete-orphan")

    @property
    def words(self) -> dict[str, str]:
        """What was written, by the name of its section."""
        return {section.name: getattr(self, section.name) for section in SECTIONS}

    @property
    def content(self) -> Content:
        """Everything that was written."""
        objectives = tuple(objective.text for objective in self.objectives)
        return Content(self.words, objectives, {week.monday: week.minutes for week in self.weeks})

    @property
    def is_amendment(self) -> bool:
        """It went round, or is written, while another version was in force."""
        agreed_at = self.placement.agreed_at
        return agreed_at is not None and self.in_force_at != agreed_at

    @property
    def signed_facts(self) -> Facts | None:
        """The placement's facts as they were when this version went out for signing."""
        return facts_of(self.facts) if self.facts is not None else None

    @property
    def signing_people(self) -> dict[Party, int | None]:
        """Who signs for each party, by key."""
        placement = self.placement
        return {
            Party.STUDENT: placement.enrolment.person_id,
            Party.SUPERVISOR: self.signatory_id or placement.supervisor_id,
            Party.TUTOR: placement.tutor_id,
        }

    def signature_of(self, party: Party) -> Signature | None:
        """That party's signature, if it has signed."""
        return next((each for each in self.signatures if each.party is party), None)

    def signature_of_person(self, person_id: int | None) -> Signature | None:
        """What that person signed of this version, if anything."""
        return next((each for each in self.signatures if each.person_id == person_id), None)


class Objective(Model):
    """One thing to be achieved or learnt, which visits and feedback may name. Each version has rows of its own."""

    __tablename__ = "agreement_objective"
    __table_args__ = (UniqueConstraint("agreement_id", "position"),)

    id: Mapped[Key]
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    position: Mapped[int]  # from 1
    text: Mapped[str] = mapped_column(Text)


class PlannedWeek(Model):
    """How many minutes the student is to work in the week that begins on that Monday. No row: none."""

    __tablename__ = "agreement_week"
    __table_args__ = (
        UniqueConstraint("agreement_id", "monday"),
        CheckConstraint("minutes > 0", name="minutes_positive"),
    )

    id: Mapped[Key]
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    monday: Mapped[date]
    minutes: Mapped[int]


class Signature(Model):
    """A typed name, the instant, the network address, and the hash of what was signed. Nobody signs for two."""

    __tablename__ = "signature"
    __table_args__ = (
        UniqueConstraint("agreement_id", "party"),
        UniqueConstraint("agreement_id", "person_id"),
        check_one_of("party", Party),
    )

    id: Mapped[Key]
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    party: Mapped[Party] = one_of(Party)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    typed_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(45))
    sha256: Mapped[str] = mapped_column(String(64))
    carried_from_id: Mapped[int | None] = mapped_column(ForeignKey("signature.id"))  # where it was really signed

    agreement: Mapped[Agreement] = relationship(back_populates="signatures")
    person: Mapped[Person] = relationship()
    carried_from: Mapped[Signature | None] = relationship(remote_side="Signature.id")


class GroupPart(Model):
    """The placement's Agreement is its part of one that the group at its challenge has: see `rules.SHARED`.

    Each part has versions, hashes and signatures of its own; what they share is written in all of them at once.
    """

    __tablename__ = "agreement_group_part"

    id: Mapped[Key]
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"), unique=True)
    joined_at: Mapped[datetime]

    placement: Mapped[Placement] = relationship()


class AgreementComment(Model):
    """What one of the parties says about a version. `form_key` makes a form sent twice one comment."""

    __tablename__ = "agreement_comment"
    __table_args__ = (Index(None, "agreement_id"),)

    id: Mapped[Key]
    form_key: Mapped[str] = mapped_column(String(40), unique=True, default=new_public_id)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]

    agreement: Mapped[Agreement] = relationship()
    author: Mapped[Person] = relationship()
