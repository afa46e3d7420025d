"""A browser for each module of journeys, and for each journey a town of its own."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from placements.web.site import Site
from tests.browser import chromium, server
from tests.conftest import NOW
from tests.databases import Copy
from tests.journeys.people import Town


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def town(request: pytest.FixtureRequest, browser: Browser, fresh_database: Copy) -> Iterator[Town]:
    """An empty database being served from NOW on; links in its mail lead to it."""
    app = fresh_database.app
    with server(app) as address:
        app.config["SERVER_NAME"] = address.removeprefix("http://")
        town = Town(fresh_database, address, browser, NOW, has_script=request.param)
        site: Site = app.extensions["placements.site"]
        app.extensions["placements.site"] = replace(site, story_now=lambda: town.now)
        yield town
        for context in browser.contexts:
            context.close()
