"""True on paper of the clearing list: when dates are called to mind, what is asked for at a time and told together."""

from datetime import date, datetime, timedelta

from placements.core.clock import is_working_day

WARNED_WORKING_DAYS = 3  # before a date on the clearing list; ours
MOST_ASKED = 3  # places that one student asks for at a time; ours
WORDS_LENGTH = 500
TOLD_TOGETHER = timedelta(minutes=15)  # what is asked for within it is one mail


def warned_on(by_on: date) -> date:
    """When whoever keeps the date is reminded of it: three working days before."""
    day, left = by_on, WARNED_WORKING_DAYS
    while left:
        day -= timedelta(days=1)
        left -= is_working_day(day)
    return day


def told_together_at(now: datetime) -> datetime:
    """When what is asked for `now` is told: at the next quarter of the hour, with what else is asked for by then."""
    return now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % TOLD_TOGETHER + TOLD_TOGETHER
