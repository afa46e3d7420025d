"""Databases to test on: an empty one, one migrated template, and private copies of it. Each kind makes and drops its own."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType
from typing import Protocol, cast
from uuid import uuid4

import flask_migrate
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Connection, Engine, create_engine, make_url, text

from placements.app import create_app
from placements.config import Settings
from placements.db import db
from tests.client import PageClient

SECRET_KEY = "a secret that only tests know, long enough for its purpose"


class Databases(Protocol):
    """A kind of database. Addresses are what SQLAlchemy takes."""

    def create(self, template: str | None = None) -> str:
        """Make a database, empty or equal to `template`, and return its address."""

    def drop(self, url: str) -> None:
        """Remove a database that `create` made, whoever is still connected to it."""

    def close(self) -> None:
        """Leave nothing behind."""


class SqliteDatabases:
    """Each database a file in a temporary folder."""

    def __init__(self) -> None:
        self.folder = TemporaryDirectory(prefix="placements-tests-")

    def create(self, template: str | None = None) -> str:
        path = Path(self.folder.name, f"{uuid4().hex}.db")
        if template:
            shutil.copy(_path(template), path)  # nobody has the template open, so its file is all of it
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{_path(url)}{ending}").unlink(missing_ok=True)

    def close(self) -> None:
        self.folder.cleanup()


class PostgresqlDatabases:
    """Each database one more on a server that already runs."""

    def __init__(self, server: str) -> None:
        self.server = make_url(server)
        self.engine = create_engine(self.server, isolation_level="AUTOCOMMIT")

    @cached_property
    def copying(self) -> str:
        """As files: half the time of the usual way, where there are two."""
        with self.engine.connect() as connection:
            version = connection.dialect.server_version_info or (0,)
        return " STRATEGY FILE_COPY" if version >= (15,) else ""

    def create(self, template: str | None = None) -> str:
        name = f"placements_test_{uuid4().hex}"
        source = make_url(template).database if template else "template0"
        self._run(f"CREATE DATABASE {name} TEMPLATE {source}{self.copying}")
        return self.server.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        self._run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def close(self) -> None:
        self.engine.dispose()

    def _run(self, statement: str) -> None:
        with self.engine.connect() as connection:
            connection.execute(text(statement))


def _path(url: str) -> str:
    path = make_url(url).database
    assert path
    return path


@dataclass(frozen=True)
class Copy:
    """A database of one's own, and the application that uses it."""

    app: Flask
    settings: Settings

    @property
    def url(self) -> str:
        return self.settings.url

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a second process on this database (`subprocess.Popen(…, env=copy.environment)`)."""
        ours = {item.name: getattr(self.settings, item.name) for item in fields(self.settings)}
        return os.environ | {
            name.upper(): str(int(value) if isinstance(value, bool) else value) for name, value in ours.items()
        }


def make_settings(url: str, folder: Path) -> Settings:
    """The settings that tests run with."""
    return Settings(instance=folder, database_url=url, secret_key=SECRET_KEY, password_hash_is_cheap=True)


class Compiled(BytecodeCache):
    """Each template is compiled once for all the applications of a process, which read the same files."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.code


COMPILED = Compiled()


@contextmanager
def application(settings: Settings) -> Iterator[Flask]:
    """The application for these settings; afterwards none of its connections is open."""
    app = create_app(settings)
    app.testing = True
    app.test_client_class = PageClient
    app.jinja_env.bytecode_cache = COMPILED
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@contextmanager
def copy_of(databases: Databases, template: str | None, folder: Path) -> Iterator[Copy]:
    """A private copy of the template, or an empty database where there is none; dropped afterwards."""
    settings = make_settings(databases.create(template), folder)
    try:
        with application(settings) as app:
            yield Copy(app, settings)
    finally:
        databases.drop(settings.url)


def make_template(databases: Databases) -> str:
    """Make a migrated database with nothing in it and return its address. Nobody may connect to it: it is for copying."""
    url = databases.create()
    with TemporaryDirectory() as folder, application(make_settings(url, Path(folder))) as app, app.app_context():
        flask_migrate.upgrade()
    return url


@contextmanager
def rolled_back(app: Flask) -> Iterator[None]:
    """Every session of this application joins one transaction, which is undone at the end.

    Inside, the application's own commits and roll-backs are those of a savepoint: it sees no difference.
    """
    db.session.session_factory.configure(join_transaction_mode="create_savepoint")  # speaks of joined sessions only
    with app.app_context():
        engines = cast(dict[None, Engine | Connection], db.engines)
    engine = cast(Engine, engines[None])
    with engine.connect() as connection:
        transaction = connection.begin()
        engines[None] = connection
        try:
            yield
        finally:
            engines[None] = engine
            transaction.rollback()


@contextmanager
def seeding(app: Flask) -> Iterator[None]:
    """Make things inside; afterwards they are committed, and what was made can still be read."""
    with app.app_context():
        yield
        db.session.commit()
        for each in list(db.session):
            db.session.refresh(each)
        db.session.expunge_all()
