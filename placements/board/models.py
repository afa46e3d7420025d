"""What becomes of marks: withheld, released at a moment to come, confirmed by a board, corrected after it, exported."""

from __future__ import annotations

import enum
from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.assessment.models import Mark
from placements.board.workflow import CorrectionState, StagedState
from placements.cohorts.models import Component, ModuleRun
from placements.db import Dated, Key, Model, check_one_of, one_of, partial_index, public_id
from placements.people.models import Person
from placements.secret import Secret


class Stage(enum.StrEnum):
    PROVISIONAL = "provisional"
    CONFIRMED = "confirmed"


class Withholding(Model):
    """Why a mark is withheld from release, board and export, and why it no longer is. Both stand encrypted."""

    __tablename__ = "withholding"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_by_somebody"),
        partial_index("uq_withholding_once", "mark_id", where="ended_at IS NULL", unique=True),
    )

    id: Mapped[Key]
    mark_id: Mapped[int] = mapped_column(ForeignKey("mark.id"))
    reason: Mapped[str] = mapped_column(Secret, deferred=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(Secret, nullable=True, deferred=True)

    by: Mapped[Person] = relationship(foreign_keys=[by_id])
    ended_by: Mapped[Person | None] = relationship(foreign_keys=[ended_by_id])


class StagedRelease(Dated, Model):
    """A set of marks to be released together at `release_at`: `marks` holds the key of each and its version then."""

    __tablename__ = "staged_release"
    __table_args__ = (
        check_one_of("state", StagedState),
        Index(None, "run_id"),
        partial_index("ix_staged_release_due", "release_at", where="state = 'staged'"),
    )
    DATES = ("release_at",)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    run_id: Mapped[int] = mapped_column(ForeignKey("module_run.id"))
    component_id: Mapped[int] = mapped_column(ForeignKey("component.id"))
    marks: Mapped[list[list[int]]] = mapped_column(JSON)
    release_at: Mapped[datetime]
    state: Mapped[StagedState] = one_of(StagedState, default=StagedState.STAGED)
    staged_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    staged_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    changed: Mapped[int | None]  # how many marks were no longer what was staged, where that stopped it

    run: Mapped[ModuleRun] = relationship()
    component: Mapped[Component] = relationship()
    staged_by: Mapped[Person] = relationship()


class BoardMeeting(Model):
    """A board that confirmed marks of a run: when it met, who chaired it, and who wrote it down."""

    __tablename__ = "board_meeting"
    __table_args__ = (Index(None, "run_id"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    run_id: Mapped[int] = mapped_column(ForeignKey("module_run.id"))
    met_on: Mapped[date]
    chair: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]

    run: Mapped[ModuleRun] = relationship()
    recorded_by: Mapped[Person] = relationship()
    decisions: Mapped[list[BoardDecision]] = relationship(order_by="BoardDecision.id")


class BoardDecision(Model):
    """A mark as a board confirmed it: it stays what it was, whatever a correction makes of the mark."""

    __tablename__ = "board_decision"
    __table_args__ = (Index(None, "meeting_id"),)

    id: Mapped[Key]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("board_meeting.id"))
    mark_id: Mapped[int] = mapped_column(ForeignKey("mark.id"), unique=True)
    mark: Mapped[int]


class Correction(Model):
    """A confirmed mark to be changed: one leader of the run asks, another agrees or refuses."""

    __tablename__ = "correction"
    __table_args__ = (
        check_one_of("state", CorrectionState),
        CheckConstraint("to_mark BETWEEN 0 AND 100", name="to_mark_in_range"),
        CheckConstraint("from_mark <> to_mark", name="changes_something"),
        CheckConstraint("(state = 'asked') = (decided_by_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("state = 'withdrawn' OR decided_by_id <> asked_by_id", name="two_people"),
        partial_index("uq_correction_once", "mark_id", where="state = 'asked'", unique=True),
        Index(None, "mark_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    mark_id: Mapped[int] = mapped_column(ForeignKey("mark.id"))
    from_mark: Mapped[int]
    to_mark: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)  # its student reads it
    state: Mapped[CorrectionState] = one_of(CorrectionState, default=CorrectionState.ASKED)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")  # why it was refused

    mark: Mapped[Mark] = relationship()
    asked_by: Mapped[Person] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])

    @property
    def run_id(self) -> int:
        """The run whose leaders decide it."""
        return self.mark.enrolment.run_id


class MarkExport(Model):
    """What was sent to the student record system, and when: `rows` are all rows there were.

    With `since`, an earlier export of the same stage, only what differs from it was sent.
    """

    __tablename__ = "mark_export"
    __table_args__ = (check_one_of("stage", Stage), Index(None, "run_id"))

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    run_id: Mapped[int] = mapped_column(ForeignKey("module_run.id"))
    stage: Mapped[Stage] = one_of(Stage)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    rows: Mapped[list[list[object]]] = mapped_column(JSON)
    since_id: Mapped[int | None] = mapped_column(ForeignKey("mark_export.id"))

    run: Mapped[ModuleRun] = relationship()
    made_by: Mapped[Person] = relationship()
    since: Mapped[MarkExport | None] = relationship(remote_side="MarkExport.id")
