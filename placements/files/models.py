"""An uploaded file: what it was called, what it is, and the hash that names it in the store; and uploaded sheets."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from placements.db import Key, Model, public_id


class StoredFile(Model):
    """`sha256` names the bytes in the store; two uploads of the same bytes share them."""

    __tablename__ = "stored_file"
    __table_args__ = (Index(None, "sha256"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: the system made it
    uploaded_at: Mapped[datetime]


class UploadedSheet:
    """What tables of uploaded sheets share: looked at first, then applied, once, which empties `rows`."""

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index]:
        return (Index(None, "uploaded_by_id", "id"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[datetime]
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    errors: Mapped[list[dict[str, object]]] = mapped_column(JSON)  # line, column, what is wrong; kept when applied
    ignored_columns: Mapped[list[str]] = mapped_column(JSON, default=list)
    applied_at: Mapped[datetime | None]
    outcome: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # “new” → how many; filled when applied
