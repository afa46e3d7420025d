"""Which step of a timed reminder is due: the latest that is past, and for a week."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.db import db
from placements.mail.models import Notification
from placements.mail.notices import Pace
from placements.mail.stepping import latest_morning, latest_step
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
    assert found(AT + 30 * DAY, *steps) == [datetime(2027, 4, 19, 15, 0, tzinfo=UTC)]
    assert found(AT + 37 * DAY, *steps) == []


def test_steps_may_be_hours(session: Any) -> None:
    session.add(Notification(notice="a.b", pace=Pace.SOON, about_id=1, recipient_id=make.person().id, due_at=AT))
    session.flush()
    assert found(AT - 4 * HOUR, -3, unit=HOUR) == []
    assert found(AT - HOUR, -3, -1, unit=HOUR) == [datetime(2027, 3, 20, 14, 0, tzinfo=UTC)]
