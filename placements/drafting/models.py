"""What a student has ready to hand in and has not handed in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.cohorts.models import Component, Enrolment
from placements.db import Key, Model, public_id
from placements.files.models import StoredFile


class Draft(Model):
    """One attempt's text and files so far. Nobody else reads it; handing in empties it. `version` counts the saves."""

    __tablename__ = "submission_draft"
    __table_args__ = (UniqueConstraint("component_id", "enrolment_id", "attempt"),)

    id: Mapped[Key]
    component_id: Mapped[int] = mapped_column(ForeignKey("component.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    attempt: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=0)
    saved_at: Mapped[datetime]

    component: Mapped[Component] = relationship()
    enrolment: Mapped[Enrolment] = relationship()
    files: Mapped[list[DraftFile]] = relationship(
        back_populates="draft", order_by="DraftFile.id", cascade="all, delete-orphan"
    )

    @property
    def is_empty(self) -> bool:
        """There is nothing in it that could be handed in."""
        return not self.text and not self.files


class DraftFile(Model):
    """A file of a draft. Its row in the store is the draft's own until it is handed in."""

    __tablename__ = "submission_draft_file"
    __table_args__ = (UniqueConstraint("draft_id", "file_id"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    draft_id: Mapped[int] = mapped_column(ForeignKey("submission_draft.id", ondelete="CASCADE"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))

    draft: Mapped[Draft] = relationship(back_populates="files")
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)
