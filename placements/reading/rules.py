"""What a score says in words."""

from collections.abc import Mapping


def band_of(bands: Mapping[str, str], score: int) -> str:
    """What work of the score's band shows, by the lowest mark of each band; nothing where no band is described."""
    reached = [int(lowest) for lowest in bands if int(lowest) <= score]
    return bands[str(max(reached))] if reached else ""
