"""Lists of organisations that were uploaded, and what was found of those that look the same."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from placements.db import Key, Model
from placements.files.models import UploadedSheet


class NotTheSame(Model):
    """Two organisations that are much alike, and that somebody looked at and knows to be two."""

    __tablename__ = "not_the_same"
    __table_args__ = (UniqueConstraint("one_id", "other_id"), Index(None, "other_id"))

    id: Mapped[Key]
    one_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))


class PartnerImport(UploadedSheet, Model):
    """An uploaded list of organisations; applied whole or not at all."""

    __tablename__ = "partner_import"
