"""What may need a person next. Each step says what, with whom, by when, and which page to open."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

MOST = 5


@dataclass(frozen=True)
class Step:
    """One thing to do. `by` is its deadline (UTC) if it has one; `endpoint` and `values` make its address."""

    what: str
    button: str
    endpoint: str
    values: dict[str, str] = field(default_factory=dict)
    who: str = ""
    by: datetime | None = None


def most_urgent(steps: Iterable[Step]) -> list[Step]:
    """At most five: the earliest deadline first, then those without one as they came."""
    return sorted(steps, key=lambda step: (step.by is None, step.by.timestamp() if step.by else 0))[:MOST]
