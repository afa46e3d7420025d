"""What was found at a gate. Words about a person stand encrypted, and are read only where a page shows them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.challenges.models import Dbs
from placements.db import Key, Model, check_one_of, new_public_id, one_of
from placements.people.models import Person
from placements.placing.models import GateKind, PlacementGate
from placements.secret import Secret
from placements.vetting.models import Risk

KEEPERS = {  # the role that settles it
    GateKind.DBS: "safeguarding",
    GateKind.VISA: "visa_officer",
    GateKind.ADJUSTMENT: "disability_adviser",
    GateKind.OWN_RISK: "safety_officer",
    GateKind.MOVE: "visa_officer",
}
OPENERS = ("disability_adviser", "safety_officer")  # whose gates nobody can tell from the record


def secret(**options: object) -> Mapped[str]:
    """A text about somebody: encrypted, and read from the database only where a page shows it."""
    return mapped_column(Secret, deferred=True, deferred_group="words", **options)  # type: ignore[arg-type]


class DbsSeen(Model):
    """Which check was seen, and when: never the certificate. Or, without one, which duties the student has."""

    __tablename__ = "dbs_seen"
    __table_args__ = (
        check_one_of("level", Dbs),
        CheckConstraint("(level = 'none') = (seen_on IS NULL)", name="seen_on_a_day"),
        CheckConstraint("level <> 'none' OR duties <> ''", name="duties_without_it"),
    )

    id: Mapped[Key]
    gate_id: Mapped[int] = mapped_column(ForeignKey("placement_gate.id"), unique=True)
    level: Mapped[Dbs] = one_of(Dbs)
    seen_on: Mapped[date | None]
    duties: Mapped[str] = mapped_column(Text, default="")

    gate: Mapped[PlacementGate] = relationship()


class VisaDetail(Model):
    """Where, how much and between which days a sponsored student works, as it was recorded; nothing is overwritten."""

    __tablename__ = "visa_detail"
    __table_args__ = (Index(None, "gate_id"), CheckConstraint("starts_on <= ends_on", name="dates_in_order"))

    id: Mapped[Key]
    form_key: Mapped[str] = mapped_column(String(40), unique=True, default=new_public_id)
    gate_id: Mapped[int] = mapped_column(ForeignKey("placement_gate.id"))
    address: Mapped[str] = secret()
    hours_a_week: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    gate: Mapped[PlacementGate] = relationship()
    recorded_by: Mapped[Person] = relationship()


class Adjustment(Model):
    """What the student asked for, what was agreed, and what of it the organisation is told, if the student says so.

    `is_shared`: the student's own answer to just these words; None while there is none.
    """

    __tablename__ = "adjustment_agreed"
    __table_args__ = (CheckConstraint("is_shared IS NULL OR answered_at IS NOT NULL", name="answered_at_an_instant"),)

    id: Mapped[Key]
    gate_id: Mapped[int] = mapped_column(ForeignKey("placement_gate.id"), unique=True)
    asked: Mapped[str] = secret(default="")
    agreed: Mapped[str] = secret(default="")
    to_share: Mapped[str] = secret(default="")
    agreed_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    is_shared: Mapped[bool | None]

    gate: Mapped[PlacementGate] = relationship()


class OwnRisk(Model):
    """What may make the work risky for this student, what is done about it, and what is left then."""

    __tablename__ = "own_risk"
    __table_args__ = (check_one_of("residual", Risk),)

    id: Mapped[Key]
    gate_id: Mapped[int] = mapped_column(ForeignKey("placement_gate.id"), unique=True)
    what: Mapped[str] = secret()
    actions: Mapped[str] = secret(default="")
    residual: Mapped[Risk | None] = one_of(Risk)
    raised_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    gate: Mapped[PlacementGate] = relationship()
    raised_by: Mapped[Person] = relationship()


class MoveAsked(Model):
    """Where a sponsored student would go and why, and what the visa officer says to it. Whether they may: its gate."""

    __tablename__ = "move_asked"

    id: Mapped[Key]
    gate_id: Mapped[int] = mapped_column(ForeignKey("placement_gate.id"), unique=True)
    words: Mapped[str] = secret()
    answer: Mapped[str] = secret(default="")
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    gate: Mapped[PlacementGate] = relationship()
    asked_by: Mapped[Person] = relationship()
