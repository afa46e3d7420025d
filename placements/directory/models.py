"""Lists of organisations that were uploaded, and what was found of those that look the same."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from placements.db import Key, Model, public_id


class NotTheSame(Model):
    """Two organisations that are much alike, and that somebody looked at and knows to be two."""

    __tablename__ = "not_the_same"
    __table_args__ = (UniqueConstraint("one_id", "other_id"), Index(None, "other_id"))

    id: Mapped[Key]
    one_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))


class PartnerImport(Model):
    """An uploaded list of organisations: looked at first, then applied whole or not at all, which empties `rows`."""

    __tablename__ = "partner_import"
    __table_args__ = (Index(None, "uploaded_by_id", "id"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[datetime]
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    errors: Mapped[list[dict[str, object]]] = mapped_column(JSON)  # line, column, what is wrong; kept when applied
    applied_at: Mapped[datetime | None]
    outcome: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # “new” → how many; filled when applied
