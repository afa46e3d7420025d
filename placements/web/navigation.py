"""The links in the header: every page declared with `nav=` whose ability is open to whoever asks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Flask, g, request, url_for

from placements.core.policy import Principal
from placements.web.area import PUBLIC, Area, Guard
from placements.web.site import now, site, who


@dataclass(frozen=True)
class NavigationLink:
    """One link of the header."""

    label: str
    url: str
    current: bool


def init_navigation(app: Flask, areas: Iterable[Area]) -> None:
    """Give every template `navigation`, made once a request. Asks no query: roles are loaded once a request too."""
    listed = [item for area in areas for item in area.guards.items() if item[1].nav is not None]

    @app.context_processor
    def navigation() -> dict[str, object]:
        if "navigation" not in g:
            is_open = _open_to(who())
            g.navigation = [_link(endpoint, guard) for endpoint, guard in listed if is_open(guard)]
        return {"navigation": g.navigation}


def _open_to(somebody: Principal) -> Callable[[Guard], bool]:
    """Whether a page is open to them."""
    if somebody.person_id is None:
        return lambda guard: guard.can == PUBLIC
    abilities, moment = site().abilities, now()
    return lambda guard: guard.can != PUBLIC and abilities[guard.can](somebody, None, moment)


def _link(endpoint: str, guard: Guard) -> NavigationLink:
    url = url_for(endpoint)
    return NavigationLink(guard.nav or "", url, f"{request.path}/".startswith(f"{url}/"))
