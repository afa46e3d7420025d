"""A day that somebody wanted to see ahead, and what is foreseen of it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.db import Key, Model, partial_index
from placements.mail.models import NOTICE_LENGTH, PROBLEM_LENGTH
from placements.people.models import Person


class Forecast(Model):
    """What will be sent on a day, as it looked at `made_at`; worked out by the worker, anew when asked for."""

    __tablename__ = "forecast"
    __table_args__ = (partial_index("ix_forecast_asked", "asked_at", where="is_asked"),)

    on: Mapped[date] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    is_asked: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(PROBLEM_LENGTH))

    @property
    def id(self) -> int:
        """What its history knows it by."""
        return self.on.toordinal()


class ForecastLine(Model):
    """One thing that will be said in one mail. `message` is the same for all that go in one."""

    __tablename__ = "forecast_line"
    __table_args__ = (Index(None, "on", "at", "message", "id"), Index(None, "recipient_id"))

    id: Mapped[Key]
    on: Mapped[date] = mapped_column(ForeignKey("forecast.on", ondelete="CASCADE"))
    at: Mapped[datetime]
    message: Mapped[int]
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    notice: Mapped[str] = mapped_column(String(NOTICE_LENGTH))
    about_id: Mapped[int]
    due_at: Mapped[datetime]

    recipient: Mapped[Person] = relationship()
