"""People who have just asked for a link to sign in, and nothing else: the plainest mail that there is."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import flask_migrate
from flask import Flask
from sqlalchemy import insert

from bench.site import address
from placements.accounts import notices
from placements.accounts.models import Account
from placements.app import create_app
from placements.config import Settings
from placements.core.clock import machine_now
from placements.db import begin_to_write, db, refresh_statistics
from placements.links.models import Link
from placements.mail.models import Notification
from placements.people.models import Person

NOTICE = notices.SIGN_IN_LINK
SENDER = "Placements <placements@example.ac.uk>"


@contextmanager
def outbox(database: str) -> Iterator[tuple[Flask, Settings]]:
    """A migrated database with nothing in it on `sqlite` or `postgresql`, and its application; gone afterwards."""
    with TemporaryDirectory(prefix="placements-bench-") as folder, address(database) as url:
        settings = Settings(
            instance=Path(folder),
            database_url=url,
            secret_key="x" * 40,
            mail_from=SENDER,
            smtp_host="127.0.0.1",
            smtp_use_tls=False,
        )
        app = create_app(settings)
        try:
            with app.app_context():
                flask_migrate.upgrade()
                db.session.remove()
                db.engine.dispose()
            yield app, settings
        finally:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


def environment(settings: Settings, **said: str) -> dict[str, str]:
    """The environment of another process on that database."""
    ours = {
        "INSTANCE": str(settings.instance),
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "MAIL_FROM": settings.mail_from,
        "SMTP_HOST": settings.smtp_host,
        "SMTP_USE_TLS": "0",
    }
    return os.environ | ours | said


def ask_for_links(number: int, first: int = 1) -> None:
    """So many people, each with a link whose mail is due; their keys, and their accounts', begin with `first`."""
    now, keys = machine_now(), range(first, first + number)
    begin_to_write()
    people = [
        {"id": n, "public_id": f"p{n:011}", "given_name": f"Ada{n}", "family_name": "X", "created_at": now}
        | dict.fromkeys(("email", "email_key"), f"p{n}@example.org")
        for n in keys
    ]
    db.session.execute(insert(Person), people)
    db.session.execute(
        insert(Account), [{"id": n, "person_id": n, "created_at": now, "fs_uniquifier": str(n)} for n in keys]
    )
    until = now.replace(year=now.year + 1, day=1)
    link = {"purpose": "accounts.sign_in_by_link", "created_at": now, "expires_at": until}
    db.session.execute(insert(Link), [{"about_id": n, "holder_id": n, **link} for n in keys])
    said = {"notice": NOTICE.name, "pace": NOTICE.pace, "due_at": now}
    db.session.execute(insert(Notification), [{"about_id": n, "recipient_id": n, **said} for n in keys])
    db.session.commit()
    refresh_statistics()
    db.session.commit()
    db.session.remove()
