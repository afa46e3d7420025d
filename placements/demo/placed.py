"""The students at their placements: which is which in the story, and when each of them comes."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache

from sqlalchemy import select

from placements.agreements.models import Agreement
from placements.agreements.queries import versions_of
from placements.challenges.models import DAYS, WorkMode
from placements.cohorts.models import Enrolment
from placements.core.clock import say_time
from placements.db import db
from placements.demo.stage import Season
from placements.logbook.rules import Visit
from placements.placing.models import Placement
from placements.placing.queries import whole

ANY_DAY = 0b11111  # Monday to Friday
BREAK_FROM = 240  # minutes of work in one visit
STARTS = {
    "10 to 4": (time(10), time(10, 30)),
    "Afternoons": (time(13), time(13, 30)),
    "Evenings from 6": (time(18),),
}
USUAL_STARTS = (time(9, 30), time(10), time(13), time(14))


def worth_of(who: Enrolment) -> float:
    """What the student's work deserves, of a hundred, whoever marks which part of it."""
    return random.Random(who.person.student_number).gauss(63, 14)  # noqa: S311 - a story, not a secret


@dataclass
class Placed:
    """A season's placements by number, in the order that they were made: found once, when the first is asked for."""

    season: Season
    _ids: list[int] = field(default_factory=list)

    def number(self, number: int) -> Placement | None:
        """That placement with all that its pages show, while it goes on; None where it does not, or never was."""
        found = self.any(number)
        return found if found and found.goes_on else None

    def any(self, number: int) -> Placement | None:
        """That placement, over or not; None where there never was one."""
        ids = self._all()
        return db.session.get_one(Placement, ids[number], options=whole()) if number < len(ids) else None

    def numbers(self) -> dict[int, int]:
        """Placement's key → its number."""
        return {key: number for number, key in enumerate(self._all())}

    def _all(self) -> list[int]:
        if not self._ids:
            runs = [run.id for run in self.season.runs()]
            made = select(Placement.id).join(Placement.enrolment).where(Enrolment.run_id.in_(runs))
            self._ids = list(db.session.scalars(made.order_by(Placement.id)))
        return self._ids


def latest_version(placement: Placement) -> Agreement | None:
    """The newest version of its Agreement, if the student has begun one."""
    return next(iter(versions_of(placement)), None)


def days_between(first: date, last: date, weekdays: Sequence[int] = range(7)) -> Iterator[date]:
    """Each day from the first to the last that is one of the weekdays (Monday 0)."""
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        if day.weekday() in weekdays:
            yield day


@dataclass(frozen=True)
class Habit:
    """When a student usually comes: a weekday (Monday 0), from when, for how many minutes of work."""

    key: int
    weekday: int
    starts: time
    minutes: int
    mode: WorkMode

    @property
    def is_remote(self) -> bool:
        """Never on site."""
        return self.mode is WorkMode.REMOTE

    @property
    def said(self) -> str:
        """“Tuesdays from 10am, usually for 3½ hours”."""
        whole_hours, rest = divmod(self.minutes, 60)
        half = "½" if rest >= 30 else ""
        return f"{DAYS[self.weekday]}s from {say_time(self.starts)}, usually for {whole_hours}{half} hours"

    def visit_on(self, day: date) -> Visit:
        """The visit of that day: longer or shorter by chance, the same however often it is asked for."""
        chance = random.Random(f"{self.key} {day}")  # noqa: S311 - a story, not a secret
        minutes = self.minutes + chance.choice((-30, -15, 0, 0, 0, 15, 30))
        pause = chance.choice((15, 30)) if minutes >= BREAK_FROM else 0
        ends = datetime.combine(day, self.starts) + timedelta(minutes=minutes + pause)
        return Visit(day, self.starts, ends.time(), pause)


@cache
def habit_of(placement_id: int, days: int, times: str, mode: WorkMode) -> Habit:
    """When the student of that placement comes, within the days and times that its challenge asks for."""
    chance = random.Random(f"habit {placement_id}")  # noqa: S311 - a story, not a secret
    possible = [day for day in range(7) if (days or ANY_DAY) & 1 << day]
    starts = chance.choice(STARTS.get(times, USUAL_STARTS))
    minutes = chance.choice((180, 195, 195, 210, 210, 225, 225, 240, 240, 270, 300, 345))
    if starts.hour >= 18:
        minutes = 180
    elif mode is WorkMode.REMOTE:
        minutes = max(minutes, 225)
    return Habit(placement_id, chance.choice(possible), starts, minutes, mode)
