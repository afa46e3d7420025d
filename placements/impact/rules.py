"""What a result consists of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """What is told, as it would be shown."""

    headline: str
    story: str
    people_reached: int | None
    quote: str
