"""The first page after signing in: Next, State, Lately."""

from typing import Any

from flask import url_for

from placements.core.clock import say_distance, say_when
from placements.history.queries import lately
from placements.home import queries
from placements.home.steps import Step
from placements.web.area import Area, page
from placements.web.site import now, who

LATELY = 8

home = Area("home", __name__)


@home.get("/home", can="home.next_up")
def next_up() -> Any:
    """What needs this person next, by when; then the state of what they look after; then what happened."""
    steps = [_shown(step) for step in queries.next_steps(who(), now())]
    return page(steps=steps, figures=queries.state(who(), now()), lately=lately(who(), LATELY))


def _shown(step: Step) -> dict[str, Any]:
    return {
        "what": step.what,
        "who": step.who,
        "button": step.button,
        "url": url_for(step.endpoint, **step.values),  # type: ignore[arg-type]
        "by_said": say_when(step.by) if step.by else None,
        "iso": step.by.isoformat() if step.by else None,
        "far": say_distance(step.by, now()) if step.by else None,
        "is_late": step.by is not None and step.by < now(),
    }
