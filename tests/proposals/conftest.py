"""The scene of a student's own place, committed, for tests that make requests."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.databases import seeding
from tests.proposals.scene import Scene

Build = Callable[..., Scene]


@pytest.fixture
def scene(database: Flask) -> Build:
    """Make the scene and whatever `more` adds to it; what a test reads of it stays loaded."""

    def build(*more: Callable[[Scene], object]) -> Scene:
        with seeding(database):
            made = Scene()
            for add in more:
                add(made)
        return made

    return build
