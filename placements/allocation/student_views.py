"""What a round says to a student. The area's routes begin here."""

from typing import Any

from placements.allocation import explained
from placements.allocation.why import WORDS
from placements.applications.rules import WHY_UNSUITABLE
from placements.web.area import Area, page
from placements.web.site import who

allocation = Area("allocation", __name__)


@allocation.get("/why", can="allocation.why")
def why() -> Any:
    """Why one has the place that one has, or none; and what happens next."""
    return page(mine=explained.mine(who()), words=WORDS, unsuitable=WHY_UNSUITABLE)
