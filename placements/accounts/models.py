"""An account is how a person signs in. Its roles hold everywhere; roles on a run or an organisation stand elsewhere."""

import enum
import secrets
from datetime import datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import JSON, Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.accounts.rules import is_locked_out
from placements.core.clock import machine_now
from placements.db import Key, Model, check_one_of, db, one_of
from placements.people.models import Person


def new_uniquifier() -> str:
    """What a session names its account by; a new one ends every session."""
    return secrets.token_hex(32)


class GlobalRole(enum.StrEnum):
    ADMINISTRATOR = "administrator"
    ENGAGEMENT = "engagement"
    SAFEGUARDING = "safeguarding"
    SAFETY_OFFICER = "safety_officer"
    VISA_OFFICER = "visa_officer"
    DISABILITY_ADVISER = "disability_adviser"


account_role = Table(
    "account_role",
    Model.metadata,
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id"), primary_key=True),
)


class Role(Model, RoleMixin):
    __tablename__ = "role"
    __table_args__ = (check_one_of("name", GlobalRole),)

    id: Mapped[Key]
    name: Mapped[GlobalRole] = one_of(GlobalRole, unique=True)

    permissions = None  # Flask-Security asks; abilities are ours and live in the areas' policies


class Account(Model, UserMixin):
    """Column names that Flask-Security reads: `active`, `password`, `fs_uniquifier`, `tf_*`, `mf_*`."""

    __tablename__ = "account"

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    password: Mapped[str | None] = mapped_column(String(255))
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=new_uniquifier)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(JSON)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    last_failed_at: Mapped[datetime | None]  # machine time
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
    roles: Mapped[list[Role]] = relationship(secondary=account_role, lazy="joined")  # type: ignore[assignment]

    @property
    def email(self) -> str:  # type: ignore[override]
        """The address that Flask-Security shows and puts into an authenticator's label."""
        return self.person.email

    def is_locked(self, form_error: list[str] | None = None) -> bool:
        """Whether too many sign-ins failed of late. Tells the form so."""
        locked = is_locked_out(self.failed_sign_ins, self.last_failed_at, machine_now())
        if locked and form_error is not None:
            form_error.append("Too many attempts. Wait 15 minutes, or sign in with a link by email.")
        return locked

    def track_failed_authn(self, auth_type: str, tfa: bool = False) -> None:
        """Count a failed attempt, in a short write of its own."""
        self.failed_sign_ins += 1
        self.last_failed_at = machine_now()
        db.session.commit()

    def forget_failures(self) -> None:
        """Start counting again: somebody signed in."""
        self.failed_sign_ins, self.last_failed_at = 0, None
