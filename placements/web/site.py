"""What the application tells the web layer about itself, and the two questions every request asks: who, and when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import Flask, current_app, g

from placements.core.policy import Abilities, Principal


@dataclass(frozen=True)
class Site:
    """Handed over once by create_app: every ability, who is signed in, story time, and where one signs in."""

    abilities: Abilities
    load_principal: Callable[[], Principal]
    story_now: Callable[[], datetime]
    sign_in_endpoint: str


def init_site(app: Flask, site: Site) -> None:
    """Keep the site's description with the application."""
    app.extensions["placements.site"] = site


def site() -> Site:
    """The current application's description."""
    return cast(Site, current_app.extensions["placements.site"])


def now() -> datetime:
    """Story time (UTC), the same throughout one request: what rules, deadlines, pages and links go by."""
    if "now" not in g:
        g.now = site().story_now()
    return cast(datetime, g.now)


def who() -> Principal:
    """The person behind this request and every role they hold now."""
    if "who" not in g:
        g.who = site().load_principal()
    return cast(Principal, g.who)
