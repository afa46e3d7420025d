"""Story time. A demonstration's database runs on a clock of its own; every other database on the machine's.

Demo mode is this row, written once by the command that made the database. No setting can switch it on elsewhere.
"""

from datetime import datetime, timedelta

from flask import Flask, current_app
from sqlalchemy import CheckConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from placements.core.clock import machine_now
from placements.db import Model, db

NO_OFFSET = timedelta()


class Demonstration(Model):
    """Present in a demonstration's database only; `offset_seconds` is how far its story is ahead of the machine."""

    __tablename__ = "demonstration"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1, autoincrement=False)
    offset_seconds: Mapped[int]
    seed: Mapped[int]
    made_at: Mapped[datetime]


def init_story(app: Flask) -> None:
    """Ask the database once, at the first request, and remember: the row is never changed in place."""
    app.extensions["placements.story"] = {}


def story_offset() -> timedelta | None:
    """How far this database's story is ahead of the machine's clock, or None where it is no demonstration."""
    remembered: dict[str, timedelta | None] = current_app.extensions["placements.story"]
    if "offset" not in remembered:
        seconds = db.session.scalar(select(Demonstration.offset_seconds))
        remembered["offset"] = None if seconds is None else timedelta(seconds=seconds)
    return remembered["offset"]


def is_demonstration() -> bool:
    """Whether the database was made by the demo command."""
    return story_offset() is not None


def story_now() -> datetime:
    """Now, as this database tells it (UTC)."""
    return machine_now() + (story_offset() or NO_OFFSET)
