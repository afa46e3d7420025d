"""What every factory uses: the moment, the numbers, the session."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select

from placements.db import db

NOW = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)  # Tuesday 20 October 2026, 9am in London
YEAR = "2026/27"
DAY = timedelta(days=1)

LONDON = ZoneInfo("Europe/London")

number = count(1)
Row = TypeVar("Row")


def in_days(instant: datetime, days: int) -> datetime:
    """The same time on London's clocks so many days later, or earlier below zero; they change on 25 October 2026."""
    there = instant.astimezone(LONDON)
    return (there.replace(tzinfo=None) + days * DAY).replace(tzinfo=LONDON).astimezone(UTC)


def add(row: Row) -> Row:
    db.session.add(row)
    db.session.flush()
    return row


def changed(table: type[Row], which: ColumnElement[bool], said: dict[str, Any]) -> Row:
    """The one row that this is about with what is said of it, or a new one."""
    found = db.session.scalar(select(table).where(which))
    if found is None:
        return add(table(**said))
    for name, value in said.items():
        setattr(found, name, value)
    db.session.flush()
    return found
