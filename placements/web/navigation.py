"""The links in the header: every page declared with `nav=` whose ability is open to whoever asks."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Flask, request, url_for

from placements.web.area import PUBLIC, Area, Guard
from placements.web.site import now, site, who


@dataclass(frozen=True)
class NavigationLink:
    """One link of the header."""

    label: str
    url: str
    current: bool


def init_navigation(app: Flask, areas: Iterable[Area]) -> None:
    """Give every template `navigation`. Asks no query: roles are loaded once a request."""
    listed = [item for area in areas for item in area.guards.items() if item[1].nav is not None]

    @app.context_processor
    def navigation() -> dict[str, object]:
        return {"navigation": [_link(endpoint, guard) for endpoint, guard in listed if _is_open(guard)]}


def _is_open(guard: Guard) -> bool:
    if guard.can == PUBLIC:
        return who().person_id is None
    return who().person_id is not None and site().abilities[guard.can](who(), None, now())


def _link(endpoint: str, guard: Guard) -> NavigationLink:
    url = url_for(endpoint)
    return NavigationLink(guard.nav or "", url, f"{request.path}/".startswith(f"{url}/"))
