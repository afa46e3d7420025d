"""Warnings as the worker found them, and what people did about each."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.cohorts.models import Enrolment
from placements.db import Key, Model, check_one_of, one_of, partial_index, public_id
from placements.people.models import Person
from placements.placing.models import Placement
from placements.watch.rules import Act, Kind

WHY_LENGTH = 300
WORDS_LENGTH = 500


class EarlyWarning(Model):
    """That a student needs somebody's look, from when it was found until it was no longer so (`closed_at`).

    `quiet_until`: somebody saw to it, and it is shown again on that day, or at once when it gets worse.
    """

    __tablename__ = "early_warning"
    __table_args__ = (
        check_one_of("kind", Kind),
        partial_index("uq_early_warning_open", "enrolment_id", "kind", where="closed_at IS NULL", unique=True),
        Index(None, "placement_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    placement_id: Mapped[int | None] = mapped_column(ForeignKey("placement.id"))
    kind: Mapped[Kind] = one_of(Kind)
    is_urgent: Mapped[bool]
    since_on: Mapped[date]
    why: Mapped[str] = mapped_column(String(WHY_LENGTH))
    due_on: Mapped[date]
    quiet_until: Mapped[date | None]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    enrolment: Mapped[Enrolment] = relationship()
    placement: Mapped[Placement | None] = relationship()


class WarningAction(Model):
    """Append-only: what somebody did about a warning, in a word from a list and in their own."""

    __tablename__ = "warning_action"
    __table_args__ = (check_one_of("act", Act), Index(None, "warning_id"))

    id: Mapped[Key]
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    warning_id: Mapped[int] = mapped_column(ForeignKey("early_warning.id"))
    act: Mapped[Act] = one_of(Act)
    words: Mapped[str] = mapped_column(String(WORDS_LENGTH))
    quiet_until: Mapped[date]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    warning: Mapped[EarlyWarning] = relationship()
    by: Mapped[Person] = relationship()
