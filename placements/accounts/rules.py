"""When an account is locked, and for how long its links last."""

from datetime import datetime, timedelta

ATTEMPTS = 10
LOCK_LASTS = timedelta(minutes=15)
SIGN_IN_LINK_LASTS = timedelta(minutes=30)
INVITATION_LASTS = timedelta(days=14)
PASSWORD_LENGTH = 10


def is_locked_out(failures: int, last_failed_at: datetime | None, now: datetime) -> bool:
    """Ten failures in a row lock an account for fifteen minutes after the last (machine time)."""
    return failures >= ATTEMPTS and last_failed_at is not None and now < last_failed_at + LOCK_LASTS
