"""The Challenge Agreement, a row a version, and its signatures, each over the hash of what was signed."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.agreements.workflow import AgreementState
from placements.db import Key, Model, check_one_of, one_of, partial_index, public_id
from placements.people.models import Person
from placements.placing.models import Placement

IN_FORCE = "state = 'in_force'"


class Party(enum.StrEnum):
    STUDENT = "student"
    SUPERVISOR = "supervisor"
    TUTOR = "tutor"


class Agreement(Model):
    """One version. `sha256` is fixed when it goes out for signing and covers every word that is signed."""

    __tablename__ = "agreement"
    __table_args__ = (
        UniqueConstraint("placement_id", "number"),
        check_one_of("state", AgreementState),
        partial_index("uq_agreement_in_force", "placement_id", where=IN_FORCE, unique=True),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"))
    number: Mapped[int] = mapped_column(default=1)
    state: Mapped[AgreementState] = one_of(AgreementState, default=AgreementState.DRAFT)
    challenge: Mapped[str] = mapped_column(Text, default="")  # as jointly defined
    objectives: Mapped[str] = mapped_column(Text, default="")
    activities: Mapped[str] = mapped_column(Text, default="")
    output: Mapped[str] = mapped_column(Text, default="")
    hours_plan: Mapped[str] = mapped_column(Text, default="")
    supervision: Mapped[str] = mapped_column(Text, default="")
    confidentiality: Mapped[str] = mapped_column(Text, default="")
    ownership: Mapped[str] = mapped_column(Text, default="")  # who owns what is made
    sha256: Mapped[str | None] = mapped_column(String(64))
    edit_version: Mapped[int] = mapped_column(default=1)  # two people edit one text
    created_at: Mapped[datetime]
    in_force_at: Mapped[datetime | None]

    placement: Mapped[Placement] = relationship()
    signatures: Mapped[list[Signature]] = relationship(back_populates="agreement", order_by="Signature.id")


class Signature(Model):
    """A typed name, the instant, the network address, and the hash of what was signed."""

    __tablename__ = "signature"
    __table_args__ = (UniqueConstraint("agreement_id", "party"), check_one_of("party", Party))

    id: Mapped[Key]
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    party: Mapped[Party] = one_of(Party)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    typed_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    address: Mapped[str] = mapped_column(String(45))
    sha256: Mapped[str] = mapped_column(String(64))

    agreement: Mapped[Agreement] = relationship(back_populates="signatures")
    person: Mapped[Person] = relationship()
