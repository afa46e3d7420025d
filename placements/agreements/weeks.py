"""The hours week by week, on paper: an even spread, a plan under other dates, what is wrong with one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby

from placements.core.clock import is_working_day

A_WEEK = timedelta(days=7)
STEP = 15  # minutes: hours are planned in quarters
SPREAD = 30  # an even spread deals in halves
MOST_IN_A_WEEK = 80 * 60  # ours: more is a slip of the pen

Weeks = Mapping[date, int]


def mondays(starts_on: date, ends_on: date) -> list[date]:
    """The Mondays of the weeks that a placement with these dates touches."""
    first = starts_on - timedelta(days=starts_on.weekday())
    return [first + A_WEEK * ahead for ahead in range((ends_on - first).days // 7 + 1)]


def open_weeks(starts_on: date, ends_on: date, closed: Collection[date]) -> list[date]:
    """Those with a working day of the placement in them that is not closed."""

    def has_a_working_day(monday: date) -> bool:
        days = (monday + timedelta(days=ahead) for ahead in range(7))
        return any(starts_on <= day <= ends_on and is_working_day(day, closed) for day in days)

    return [monday for monday in mondays(starts_on, ends_on) if has_a_working_day(monday)]


def even_spread(minutes: int, starts_on: date, ends_on: date, closed: Collection[date]) -> dict[date, int]:
    """The minutes over the open weeks, in halves of an hour, the first ones getting what does not divide."""
    weeks = open_weeks(starts_on, ends_on, closed) or mondays(starts_on, ends_on)
    each, over = divmod(minutes // SPREAD, len(weeks))
    spread = {monday: (each + (place < over)) * SPREAD for place, monday in enumerate(weeks)}
    spread[weeks[0]] += minutes % SPREAD
    return {monday: planned for monday, planned in spread.items() if planned}


def fitted(weeks: Weeks, starts_on: date, ends_on: date, closed: Collection[date]) -> dict[date, int]:
    """The plan under other dates: what falls outside them is spread evenly over the weeks inside."""
    inside = set(mondays(starts_on, ends_on))
    kept = {monday: minutes for monday, minutes in weeks.items() if monday in inside}
    left = sum(weeks.values()) - sum(kept.values())
    more = even_spread(left, starts_on, ends_on, closed) if left else {}
    return {monday: kept.get(monday, 0) + more.get(monday, 0) for monday in sorted({*kept, *more})}


def plan_problem(weeks: Weeks, starts_on: date, ends_on: date, least: int, most: int) -> str | None:
    """What is wrong with a plan for a placement with these dates, as a sentence; None where nothing is."""
    total = sum(weeks.values())
    if not set(weeks) <= set(mondays(starts_on, ends_on)):
        return "Plan the hours again: some of them are in weeks outside the dates of the placement."
    if least <= total <= most:
        return None
    by = f"Add at least {say_hours(least - total)}" if total < least else f"Take off at least {say_hours(total - most)}"
    between = f"Between {least / 60:g} and {say_hours(most)} can be agreed"
    return f"Your weeks come to {say_hours(total)}. {between}. {by}."


def say_hours(minutes: int) -> str:
    """“2.5 hours”."""
    return f"{minutes / 60:g} hour{'' if minutes == 60 else 's'}"


def say_weeks(weeks: Weeks) -> str:
    """The plan, a line for each stretch of weeks that have the same hours."""
    return "\n".join(_stretches(weeks))


def _stretches(weeks: Weeks) -> Iterator[str]:
    planned = sorted(weeks.items())
    runs = groupby(enumerate(planned), key=lambda each: (each[1][0] - A_WEEK * each[0], each[1][1]))
    for (_, minutes), run in runs:
        yield _stretch([monday for _, (monday, _) in run], minutes)


def _stretch(run: Sequence[date], minutes: int) -> str:
    first, last = run[0], run[-1] + timedelta(days=6)
    days = f"{first.day} {first:%b %Y} to {last.day} {last:%b %Y}"
    return f"{days}: {say_hours(minutes)}" if len(run) == 1 else f"{days}: {say_hours(minutes)} a week"
