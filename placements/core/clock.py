"""London wall time: instants are UTC, people read and enter London time, deadlines say how far off they are."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def machine_now() -> datetime:
    """The machine's own instant (UTC): for leases, sessions, back-off and limits, never for the rules of the module."""
    return datetime.now(UTC)


def in_london(day: date, at: time) -> datetime:
    """The instant (UTC) of a London date and wall-clock time. In the hour that happens twice, the first one."""
    return datetime.combine(day, at, LONDON).astimezone(UTC)


def london(instant: datetime) -> datetime:
    """The same instant on London's clocks."""
    return instant.astimezone(LONDON)


def today(now: datetime) -> date:
    """London's date at `now`."""
    return london(now).date()


def day_began(now: datetime) -> datetime:
    """The midnight (UTC) at which London's day began. What is told as due then goes out once that day."""
    return in_london(today(now), time())


def exists_in_london(day: date, at: time) -> bool:
    """False for the hour that the clocks jump over in March."""
    return london(in_london(day, at)).time() == at


def clock_changes(since: date, until: date) -> list[tuple[datetime, timedelta]]:
    """When London's clocks are changed between two days, and by how much they are then put forward (or back: below 0).

    They change at 1am UTC (Summer Time Act 1972, as amended in 2002), so a day has at most one change.
    """
    found = []
    for ahead in range((until - since).days + 1):
        at = datetime.combine(since + timedelta(days=ahead), time(1), UTC)
        before, after = (london(each).utcoffset() for each in (at - timedelta(seconds=1), at))
        if before is not None and after is not None and before != after:
            found.append((at, after - before))
    return found


def is_working_day(day: date, closed: Collection[date] = ()) -> bool:
    """Monday to Friday, and not one of the `closed` days (bank holidays, university closure)."""
    return day.weekday() < 5 and day not in closed


def add_working_days(day: date, count: int, closed: Collection[date] = ()) -> date:
    """The date `count` working days after `day` (count ≥ 0; zero gives the next working day on or after it)."""
    while not is_working_day(day, closed):
        day += timedelta(days=1)
    for _ in range(count):
        day += timedelta(days=1)
        while not is_working_day(day, closed):
            day += timedelta(days=1)
    return day


def take_working_days(day: date, count: int, closed: Collection[date] = ()) -> date:
    """The date `count` working days before `day` (count ≥ 0; zero gives `day` itself)."""
    while count:
        day -= timedelta(days=1)
        count -= is_working_day(day, closed)
    return day


def say_date(day: date) -> str:
    """“Wed 14 Oct 2026”."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def say_time(at: time) -> str:
    """“3pm”, “9:30am”, “midday”, “midnight”."""
    if (at.hour, at.minute) in ((0, 0), (12, 0)):
        return "midday" if at.hour else "midnight"
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < 12 else 'pm'}"


def say_when(instant: datetime) -> str:
    """An instant in London: “Wed 14 Oct 2026, 3pm”."""
    there = london(instant)
    return f"{say_date(there.date())}, {say_time(there.time())}"


def say_distance(instant: datetime, now: datetime) -> str:
    """How far off an instant is, in the largest unit that says enough: “in 6 days”, “3 hours ago”, “now”."""
    seconds = (instant - now).total_seconds()
    if abs(seconds) < 60:
        return "now"
    days = (london(instant).date() - london(now).date()).days
    if abs(seconds) < 3600:
        amount, unit = round(abs(seconds) / 60), "minute"
    elif abs(seconds) < 86400 or days == 0:
        amount, unit = round(abs(seconds) / 3600), "hour"
    elif abs(days) < 60:
        amount, unit = abs(days), "day"
    else:
        amount, unit = round(abs(days) / 30.44), "month"
    said = f"{amount} {unit}{'' if amount == 1 else 's'}"
    return f"in {said}" if seconds > 0 else f"{said} ago"


def say_days(day: date, now: datetime) -> str:
    """How far off a date is: “today”, “tomorrow”, “yesterday”, “in 6 days”, “6 days ago”."""
    days = (day - today(now)).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in near:
        return near[days]
    return f"in {days} days" if days > 0 else f"{-days} days ago"
