"""Which step of a timed reminder is due: the latest that is past, and for a week."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.core.clock import clock_changes, in_london, london
from placements.db import db
from placements.mail.models import Notification
from placements.mail.notices import Pace
from placements.mail.stepping import latest_morning, latest_step, moment_by
from placements.people.models import Person
from tests import factories as make

AT = datetime(2027, 3, 20, 15, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1000)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE = datetime(2027, 5, 12, 14, 0, tzinfo=UTC)  # 3pm in London


@pytest.mark.parametrize(
    ("now", "reminded"),
    [
        (datetime(2027, 5, 5, 7, 59, tzinfo=UTC), None),
        (datetime(2027, 5, 5, 8, 0, tzinfo=UTC), datetime(2027, 5, 5, 8, 0, tzinfo=UTC)),
        (datetime(2027, 5, 10, 7, 59, tzinfo=UTC), datetime(2027, 5, 5, 8, 0, tzinfo=UTC)),
        (datetime(2027, 5, 10, 8, 0, tzinfo=UTC), datetime(2027, 5, 10, 8, 0, tzinfo=UTC)),
        (DUE, datetime(2027, 5, 12, 8, 0, tzinfo=UTC)),
        (datetime(2027, 5, 19, 7, 59, tzinfo=UTC), datetime(2027, 5, 12, 8, 0, tzinfo=UTC)),
        (datetime(2027, 5, 19, 8, 0, tzinfo=UTC), None),
    ],
)
def test_the_latest_morning_is_at_9_in_london_and_lasts_a_week(now: datetime, reminded: datetime | None) -> None:
    assert latest_morning(date(2027, 5, 12), (-7, -2, 0), now) == reminded


def test_what_is_due_early_in_the_morning_is_not_reminded_of_afterwards() -> None:
    early = datetime(2027, 5, 12, 7, 0, tzinfo=UTC)
    later = early + 2 * HOUR
    assert latest_morning(date(2027, 5, 12), (-2, 0), later, before=early) == datetime(2027, 5, 10, 8, 0, tzinfo=UTC)


def found(now: datetime, *steps: int, unit: timedelta = DAY) -> list[datetime]:
    due_at, is_due = latest_step(Notification.due_at, steps, now, unit)
    return list(db.session.scalars(select(due_at).where(is_due)))


@pytest.mark.parametrize("steps", [(-7, 3, 30), (30, -7, 3)], ids=["in order", "in none"])
def test_of_the_steps_from_an_instant_only_the_latest_is_due_and_for_a_week(session: Any, steps: Any) -> None:
    who = make.person()
    session.add(Notification(notice="a.b", pace=Pace.SOON, about_id=1, recipient_id=who.id, due_at=AT))
    session.flush()
    assert found(AT - 7 * DAY - MOMENT, *steps) == []
    assert found(AT - 7 * DAY, *steps) == [datetime(2027, 3, 13, 15, 0, tzinfo=UTC)]
    assert found(AT - MOMENT, *steps) == [datetime(2027, 3, 13, 15, 0, tzinfo=UTC)]
    assert found(AT, *steps) == []
    assert found(AT + 3 * DAY, *steps) == [datetime(2027, 3, 23, 15, 0, tzinfo=UTC)]
    assert found(AT + 10 * DAY, *steps) == []
    on_londons_clocks = datetime(2027, 4, 19, 14, 0, tzinfo=UTC)  # 3pm, as before they were put forward
    assert found(on_londons_clocks - MOMENT, *steps) == []
    assert found(on_londons_clocks, *steps) == [on_londons_clocks]
    assert found(on_londons_clocks + 7 * DAY, *steps) == []


CHANGES = [
    (datetime(2027, 3, 28, 1, 0, tzinfo=UTC), HOUR),
    (datetime(2027, 10, 31, 1, 0, tzinfo=UTC), -HOUR),
]


def test_the_clocks_change_when_the_law_says() -> None:
    assert clock_changes(date(2027, 1, 1), date(2027, 12, 31)) == CHANGES
    assert clock_changes(date(2027, 3, 29), date(2027, 10, 30)) == []


@pytest.mark.parametrize("step", [-30, -7, -1, 1, 7, 30])
@pytest.mark.parametrize("change", [change for change, _ in CHANGES], ids=["spring", "autumn"])
def test_a_step_of_days_keeps_the_time_on_londons_clocks(session: Any, change: datetime, step: int) -> None:
    """Each hour of the day before a change and of the day after it: the step is at the same time, and said at once.

    But from 1 to 2 in the night, which one change leaves out and the other has twice.
    """
    who = make.person()
    hours = [change + ahead * HOUR for ahead in range(-26, 27)]
    hours = [at for at in hours if london(at).hour != 1]
    for number, at in enumerate(hours):
        session.add(Notification(notice="a.b", pace=Pace.SOON, about_id=number, recipient_id=who.id, due_at=at))
    session.flush()
    for number, at in enumerate(hours):
        there = london(at)
        wanted = in_london(there.date() + step * DAY, there.time())
        due_at, is_due = latest_step(Notification.due_at, (step,), wanted)
        rows = select(due_at).where(is_due, Notification.about_id == number)
        assert session.scalars(rows).all() == [wanted], at
        _, is_due = latest_step(Notification.due_at, (step,), wanted - MOMENT)
        assert session.scalars(select(due_at).where(is_due, Notification.about_id == number)).all() == [], at


ELEVEN_YEARS = """
    2026-03-29 2027-03-28 2028-03-26 2029-03-25 2030-03-31 2031-03-30 2032-03-28 2033-03-27 2034-03-26 2035-03-25
    2036-03-30 2026-10-25 2027-10-31 2028-10-29 2029-10-28 2030-10-27 2031-10-26 2032-10-31 2033-10-30 2034-10-29
    2035-10-28 2036-10-26
"""  # the last Sundays of March and October
SUNDAYS = [date.fromisoformat(day) for day in ELEVEN_YEARS.split()]


def test_steps_keep_the_time_over_every_change_of_eleven_years(session: Any) -> None:
    """From 3pm the day before a change, and from the day after it back: it is 3pm there, and not one moment before."""
    who, wanted = make.person(), {}
    for number, sunday in enumerate(SUNDAYS):
        winter, summer = time(15), time(14)  # as UTC says 3pm in London
        before, after = (winter, summer) if sunday.month == 3 else (summer, winter)
        saturday = datetime.combine(sunday - DAY, before, UTC)
        monday = datetime.combine(sunday + DAY, after, UTC)
        wanted |= {2 * number: (saturday, monday, 2), 2 * number + 1: (monday, saturday, -2)}
    for about, (at, _, _) in wanted.items():
        session.add(Notification(notice="a.b", pace=Pace.SOON, about_id=about, recipient_id=who.id, due_at=at))
    session.flush()
    for about, (_, there, step) in wanted.items():
        due_at, is_due = latest_step(Notification.due_at, (step,), there)
        mine = Notification.about_id == about
        assert session.scalars(select(due_at).where(is_due, mine)).all() == [there], there
        _, is_due = latest_step(Notification.due_at, (step,), there - MOMENT)
        assert session.scalars(select(due_at).where(is_due, mine)).all() == [], there


def test_steps_may_be_hours(session: Any) -> None:
    session.add(Notification(notice="a.b", pace=Pace.SOON, about_id=1, recipient_id=make.person().id, due_at=AT))
    session.flush()
    assert found(AT - 4 * HOUR, -3, unit=HOUR) == []
    assert found(AT - HOUR, -3, -1, unit=HOUR) == [datetime(2027, 3, 20, 14, 0, tzinfo=UTC)]


def test_a_row_has_the_moment_that_stands_beside_its_value_and_is_due_where_one_does(session: Any) -> None:
    people = [make.person() for _ in range(4)]
    keys = [each.id for each in people]
    for moments in ({}, {keys[0]: None}):
        due_at, is_due = moment_by(Person.id, moments)
        assert session.execute(select(Person.id, due_at).where(is_due)).all() == []
        assert set(session.scalars(select(due_at).where(Person.id.in_(keys)))) == {None}
    due_at, is_due = moment_by(Person.id, {keys[0]: AT, keys[1]: None, keys[2]: AT, keys[3]: DUE})
    rows = session.execute(select(Person.id, due_at).where(is_due).order_by(Person.id)).all()
    assert rows == [(keys[0], AT), (keys[2], AT), (keys[3], DUE)]
