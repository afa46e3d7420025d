"""When an account is locked; for how long its links last, and to which address."""

from datetime import datetime, timedelta
from hashlib import sha256

ATTEMPTS = 10
LOCK_LASTS = timedelta(minutes=15)
SIGN_IN_LINK_LASTS = timedelta(minutes=30)
SIGN_IN_LINK_IS_NEW = timedelta(minutes=1)  # so long it is on its way, and asking again sends no other
INVITATION_LASTS = timedelta(days=14)
PASSWORD_LENGTH = 10
SIGN_IN_FAILED = (
    "That email address and password do not go together. Check both, or ask for a link by email. "
    f"After {ATTEMPTS} wrong tries no password works for {LOCK_LASTS.seconds // 60} minutes, but a link does."
)


def address_version(email_key: str) -> str:
    """What ties a link to the address that it is sent to: a hash of it, so that the link's row holds no address."""
    return sha256(email_key.encode()).hexdigest()


def is_locked_out(failures: int, last_failed_at: datetime | None, now: datetime) -> bool:
    """Ten failures in a row lock an account for fifteen minutes after the last (machine time)."""
    return failures >= ATTEMPTS and last_failed_at is not None and now < last_failed_at + LOCK_LASTS
