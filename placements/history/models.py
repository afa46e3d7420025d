"""One row for every act; append-only."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.db import Key, Model
from placements.people.models import Person


class History(Model):
    """`about_kind` and `about_id` name the thing, `person_id` whom the row is about, `ability` who may read it."""

    __tablename__ = "history"
    __table_args__ = (Index(None, "about_kind", "about_id", "id"), Index(None, "person_id"), Index(None, "actor_id"))

    id: Mapped[Key]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # None: the system
    verb: Mapped[str] = mapped_column(String(60))  # past tense: “published”
    about_kind: Mapped[str] = mapped_column(String(40))
    about_id: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ability: Mapped[str | None] = mapped_column(String(60))  # None: whoever may see the thing
    reason: Mapped[str | None] = mapped_column(String(2000))
    fields: Mapped[list[str]] = mapped_column(JSON, default=list)

    actor: Mapped[Person | None] = relationship(foreign_keys=[actor_id])
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])


Read = tuple[str, int, str]  # the table, key and field of something sensitive


class SensitiveRead(Model):
    """One row for every read of a restricted field; the only rows that a GET may write."""

    __tablename__ = "sensitive_read"

    id: Mapped[Key]
    at: Mapped[datetime]
    reader_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    about_kind: Mapped[str] = mapped_column(String(40))
    about_id: Mapped[int]
    field: Mapped[str] = mapped_column(String(60))
