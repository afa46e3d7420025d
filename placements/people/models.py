"""A person: a name and an address to write to."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column, validates

from placements.db import Key, Model, public_id

EMAIL_LENGTH = 254
NAME_LENGTH = 100


def email_key(address: str) -> str:
    """What makes two addresses the same to us."""
    return address.strip().lower()


class Person(Model):
    __tablename__ = "person"
    __table_args__ = (CheckConstraint("email_key = lower(email_key)", name="email_key_is_lower"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    given_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    family_name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    email_key: Mapped[str] = mapped_column(String(EMAIL_LENGTH), unique=True)
    phone: Mapped[str | None] = mapped_column(String(40))
    student_number: Mapped[str | None] = mapped_column(String(20), unique=True)
    created_at: Mapped[datetime]

    @validates("email")
    def _keep_key_in_step(self, _name: str, address: str) -> str:
        self.email_key = email_key(address)
        return address.strip()

    @property
    def name(self) -> str:
        """The name as people say it."""
        return f"{self.given_name} {self.family_name}".strip()
