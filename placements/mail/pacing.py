"""When mail goes out, on London's clocks: the day's mail at an hour that its reader chose, nothing at night."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from placements.core.clock import in_london, is_working_day, london

HOURS = (9, 12, 17, 20)  # of which everybody may choose one; none before what is due in the morning, at nine, is there
USUAL_HOUR = 9
READY = time(0, 10)  # past the hour: what falls due by the hour is queued by then
AWAKE_FROM, AWAKE_UNTIL = time(7), time(21)


def is_night(now: datetime) -> bool:
    """Whether London sleeps: from 9pm to 7am."""
    return not AWAKE_FROM <= london(now).time() < AWAKE_UNTIL


def digest_at(day: date, hour: int) -> datetime:
    """When the day's mail of whoever chose that hour goes out (UTC)."""
    return in_london(day, time(hour, READY.minute))


def due_digests(now: datetime, closed: Collection[date]) -> list[tuple[int, datetime]]:
    """Each hour whose mail of today may go out by `now`, and the moment up to which things are in it.

    None on a day that is no working day, and none at night: what could not go out waits for the next working day.
    """
    day = london(now).date()
    if not is_working_day(day, closed) or is_night(now):
        return []
    return [(hour, in_london(day, time(hour))) for hour in HOURS if digest_at(day, hour) <= now]


def next_digest(now: datetime, hour: int, closed: Collection[date]) -> datetime:
    """When the next day's mail of whoever chose that hour goes out: after `now` (UTC)."""
    day = london(now).date()
    while not is_working_day(day, closed) or digest_at(day, hour) <= now:
        day += timedelta(days=1)
    return digest_at(day, hour)


def read_steps(text: str) -> tuple[int, ...]:
    """The steps that a run has of its own, as they are stored: “-7 -2 0”."""
    return tuple(int(step) for step in text.split())
