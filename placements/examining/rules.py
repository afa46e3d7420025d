"""Totals that tell nothing of one student."""

LEAST = 5


def at_least(count: int) -> str:
    """The count where it is large enough to be said: “under 5”, “12”."""
    return str(count) if count >= LEAST else f"under {LEAST}"
