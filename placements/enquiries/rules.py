"""What is true on paper about enquiries."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from placements.core.clock import add_working_days, in_london, today

ANSWERED_WITHIN = 5  # working days from when we know whose an enquiry is to our answer, and to any silence being told
MOST_ENQUIRIES_A_DAY = 5  # from one email address: nobody can make us write to a stranger again and again
KEPT_UNCONFIRMED = timedelta(days=30)
LINK_LASTS = timedelta(days=14)  # to confirm an address
REFERRAL_LINK_LASTS = timedelta(days=30)  # longer than a receiver is reminded
RECEIVER_REMINDED_AFTER = (2, 4)  # working days without a word from whom something was passed to
SENDER_TOLD_AFTER = 5

# What links are for: the endpoints that they open.
CONFIRM = "enquiries.confirm"
ACKNOWLEDGE = "enquiries.acknowledge"
CONFIRM_NEWSLETTER = "enquiries.confirm_newsletter"
LEAVE_NEWSLETTER = "enquiries.leave_newsletter"

DAY = timedelta(days=1)
MORNING = time(9)
CATCH_UP = 14  # days after which a reminder that nobody could send is no longer worth sending


def answer_by(since: datetime) -> date:
    """The day by which we answer what became ours to answer at `since`."""
    return add_working_days(today(since), ANSWERED_WITHIN)


def next_working_day(day: date) -> date:
    """The first working day after it."""
    return add_working_days(day + DAY, 0)


def working_days_later(count: int) -> Callable[[date], date]:
    """From a day to the one so many working days after it."""
    return lambda day: add_working_days(day, count)


def mornings(due_on: Callable[[date], date], now: datetime) -> Iterator[tuple[date, datetime]]:
    """The days whose due day's morning, 9am in London, came in the last fortnight, each with that instant."""
    for back in range(3 * CATCH_UP):
        day = today(now) - back * DAY
        due_at = in_london(due_on(day), MORNING)
        if now - CATCH_UP * DAY < due_at <= now:
            yield day, due_at


def overdue_before(count: int, day: date) -> datetime:
    """What began before this instant has had its `count` working days on that day."""
    began_on = day
    while add_working_days(began_on, count) > day:
        began_on -= DAY
    return in_london(began_on + DAY, time())
