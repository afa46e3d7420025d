"""The dates of one person: all that their roles give them, and by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from placements.calendar.as_host import as_host
from placements.calendar.as_staff import as_staff
from placements.calendar.as_student import as_student
from placements.calendar.as_tutor import as_tutor
from placements.calendar.entries import Entry
from placements.core.clock import today
from placements.core.policy import Principal

ROLES = (as_student, as_tutor, as_host, as_staff)


def entries_of(who: Principal) -> list[Entry]:
    """All of them, the first date first. What two roles tell of the same thing stands once."""
    found = {each.uid: each for role in ROLES for each in role(who)}
    return sorted(found.values(), key=lambda each: (each.begins_at, each.uid))


@dataclass(frozen=True)
class Month:
    """The entries of a month, by a day of it."""

    day: date
    entries: Sequence[Entry]

    @property
    def title(self) -> str:
        """“March 2027”."""
        return f"{self.day:%B %Y}"


def by_month(entries: Sequence[Entry], now: datetime) -> tuple[list[Month], Sequence[Entry]]:
    """What is to come, today's dates with it, month by month; and what is over."""
    coming = [each for each in entries if today(each.begins_at) >= today(now)]
    months = groupby(coming, key=lambda each: today(each.begins_at).replace(day=1))
    return [Month(day, list(some)) for day, some in months], [each for each in entries if each not in coming]
