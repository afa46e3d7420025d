"""The scene of a student's own place, committed, for tests that make requests."""

from collections.abc import Callable

import pytest
from flask import Flask

from placements.accounts.models import Account
from placements.db import db
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
            db.session.commit()
            for thing in vars(made).values():
                db.session.refresh(thing)
                if isinstance(thing, Account):
                    db.session.refresh(thing.person)
            db.session.expunge_all()
        return made

    return build
