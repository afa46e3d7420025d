"""When supervisors are asked to confirm, and how many confirmed hours are enough."""

from datetime import datetime, time, timedelta

from placements.core import clock

LINK_LASTS = timedelta(days=21)
REMIND_AFTER = (timedelta(days=7), timedelta(days=14))  # of a mail to a supervisor that is not answered
ASKED_AT = time(9)  # on Mondays


def last_asking(now: datetime) -> datetime:
    """The last Monday, 9am in London, at or before `now`: when supervisors are asked to confirm (UTC)."""
    day = clock.today(now)
    monday = day - timedelta(days=day.weekday())
    at = clock.in_london(monday, ASKED_AT)
    return at if at <= now else clock.in_london(monday - timedelta(days=7), ASKED_AT)


def next_asking(now: datetime) -> datetime:
    """The first Monday, 9am in London, after `now` (UTC)."""
    return clock.in_london(clock.today(last_asking(now)) + timedelta(days=7), ASKED_AT)


def too_few_hours(confirmed: int, least: int) -> str | None:
    """Why a placement cannot be completed with that many minutes confirmed, as a sentence; None where it can."""
    if confirmed >= least:
        return None
    hours, minutes = divmod(least - confirmed, 60)
    missing = " ".join(f"{amount} {unit}" for amount, unit in ((hours, "h"), (minutes, "min")) if amount)
    return f"{missing} more must be confirmed before this placement can be completed."
