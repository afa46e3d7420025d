"""What stands in a calendar: one date, or a visit from when to when.

No entry says anybody's name, a mark, or why a date was moved: a calendar is read by other eyes and other companies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from placements.core.clock import in_london, london, say_time
from placements.db import Dated


@dataclass(frozen=True)
class Entry:
    """One date: an instant, or a whole day. `endpoint` and `values` make the address of its page.

    `uid` stays the same for the same thing, and `sequence` grows with each time that its date is moved: see `moves_of`.
    """

    uid: str
    what: str
    where: str  # the run, as it is called
    at: datetime | date
    sequence: int
    endpoint: str
    values: Mapping[str, str] = field(default_factory=dict)
    is_to_do: bool = True
    is_visit: bool = False
    until: datetime | None = None

    @property
    def begins_at(self) -> datetime:
        """The instant, or the first one of the day in London."""
        return self.at if isinstance(self.at, datetime) else in_london(self.at, time())

    @property
    def until_said(self) -> str:
        """“5pm”; empty where it has no end."""
        return say_time(london(self.until).time()) if self.until else ""


def moves_of(*rows: Dated | None) -> int:
    """How often the dates of these rows were set, all together. An entry's are all that its date is worked out from."""
    return sum(row.moves for row in rows if row is not None)
