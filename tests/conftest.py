"""What every test may ask for. In-process tests take `client` (pages) or `session` (actions); the rest `fresh_database`.

`--database=postgresql` runs all that needs a database on the server at TEST_POSTGRES_URL (`scripts/postgres` gives one).
"""

import gc
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from flask_sqlalchemy.session import Session
from hypothesis import settings
from sqlalchemy.orm import scoped_session

from placements.db import db
from placements.web.limits import limiter
from placements.web.site import Site
from tests.chromium import CHROMIUM
from tests.client import PageClient
from tests.databases import (
    Copy,
    Databases,
    PostgresqlDatabases,
    SqliteDatabases,
    copy_of,
    make_template,
    rolled_back,
)

DATABASES = pytest.StashKey[Databases]()
TEMPLATE = pytest.StashKey[str]()

NOW = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)  # Tuesday, 9am in London

# A busy core is no fault, and the examples of one run are those of every other.
settings.register_profile("placements", deadline=None, derandomize=True)
settings.load_profile("placements")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite", help="what to run the tests on")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--database") == "sqlite":
        config.stash[DATABASES] = SqliteDatabases()
    elif "TEST_POSTGRES_URL" in os.environ:
        config.stash[DATABASES] = PostgresqlDatabases(os.environ["TEST_POSTGRES_URL"])
    else:
        raise pytest.UsageError("--database=postgresql needs TEST_POSTGRES_URL: run it by scripts/postgres")


def pytest_unconfigure(config: pytest.Config) -> None:
    databases = config.stash.get(DATABASES, None)
    if databases is None:
        return
    if TEMPLATE in config.stash:
        databases.drop(config.stash[TEMPLATE])
    databases.close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Several workers: the process that starts them makes the template, once, and tells each where it is."""
    with suppress(Exception):  # a broken application is told by each test that needs it; the others still run
        node.workerinput["template"] = _own_template(node.config)


def _own_template(config: pytest.Config) -> str:
    if TEMPLATE not in config.stash:
        config.stash[TEMPLATE] = make_template(config.stash[DATABASES])
    return config.stash[TEMPLATE]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What does not depend on the database runs once, on SQLite. What takes longest begins first.

    A browser that leaves a page drops what is on its way; werkzeug's server then forgets to close the static file.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed file .*static:ResourceWarning"))
    items.sort(key=lambda item: item.get_closest_marker("long") is None)  # begun last, it would be waited for
    if config.getoption("--database") == "sqlite":
        return
    once = [item for item in items if item.get_closest_marker("pure") or item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=once)
    items[:] = [item for item in items if item not in once]


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("browser") and CHROMIUM is None:
        missing = pytest.fail if os.environ.get("REQUIRE_ALL") else pytest.skip
        missing("Chromium is not installed here (Debian: apt-get install chromium)")


@pytest.fixture(scope="session")
def databases(pytestconfig: pytest.Config) -> Databases:
    """The kind of database of this run, to make more of."""
    return pytestconfig.stash[DATABASES]


@pytest.fixture(scope="session")
def template(pytestconfig: pytest.Config) -> str:
    """The address of this run's one migrated database, for copying only."""
    return getattr(pytestconfig, "workerinput", {}).get("template") or _own_template(pytestconfig)


@pytest.fixture(scope="session")
def app(databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """This worker's application, on a copy of the template. A test that touches the database takes `database` too."""
    with copy_of(databases, template, tmp_path_factory.mktemp("instance")) as copy:
        gc.freeze()  # all that is there stays: looking through it again and again took a fifth of the time
        gc.set_threshold(20_000, 20, 100)  # what tests leave is small: looking for it often costs more than it holds
        yield copy.app


@dataclass
class Clock:
    """What the application takes for now: it stands still until a test sets it."""

    now: datetime


@pytest.fixture
def now() -> datetime:
    """The moment that tests happen at: Tuesday 20 October 2026, 9am in London."""
    return NOW


@pytest.fixture
def clock(app: Flask, now: datetime) -> Iterator[Clock]:
    """The story time of this worker's application: `clock.now += timedelta(days=7)` moves the next request on."""
    clock = Clock(now)
    site: Site = app.extensions["placements.site"]
    app.extensions["placements.site"] = replace(site, story_now=lambda: clock.now)
    yield clock
    app.extensions["placements.site"] = site


@pytest.fixture
def database(app: Flask, clock: Clock) -> Iterator[Flask]:
    """The application inside a transaction that is undone afterwards; commits in it hold until then.

    Prepare in an application context, leave it, then request: a request inside an open one shares its user.
    """
    app.extensions["placements.story"].clear()  # whether another test's database was a demonstration
    limiter.reset()
    with rolled_back(app):
        yield app


@pytest.fixture
def session(database: Flask, request: pytest.FixtureRequest) -> Iterator[scoped_session[Session]]:
    """`db.session` in an open application context, for tests that make no request."""
    if "client" in request.fixturenames:
        pytest.fail(
            "Take `client` or `session`, not both: a request would share this session and whoever is signed in."
        )
    with database.app_context():
        yield db.session


@pytest.fixture
def client(database: Flask) -> PageClient:
    """A browser of nobody's, which checks every page it loads."""
    return cast(PageClient, database.test_client())


@pytest.fixture
def files_closed_here() -> Iterator[None]:
    """Files that a hostile upload leaves open are closed, with a warning, before another test can be blamed."""
    gc.freeze()  # only what this test makes is looked through
    yield
    gc.collect()


@pytest.fixture
def fresh_database(databases: Databases, template: str, tmp_path: Path) -> Iterator[Copy]:
    """A real database of the test's own, with nothing in it: for servers, processes, races and kills."""
    with copy_of(databases, template, tmp_path) as copy:
        yield copy


@pytest.fixture
def empty_database(databases: Databases, tmp_path: Path) -> Iterator[Copy]:
    """A real database of the test's own without a table."""
    with copy_of(databases, None, tmp_path) as copy:
        yield copy
