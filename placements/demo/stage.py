"""What the chapters of the story share: the year that they play in, chance, and who is who."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from flask import current_app
from sqlalchemy import select

from placements.accounts.queries import account_of, principal_of
from placements.cohorts.models import ModuleRun
from placements.core.clock import add_working_days, in_london, is_working_day, london, today
from placements.core.policy import Principal
from placements.db import db
from placements.people.models import Person
from placements.story import story_now

SYSTEM = Principal()
LATEST = 2026  # the season that the dates are written for
LEADER = "helen.okonkwo@staff.example"


@dataclass(frozen=True)
class Beat:
    """One thing that happens: when (UTC), and the play of it."""

    at: datetime
    play: Callable[[datetime], None]


@dataclass
class Season:
    """One academic year of the story: how many students of which module, which organisations and briefs take part."""

    starts: int
    students: dict[str, int]
    organisations: range
    briefs: range
    chance: random.Random
    names: Iterator[tuple[str, str]]
    known: dict[str, int] = field(default_factory=dict)  # what chapters leave for later ones, by name

    @property
    def year(self) -> str:
        """“2026/27”."""
        return f"{self.starts}/{(self.starts + 1) % 100:02}"

    def on(self, month: int, day: int) -> date:
        """The date in the academic year 2026/27, August to July, or the same day of the week in this one."""
        there = date(LATEST if month >= 8 else LATEST + 1, month, day)
        return there - timedelta(weeks=52 * (LATEST - self.starts))

    def before(self, month: int, day: int) -> date:
        """A date of the summer before it."""
        return date(self.starts, month, day)

    def at(self, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
        """The instant of a London time on such a date."""
        return in_london(self.on(month, day), time(hour, minute))

    def around(self, first: date, last: date) -> datetime:
        """Some moment of a working day between two dates, of which one at least must be a working day."""
        days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
        day = self.chance.choice([each for each in days if is_working_day(each)])
        return in_london(day, time(self.chance.randint(9, 17), self.chance.randrange(0, 60, 5)))

    def runs(self) -> list[ModuleRun]:
        """This year's runs."""
        return list(
            db.session.scalars(
                select(ModuleRun).where(ModuleRun.academic_year == self.year).order_by(ModuleRun.code.desc())
            )
        )


def working_days_later(instant: datetime, count: int) -> datetime:
    """The same hour in London, so many working days later."""
    there = london(instant)
    return in_london(add_working_days(there.date(), count), there.time())


def principal(person_id: int) -> Principal:
    """That person, with every role that they hold now."""
    account = account_of(person_id)
    if account is None:
        return Principal(person_id)
    return principal_of(account, current_app.extensions["placements.roles_of"], today(story_now()))


def person_at(address: str) -> Person:
    """The person with that address."""
    return db.session.scalars(select(Person).where(Person.email_key == address)).one()


def leader() -> Principal:
    """The module leader of both levels."""
    return principal(person_at(LEADER).id)
