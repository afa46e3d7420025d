"""The story, made by the command that makes it, once for all tests about it."""

import fcntl
import os
from collections.abc import Iterator

import pytest
from flask import Flask

from placements.commands import make_demonstration
from placements.config import Settings
from placements.demo.story import DEFAULT_AT, SEED
from tests.databases import application


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application on the embedded database of a demonstration at its default moment, for reading only.

    The first test worker that needs it makes it, in the folder that all of them share.
    """
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "demonstration"
    folder.mkdir(exist_ok=True)
    settings = Settings.from_environment(instance=folder, database_url="")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "placements.db").exists():
            make_demonstration(settings, DEFAULT_AT, SEED)
    with application(settings) as app:
        yield app
