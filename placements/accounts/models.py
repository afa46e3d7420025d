"""An account is how a person signs in. Its roles hold everywhere; roles on a run or an organisation stand elsewhere."""

import enum
import secrets
from datetime import datetime
from typing import Any

from flask_security import RoleMixin, UserMixin
from sqlalchemy import JSON, Column, ForeignKey, String, Table, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.accounts.rules import SIGN_IN_FAILED, is_locked_out
from placements.core.clock import machine_now
from placements.db import Key, Model, begin_to_write, check_one_of, db, one_of
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
    # Not `roles`, which Flask-Security would read at every request: abilities are ours.
    global_roles: Mapped[list[Role]] = relationship(secondary=account_role)

    @property
    def email(self) -> str:  # type: ignore[override]
        """The address that Flask-Security shows and puts into an authenticator's label."""
        return self.person.email

    def is_locked(self, form_error: list[str] | None = None) -> bool:
        """Whether too many sign-ins failed of late. Tells the form what every failure says: it gives nothing away."""
        locked = is_locked_out(self.failed_sign_ins, self.last_failed_at, machine_now())
        if locked and form_error is not None:
            form_error.append(SIGN_IN_FAILED)
        return locked

    def track_failed_authn(self, auth_type: str, tfa: bool = False) -> None:
        """Count a failed attempt, in a short write of its own."""
        self._write(failed_sign_ins=Account.failed_sign_ins + 1, last_failed_at=machine_now())

    def forget_failures(self) -> None:
        """Start counting again, in a short write of its own: somebody signed in."""
        self._write(failed_sign_ins=0, last_failed_at=None)

    def _write(self, **values: Any) -> None:
        """Not in the transaction that read the account: others have written while the password was hashed."""
        key = self.id
        begin_to_write()
        db.session.execute(update(Account).where(Account.id == key).values(values))
        db.session.commit()
