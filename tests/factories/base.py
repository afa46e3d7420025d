"""What every factory uses: the moment, the numbers, the session."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TypeVar

from placements.db import db

NOW = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)  # Tuesday 20 October 2026, 9am in London
YEAR = "2026/27"
DAY = timedelta(days=1)

number = count(1)
Row = TypeVar("Row")


def add(row: Row) -> Row:
    db.session.add(row)
    db.session.flush()
    return row
