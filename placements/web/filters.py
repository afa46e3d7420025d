"""How templates say instants, dates and amounts."""

from datetime import date, datetime

from flask import Flask

from placements.core.clock import say_date, say_days, say_distance, say_when
from placements.core.workflow import say_state
from placements.web.site import now


def say_hours(minutes: int) -> str:
    """Minutes as people say hours: “6 hours”, “7 hours 30 minutes”, “45 minutes”."""
    hours, rest = divmod(minutes, 60)
    parts = [(hours, "hour"), (rest, "minute")]
    said = [f"{amount} {unit}{'' if amount == 1 else 's'}" for amount, unit in parts if amount]
    return " ".join(said) or "0 hours"


def count(amount: int, singular: str, plural: str | None = None) -> str:
    """“1 place”, “3 places”, “no places”."""
    return f"{amount or 'no'} {singular if amount == 1 else plural or singular + 's'}"


def init_filters(app: Flask) -> None:
    """Register them. `instant|when` says the moment; `instant|distance` how far off it is."""

    def distance(moment: datetime) -> str:
        return say_distance(moment, now())

    def days(day: date) -> str:
        return say_days(day, now())

    app.jinja_env.filters.update(
        when=say_when, distance=distance, date=say_date, days=days, hours=say_hours, state=say_state, count=count
    )
    app.context_processor(lambda: {"now": now()})
