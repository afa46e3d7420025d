"""The public site."""

from typing import Any

from placements.web.area import PUBLIC, Area, page

public = Area("public", __name__)


@public.get("/", can=PUBLIC)
def front() -> Any:
    """What this is, and the two ways in: for organisations and for students."""
    return page()


@public.get("/accessibility", can=PUBLIC)
def accessibility() -> Any:
    """The accessibility statement (Public Sector Bodies Accessibility Regulations 2018)."""
    return page()


@public.get("/privacy", can=PUBLIC)
def privacy() -> Any:
    """What we keep about people, why, and for how long."""
    return page()


@public.get("/help", can=PUBLIC)
def help() -> Any:
    """Whom to ask."""
    return page()
