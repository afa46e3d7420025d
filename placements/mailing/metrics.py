"""The mail's figures for a monitor, in Prometheus' text format: counts only, no name, address or words of a mail."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from placements.mailing.queries import failed_by_reason, health, totals

TYPE = "text/plain; version=0.0.4; charset=utf-8"
Samples = Mapping[str, float]


def exposition(now: datetime, machine: datetime) -> str:
    """All of it. Eight queries."""
    stands, (states, kinds) = health(now, machine), totals()
    late = (now - stands.oldest_due).total_seconds() if stands.oldest_due else 0.0
    looked = (machine - stands.day.looked_at).total_seconds() if stands.day else None
    lines = [
        *_gauge("messages", "Messages by state.", "state", {each.value: count for each, count in states.items()}),
        *_one("waiting", "Messages that wait, and what is said at once and is in none yet.", stands.waiting),
        *_one("for_the_days_mail", "Notifications that wait for their reader's hour.", stands.for_the_days_mail),
        *_one("oldest_due_seconds", "For how long the oldest that is not the day's has been due.", max(late, 0.0)),
        *_one("put_off", "Messages that were not taken at the last try, and are tried again.", stands.put_off),
        *_gauge(
            "failed",
            "Failed messages by kind of reason.",
            "reason",
            {each.value: count for each, count in failed_by_reason().items()},
        ),
        *_gauge("returns", "What came back, by kind.", "kind", {each.value: count for each, count in kinds.items()}),
        *_one("unreached_people", "People at whose address mail comes back.", stands.unreached),
    ]
    if looked is not None:
        lines += _one("mailbox_looked_seconds", "How long ago the mailbox of returns was looked into.", looked)
    lines += _one("clock_led", "Whether a worker leads the clock.", stands.is_held)
    return "\n".join(lines) + "\n"


def _one(name: str, said: str, value: float) -> Iterable[str]:
    return [*_head(name, said), f"placements_mail_{name} {value:g}"]


def _gauge(name: str, said: str, label: str, values: Samples) -> Iterable[str]:
    samples = (f'placements_mail_{name}{{{label}="{key}"}} {value:g}' for key, value in values.items())
    return [*_head(name, said), *samples]


def _head(name: str, said: str) -> Iterable[str]:
    return [f"# HELP placements_mail_{name} {said}", f"# TYPE placements_mail_{name} gauge"]
