"""A link is a row; its URL is a signature over the row's key, made when a mail is rendered."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.db import Key, Model
from placements.people.models import Person


class Link(Model):
    """What a mail lets its reader do without signing in. `version` ties it to the state of what it is about."""

    __tablename__ = "link"
    __table_args__ = (Index(None, "purpose", "about_id", "holder_id"),)

    id: Mapped[Key]
    purpose: Mapped[str] = mapped_column(String(60))  # the endpoint that it opens
    about_id: Mapped[int]
    holder_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    version: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]

    holder: Mapped[Person] = relationship()

    def is_open(self, now: datetime) -> bool:
        """Neither spent nor expired at `now`."""
        return self.spent_at is None and now < self.expires_at
