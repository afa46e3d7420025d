"""Which days a plan has, since when a placement is silent, and when that is spoken of: dates in, dates out."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from placements.core.clock import add_working_days, in_london, london

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
WORKING_WEEK = 5  # working days in which something is expected where no day is agreed
ASKED_AT = time(9)  # London
CONTACTS_USUAL = 2  # visits or calls by the tutor in a placement; ours


def usual_days(first: date, last: date, days: int, mondays: Collection[date]) -> Iterator[date]:
    """The days from `first` to `last` that the challenge's `days` name (a bit a day, Monday lowest).

    With `mondays`, only in the weeks that begin on one of them: those that the Agreement plans hours for.
    """
    for ahead in range((last - first).days + 1):
        day = first + ahead * DAY
        if days & 1 << day.weekday() and (not mondays or day - day.weekday() * DAY in mondays):
            yield day


@dataclass(frozen=True)
class Expected:
    """What was expected of a placement. `plan`: its planned days that nobody cancelled, or None where it has no plan.

    `days` are the challenge's usual ones. `closed`: nothing is expected on these, and no day of `rests` (pauses).
    `cancelled`: the days of the plan that somebody took off.
    """

    starts_on: date
    ends_on: date
    days: int
    plan: Collection[date] | None
    closed: Collection[date]
    rests: Iterable[tuple[date, date | None]] = ()
    cancelled: Collection[date] = ()

    def rested(self, day: date) -> bool:
        """Whether the placement was paused on some part of that day."""
        return any(first <= day and (last is None or day <= last) for first, last in self.rests)


def silent_since(expected: Expected, last_on: date | None, today: date) -> date | None:
    """The day that silence is counted from, or None while whatever was expected by yesterday has come.

    `last_on` is the day of the last visit that was logged. The first day since then that passed with nothing is asked
    about on the morning after, as if the week before it had been logged.
    """
    began = last_on or expected.starts_on
    missed = first_missed(expected, last_on, today)
    return max(began, missed - WEEK) if missed else None


def first_missed(expected: Expected, last_on: date | None, today: date) -> date | None:
    """The first day after the last visit on which one was expected, and that is over.

    Where no day is agreed, or the plan has run out while the placement goes on, that is a week after the last known.
    """
    after = last_on or expected.starts_on - DAY
    days: Iterable[date] = expected.plan or ()
    if expected.plan is None:
        days = usual_days(after + DAY, min(today - DAY, expected.ends_on), expected.days, ())
    open_days = (day for day in days if after < day < today and day not in expected.closed)
    missed = min((day for day in open_days if not expected.rested(day)), default=None)
    known = [*(expected.plan or ()), *expected.cancelled]
    if missed or (expected.plan is None and expected.days) or any(day >= today for day in known):
        return missed
    missed = _a_week_later(expected, max(last_on or expected.starts_on, *known, date.min))
    return missed if missed < today and missed <= expected.ends_on else None


def _a_week_later(expected: Expected, day: date) -> date:
    """The last of the five working days after the day, those of a pause left out."""
    left = WORKING_WEEK
    while left:
        day = add_working_days(day + DAY, 0, expected.closed)
        left -= not expected.rested(day) or day > expected.ends_on
    return day


def asked_at(since: date, days: int, closed: Collection[date]) -> datetime:
    """When somebody is asked about a silence of so many whole days: 9am in London on the next working day."""
    return in_london(add_working_days(since + (days + 1) * DAY, 0, closed), ASKED_AT)


def next_weekly_mail(now: datetime) -> datetime:
    """The first Monday, 9am in London, after `now`, when supervisors are written to about all that waits."""
    day = london(now).date()
    monday = day - timedelta(days=day.weekday())
    this = in_london(monday, ASKED_AT)
    return this if now < this else in_london(monday + WEEK, ASKED_AT)


def suggested_contacts(starts_on: date, ends_on: date, closed: Collection[date]) -> list[date]:
    """Working days on which a tutor might visit or call: a third and two thirds of the way."""
    length = ends_on - starts_on
    return [
        add_working_days(starts_on + length * number // (CONTACTS_USUAL + 1), 0, closed)
        for number in range(1, CONTACTS_USUAL + 1)
    ]
