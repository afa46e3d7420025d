"""The scene with accounts, for tests of pages."""

from collections.abc import Callable

import pytest
from flask import Flask

from placements.accounts.models import Account
from placements.allocation.solving import solve_next
from placements.cohorts.models import RunRole
from placements.db import db
from tests import factories as make
from tests.allocation.scene import Scene
from tests.client import PageClient
from tests.factories import NOW

Build = Callable[..., Scene]


@pytest.fixture
def scene(database: Flask) -> Build:
    """The scene with an account for each person in it, and whatever `more` adds; committed."""

    def build(*more: Callable[[Scene], object]) -> Scene:
        with database.app_context():
            made = Scene()
            for add in more:
                add(made)
            people = (made.lea, made.tom, made.ada.person, made.ben.person, made.cyd.person)
            made.accounts = {who.given_name: make.account(who) for who in people}  # type: ignore[attr-defined]
            made.accounts["Else"] = make.account()  # type: ignore[attr-defined]
            make.run_role(RunRole.LEADER, made.accounts["Else"].person, make.run())  # type: ignore[attr-defined]
            db.session.commit()
            for thing in (*vars(made).values(), *made.accounts.values()):  # type: ignore[attr-defined]
                if hasattr(thing, "__tablename__"):
                    db.session.refresh(thing)
                if isinstance(thing, Account):
                    db.session.refresh(thing.person)
            db.session.expunge_all()
            return made

    return build


def be(client: PageClient, scene: Scene, name: str) -> None:
    client.sign_in_as(scene.accounts[name])  # type: ignore[attr-defined]


def work(database: Flask) -> None:
    """What the worker does until nothing waits."""
    with database.app_context():
        while solve_next(NOW, NOW):
            pass
