"""A file of one student's whole case: who asked for it and why, and what became of it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.cases.rules import REASON_LENGTH
from placements.cases.workflow import ExportState
from placements.cohorts.models import Enrolment
from placements.db import Key, Model, check_one_of, one_of, partial_index, public_id
from placements.files.models import StoredFile
from placements.people.models import Person


class CaseExport(Model):
    """It tells the case as at `made_at`, as far as who asked may read it. `sha256` and `size` outlast the file."""

    __tablename__ = "case_export"
    __table_args__ = (
        check_one_of("state", ExportState),
        CheckConstraint("(state = 'made') = (file_id IS NOT NULL)", name="made_has_file"),
        CheckConstraint("(made_at IS NULL) = (sha256 IS NULL)", name="made_has_hash"),
        partial_index("uq_case_export_asked", "enrolment_id", "asked_by_id", where="state = 'asked'", unique=True),
        Index(None, "enrolment_id"),
        Index(None, "state", "kept_until"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH))
    state: Mapped[ExportState] = one_of(ExportState, default=ExportState.ASKED)
    made_at: Mapped[datetime | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None]
    kept_until: Mapped[date | None]  # the last day on which the file is there

    enrolment: Mapped[Enrolment] = relationship()
    asked_by: Mapped[Person] = relationship()
    file: Mapped[StoredFile | None] = relationship()

    @property
    def run_id(self) -> int:
        """The run whose leaders know of it."""
        return self.enrolment.run_id
