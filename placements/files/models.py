"""An uploaded file: what it was called, what it is, and the hash that names it in the store."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

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
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    uploaded_at: Mapped[datetime]
