"""A version of an Agreement as a PDF."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.agreements.models import Agreement
from placements.db import Key, Model
from placements.files.models import StoredFile


class AgreementCopy(Model):
    """Made once, when a version came into force: it says nothing that changes later, so it is never made again."""

    __tablename__ = "agreement_copy"

    id: Mapped[Key]
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"), unique=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    made_at: Mapped[datetime]

    agreement: Mapped[Agreement] = relationship()
    file: Mapped[StoredFile] = relationship()
