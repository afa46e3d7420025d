"""An application on a database of its own, migrated and filled, with the people who look at its pages signed in."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import flask_migrate
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, make_url, text

from bench.rows import NOW, PASSWORD, Sizes, fill
from placements.app import create_app
from placements.config import Settings
from placements.db import db

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True)
class Site:
    """A filled application. `as_` is a browser of somebody's; "" of nobody's."""

    app: Flask
    sizes: Sizes

    def as_(self, email: str) -> FlaskClient:
        client = self.app.test_client()
        if email:
            token = TOKEN.search(client.get("/sign-in").get_data(as_text=True))
            assert token, "the sign-in page has no token"
            sent = {"email": email, "password": PASSWORD, "csrf_token": token[1]}
            assert client.post("/sign-in", data=sent).status_code == 302, f"{email} cannot sign in"
        return client


@contextmanager
def filled(sizes: Sizes, database: str) -> Iterator[Site]:
    """A site of that many rows on `sqlite` or `postgresql`, at a moment that stands still; gone afterwards."""
    with TemporaryDirectory(prefix="placements-bench-") as folder, address(database) as url:
        app = create_app(
            Settings(instance=Path(folder), database_url=url, secret_key="x" * 40, password_hash_is_cheap=True)
        )
        app.extensions["placements.site"] = replace(app.extensions["placements.site"], story_now=lambda: NOW)
        try:
            with app.app_context():
                flask_migrate.upgrade()
                fill(sizes)
            yield Site(app, sizes)
        finally:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


@contextmanager
def address(database: str) -> Iterator[str]:
    """An empty database on `sqlite` or `postgresql`, dropped afterwards; "" for the embedded one."""
    if database == "sqlite":
        yield ""  # the embedded one
        return
    server = os.environ.get("TEST_POSTGRES_URL") or os.environ["DATABASE_URL"]
    name = f"placements_bench_{uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()
