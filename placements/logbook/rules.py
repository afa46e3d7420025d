"""Hours on paper: how long a visit was, whether it can be logged, whether it counts, and what they come to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from placements.core import clock

LONGEST_VISIT = timedelta(hours=16)  # ours: longer than this is a slip of the pen
LONGEST_AGO = timedelta(days=366)  # ours: so is a visit before that
SILENT_DAYS = (7, 14)  # after so many without a visit the student is asked; after the second, the tutor is told


@dataclass(frozen=True)
class Visit:
    """When a student was there: London wall times on a date, with the break in minutes."""

    on: date
    starts: time
    ends: time
    break_minutes: int = 0
    ends_next_day: bool = False

    @property
    def ends_on(self) -> date:
        """The London date on which it ended."""
        return self.on + timedelta(days=self.ends_next_day)

    @property
    def starts_at(self) -> datetime:
        """The instant (UTC) it began. A time that comes twice, when the clocks go back, is read as its first."""
        return clock.in_london(self.on, self.starts)

    @property
    def ends_at(self) -> datetime:
        """The instant (UTC) it ended, read in the same way."""
        return clock.in_london(self.ends_on, self.ends)

    @property
    def minutes(self) -> int:
        """How long it really lasted, clock changes included, without the break, in whole minutes."""
        return (self.ends_at - self.starts_at) // timedelta(minutes=1) - self.break_minutes

    @property
    def times(self) -> str:
        """“1pm to 5pm”; “10pm to 2am the next day”."""
        until = " the next day" if self.ends_next_day else ""
        return f"{clock.say_time(self.starts)} to {clock.say_time(self.ends)}{until}"

    def overlaps(self, other: "Visit") -> bool:
        """Whether the two share time. One that begins as the other ends does not."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def visit_problems(visit: Visit, others: Iterable[Visit], now: datetime) -> dict[str, str]:
    """Why a visit cannot be logged at `now` beside the student's `others`: field of Visit → sentence, or empty."""
    if visit.on > clock.today(now):
        return {"on": "Enter a day that has already come. You can log a visit once it is over."}
    if visit.on < clock.today(now) - LONGEST_AGO:
        return {"on": f"Enter the day of your visit, with its year: {visit.on.year} is more than a year ago."}
    for field, day, at in (("starts", visit.on, visit.starts), ("ends", visit.ends_on, visit.ends)):
        if not clock.exists_in_london(day, at):
            said = f"The clocks went forward on {clock.say_date(day)}, so there was no {clock.say_time(at)}."
            return {field: f"{said} Enter the time that a clock showed."}
    return _length_problems(visit) or _place_in_time_problems(visit, others, now)


def _length_problems(visit: Visit) -> dict[str, str]:
    lasted = visit.ends_at - visit.starts_at
    if lasted <= timedelta(0):
        return {
            "ends": f"Enter the time you finished: it comes after {clock.say_time(visit.starts)}. "
            "If it was after midnight, say that you finished the next day."
        }
    if lasted > LONGEST_VISIT:
        return {"ends": "Enter the time you finished: one visit can last up to 16 hours. Log each day on its own."}
    if visit.break_minutes < 0:
        return {"break_minutes": "Enter your break in minutes, or 0 if you had none."}
    if visit.minutes <= 0:
        return {"break_minutes": "Enter a break that is shorter than the visit, in minutes."}
    return {}


def _place_in_time_problems(visit: Visit, others: Iterable[Visit], now: datetime) -> dict[str, str]:
    if visit.ends_at > now:
        return {"ends": f"It is not {clock.say_time(visit.ends)} yet. You can log a visit once it is over."}
    for other in sorted(others, key=lambda each: each.starts_at):
        if visit.overlaps(other):
            return {
                "starts": f"You have already logged {clock.say_date(other.on)}, {other.times}. "
                "Enter times that do not overlap it, or change that entry."
            }
    return {}
