"""Ada, who waits for a place, as every page of the clearing list is tried with her."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.clearing.waiting import Build, Waiting
from tests.databases import seeding


@pytest.fixture
def scene(database: Flask) -> Build:
    """Ada waits for a place and Tom looks after her; with whatever `more` adds, committed."""

    def build(*more: Callable[[Waiting], object]) -> Waiting:
        with seeding(database):
            made = Waiting()
            for add in more:
                add(made)
        return made

    return build
