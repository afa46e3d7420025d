"""The first page after signing in."""

from typing import Any

from placements.web.area import Area, page

home = Area("home", __name__)


@home.get("/home", can="home.next_up")
def next_up() -> Any:
    """What needs this person next, by when."""
    return page()
