"""The Challenge Agreement as work, on paper: when it is due after a placing, and which of its versions is marked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from placements.assessment.rules import is_on_time
from placements.core import clock

DUE_TIME = time(15)  # London
LEAST_NOTICE = 7  # days; ours: a deadline that is set long after the placing leaves at least that many


def placing_due_at(placed_at: datetime, days: int, closed: Collection[date] = ()) -> datetime:
    """15:00 in London so many days after the day of the placing; on a closed day, the next working day."""
    day = clock.london(placed_at).date() + timedelta(days=days)
    return clock.in_london(clock.add_working_days(day, 0, closed), DUE_TIME)


def due_after(
    base: datetime, was: tuple[datetime | None, datetime | None], now: datetime, days: int, closed: Collection[date]
) -> datetime:
    """The deadline once `base` follows from the placing; `was`: what followed before, and the deadline that there was.

    Whoever was given longer keeps it, and nobody is given less notice than LEAST_NOTICE, or than the days themselves.
    """
    base_was, due_was = was
    earliest = placing_due_at(now, min(days, LEAST_NOTICE), closed)
    kept = [due_was] if due_was is not None and due_was != base_was else []
    return max([base, earliest if base < earliest else base, *kept])


@dataclass(frozen=True)
class Sent:
    """A version that went out for signature; `in_force_at` is None until all have signed."""

    key: int
    at: datetime
    in_force_at: datetime | None = None


def marked(versions: Sequence[Sent], due_at: datetime | None) -> Sent | None:
    """The version that is marked: the last sent by the deadline, or else the first sent after it.

    Where there is no deadline, the first that came into force.
    """
    in_order = sorted(versions, key=lambda each: (each.at, each.key))
    if due_at is None:
        agreed = [each for each in in_order if each.in_force_at is not None]
        return min(agreed, key=lambda each: (each.in_force_at, each.key), default=None)
    in_time = [each for each in in_order if is_on_time(each.at, due_at)]
    return in_time[-1] if in_time else next(iter(in_order), None)


def is_to_be_marked(version: Sent, due_at: datetime | None, now: datetime) -> bool:
    """Whether it is taken for marking: it is in force, or the deadline has passed."""
    return version.in_force_at is not None or (due_at is not None and now > due_at)
