"""A round over one or more runs of a year, locks, and what is changed in its inputs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment, ModuleRun
from placements.db import Key, Model, check_one_of, one_of, partial_index, public_id
from placements.partners.models import Organisation
from placements.people.models import Person
from placements.rounds.rules import REASON_LENGTH
from placements.rounds.workflow import AdjustmentKind, RoundState

round_run = Table(
    "round_run",
    Model.metadata,
    Column("round_id", ForeignKey("allocation_round.id", ondelete="CASCADE"), primary_key=True),
    Column("run_id", ForeignKey("module_run.id"), primary_key=True),
)


class Round(Model):
    """`seed` settles ties; it is drawn once, before any attempt, and shown.

    `threshold`: down to which choice the usual rule counts students one by one, the worst first.
    `repairs_id`: the published round that this one repairs, moving as few of its students as possible.
    """

    __tablename__ = "allocation_round"
    __table_args__ = (check_one_of("state", RoundState),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    academic_year: Mapped[str] = mapped_column(String(7))
    state: Mapped[RoundState] = one_of(RoundState, default=RoundState.DRAFT)
    seed: Mapped[str] = mapped_column(String(32))
    threshold: Mapped[int] = mapped_column(default=3, server_default="3")
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    repairs_id: Mapped[int | None] = mapped_column(ForeignKey("allocation_round.id"))

    repairs: Mapped[Round | None] = relationship(remote_side="Round.id")
    runs: Mapped[list[ModuleRun]] = relationship(secondary=round_run, order_by="ModuleRun.code")


class Adjustment(Model):
    """A change that a module leader makes to what a round is run on; `number` is what it becomes. Undone, it stays."""

    __tablename__ = "adjustment"
    __table_args__ = (
        check_one_of("kind", AdjustmentKind),
        CheckConstraint("(kind = 'forbid') = (number IS NULL)", name="all_but_forbids_have_a_number"),
        Index(None, "round_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    round_id: Mapped[int] = mapped_column(ForeignKey("allocation_round.id", ondelete="CASCADE"))
    kind: Mapped[AdjustmentKind] = one_of(AdjustmentKind)
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"))
    challenge_id: Mapped[int | None] = mapped_column(ForeignKey("challenge.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    number: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]

    round: Mapped[Round] = relationship()
    enrolment: Mapped[Enrolment | None] = relationship()
    challenge: Mapped[Challenge | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    made_by: Mapped[Person] = relationship()


class Lock(Model):
    """A pair that a tutor or module leader holds fixed in the next round. Undone, or used by it, it stays on record."""

    __tablename__ = "allocation_lock"
    __table_args__ = (
        partial_index("uq_allocation_lock_standing", "enrolment_id", where="ended_at IS NULL", unique=True),
        Index(None, "challenge_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    locked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH))
    locked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    enrolment: Mapped[Enrolment] = relationship()
    challenge: Mapped[Challenge] = relationship()
    locked_by: Mapped[Person] = relationship()
