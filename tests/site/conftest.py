"""What the tests of the whole site share."""

from collections.abc import Iterator

import pytest

from tests.databases import Databases
from tests.factories import NOW
from tests.site.every_page import Place, place


@pytest.fixture(scope="session")
def here(databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One site with one world in it for every test that leaves it as it was: see `Place.undone`."""
    with place(databases, template, tmp_path_factory.mktemp("here"), NOW) as made:
        yield made
