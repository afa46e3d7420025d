"""A real server is killed (kill -9) while photos are on their way: a visit has all of them or none, whole."""

import hashlib
import os
import signal
import socket
import sys
import time
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from placements.core.clock import machine_now
from placements.db import db
from placements.files.actions import sweep
from placements.files.models import StoredFile
from placements.files.store import store
from placements.logbook.models import Entry, EntryEvidence
from tests.browser import USER_AGENT
from tests.client import PageClient
from tests.databases import Copy
from tests.files.test_photos import photo
from tests.logbook.cast import cast, committed
from tests.logbook.test_hostile_files import BOUNDARY
from tests.page import Form
from tests.serving import Served
from tests.serving import serving as served

PHOTOS = [photo(size=(2000, 1500 + n)) for n in range(3)]
MOMENTS = (None, 0.0, 0.02, 0.05, 0.12)  # seconds after the last byte was sent; None: half of them were


def serving(copy: Copy) -> AbstractContextManager[Served]:
    """A server of four threads."""
    words = [sys.executable, "-m", "gunicorn", "--threads", "4", "wsgi:app", "--bind"]
    return served(copy, lambda port: [*words, f"127.0.0.1:{port}"])


def request(port: int, path: str, form: Form, cookie: str) -> bytes:
    said = {"starts": ["13:00"], "ends": ["14:00"], "activity": ["Cut short."], "on": ["6", "10", "2026"]}
    pairs = [(name, each) for name, values in (form.values | said).items() for each in values] + [("do", "draft")]
    parts = [b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' % (k.encode(), v.encode()) for k, v in pairs]
    head = b'Content-Disposition: form-data; name="files"; filename="%d.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    parts += [head % place + each for place, each in enumerate(PHOTOS)]
    body = b"".join(b"--" + BOUNDARY + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + BOUNDARY + b"--\r\n"
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Cookie: session={cookie}",
        f"User-Agent: {USER_AGENT}",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY.decode()}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def is_whole(folder: Path, stored: StoredFile) -> bool:
    path = folder / stored.sha256
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == stored.sha256


@pytest.mark.parametrize("moment", [*MOMENTS, "never"])
def test_a_visit_has_all_its_photos_or_none(fresh_database: Copy, moment: float | str | None) -> None:
    app = fresh_database.app
    with app.app_context():
        people = committed(cast())
    client = PageClient(app)
    client.environ_base["HTTP_USER_AGENT"] = USER_AGENT
    client.sign_in_as(people.student)
    with serving(fresh_database) as (port, process):
        form = client.page(f"{people.url}/new").form("Send to be confirmed")
        kept = client.get_cookie("session", domain="127.0.0.1") or client.get_cookie("session")
        assert kept
        sent = request(port, f"{people.url}/new", form, kept.value)
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(sent if moment is not None else sent[: len(sent) // 2])
            if moment == "never":
                assert b" 302 " in connection.recv(200)
            else:
                time.sleep(float(moment or 0.05))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        time.sleep(0.5)  # what a database or the kernel had begun ends by itself
    with app.app_context():
        entries, shown = db.session.scalars(select(Entry)).all(), db.session.scalars(select(EntryEvidence)).all()
        stored, folder = db.session.scalars(select(StoredFile)).all(), store().folder
        assert (len(entries), len(shown), len(stored)) in {(0, 0, 0), (1, 3, 3)}
        assert len(entries) == 1 or moment != "never"
        assert len(entries) == 0 or moment is not None
        assert all(is_whole(folder, each) for each in stored)
        for path in folder.glob("*"):
            os.utime(path, ((machine_now() - timedelta(days=2)).timestamp(),) * 2)
        sweep(machine_now())
        assert {path.name for path in folder.glob("*")} == {each.sha256 for each in stored}
