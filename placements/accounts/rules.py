"""When an account is locked; for how long its links last, and to which address."""

from datetime import datetime, timedelta
from hashlib import sha256

ATTEMPTS = 10
LOCK_LASTS = timedelta(minutes=15)
SIGN_IN_LINK_LASTS = timedelta(minutes=30)
INVITATION_LASTS = timedelta(days=14)
PASSWORD_LENGTH = 10


def address_version(email_key: str) -> str:
    """What ties a link to the address that it is sent to: a hash of it, so that the link's row holds no address."""
    return sha256(email_key.encode()).hexdigest()


def is_locked_out(failures: int, last_failed_at: datetime | None, now: datetime) -> bool:
    """Ten failures in a row lock an account for fifteen minutes after the last (machine time)."""
    return failures >= ATTEMPTS and last_failed_at is not None and now < last_failed_at + LOCK_LASTS
