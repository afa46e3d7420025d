"""Five hundred files that mean no good, sent as what shows a visit: each is answered, none is served inline."""

import struct
import zlib
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select, update

from placements.db import db
from placements.files.models import StoredFile
from placements.files.store import store
from placements.logbook.models import EntryEvidence
from placements.logbook.workflow import EntryState
from tests import factories as make
from tests.client import PageClient
from tests.factories import NOW
from tests.files.samples import DOCX, PDF, zipped
from tests.files.test_photos import HEIC, photo
from tests.logbook.cast import cast, committed
from tests.site.hostile import LEFT_OPEN

pytestmark = [pytest.mark.filterwarnings(LEFT_OPEN), pytest.mark.usefixtures("files_closed_here")]

BOUNDARY = b"hostileboundary"
OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TYPES = {"application/pdf", "image/jpeg", "image/png", "image/webp", OFFICE}
HTML = b"<!doctype html><script>alert(document.cookie)</script>"
JPEG, PNG, WEBP = photo(), photo("PNG"), photo("WEBP")


def _png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


OF_A_TEXT = [(part, "<x/>") for part in ("[Content_Types].xml", "docProps/app.xml", "word/document.xml")]
# What the bytes are; and the one kind as which they may be taken, if any.
CONTENTS: dict[str, tuple[bytes, str | None]] = {
    "a photo with a script in its EXIF": (JPEG, "jpg"),
    "a photo, then a page": (JPEG + HTML, "jpg"),
    "a picture, then a program": (PNG + zipped(("run.exe", "MZ")), "png"),
    "a picture of another kind": (WEBP + HTML, "webp"),
    "a document": (PDF, "pdf"),
    "a document, then a page": (PDF + HTML, "pdf"),
    "a zip in a text": (zipped(*OF_A_TEXT, ("word/embeddings/a.zip", "PK\3\4")), "docx"),
    "a text": (DOCX, "docx"),
    "half a text": (DOCX[:-30], None),
    "half a photo": (JPEG[: len(JPEG) // 2], None),
    "half a picture": (PNG[:70], None),
    "a picture that swells": (_png(60_000, 60_000), None),
    "a picture whose words swell": (_png(10, 10, (b"zTXt", b"Comment\0\0" + zlib.compress(b"\0" * 80_000_000))), None),
    "a picture with a bad profile": (_png(10, 10, (b"iCCP", b"x\0\0" + b"\xff" * 99)), "png"),
    "a drawing with a script": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", None),
    "a page": (HTML, None),
    "a script": (b"alert(document.cookie)", None),
    "an animation and a script": (b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)", None),
    "a program": (b"MZ\x90\0" + b"\0" * 500, None),
    "a program of another kind": (b"\x7fELF\2\1\1" + b"\0" * 500, None),
    "a zip": (zipped(("../../etc/passwd", "root")), None),
    "nothing": (b"", None),
    "only NULs": (b"\0" * 100_000, None),
    "an iPhone's photo": (HEIC, None),
    "noise": (Random(7).randbytes(200_000), None),
}
# How the file is called; and the kind that this promises, if it is one that is taken.
NAMES: list[tuple[bytes, str | None]] = [
    (b"cv.pdf", "pdf"),
    (b"../../../../etc/cron.d/now.pdf", "pdf"),
    (b"C:\\\\Windows\\\\win.jpg", "jpg"),
    (b"shelf.php.JPEG", "jpg"),
    (b"a\0b.png", "png"),
    (b"'><script>alert(1)</script>.png", "png"),
    ("Ünïcödé 作品.webp".encode(), "webp"),
    (b"n" * 5000 + b".docx", "docx"),
    (b"....//....//notes.docx", "docx"),
    (b"%2e%2e%2fup.jpg", "jpg"),
    ("gpj\u202egnp.exe".encode(), None),
    (b"a.jpg.html", None),
    (b"a.svg", None),
    (b"a.js", None),
    (b".htaccess", None),
    (b"a.heic", None),
    (b"a.zip", None),
    (b"a.jpg\0.exe", None),
    (b"jpg", None),
    (b"", None),
]
CLAIMS = (b"image/jpeg", b"text/html", b"application/pdf", b"image/svg+xml", b"", b"x" * 300, b"../..")


def test_there_are_five_hundred() -> None:
    assert len(CONTENTS) * len(NAMES) == 500


def body(fields: list[tuple[str, str]], name: bytes, content: bytes, claim: bytes) -> bytes:
    said = [(key.encode(), value.encode()) for key, value in fields]
    parts = [b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' % each for each in said]
    head = b'Content-Disposition: form-data; name="files"; filename="%s"\r\nContent-Type: %s' % (name, claim)
    sent = [b"--" + BOUNDARY + b"\r\n" + part + b"\r\n" for part in [*parts, head + b"\r\n\r\n" + content]]
    return b"".join(sent) + b"--" + BOUNDARY + b"--\r\n"


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def hostile_files() -> Iterator[tuple[str, bytes, bytes, bytes, bool]]:
    """What it is; its name, its bytes, what it claims to be; and whether it is taken."""
    claims = cycle(CLAIMS)
    for what, (content, kind) in CONTENTS.items():
        for name, promised in NAMES:
            is_taken = kind is not None and kind == promised
            yield f"{what} called {name[:40]!r}", name, content, next(claims), is_taken


def test_each_is_answered_and_none_is_served_inline_or_kept_elsewhere(database: Flask, client: PageClient) -> None:
    with database.app_context():
        people = cast()
        url = f"/log/{make.entry(people.placement, state=EntryState.DRAFT).public_id}/edit"
        folder = store().folder.parent
        committed(people)
    client.sign_in_as(people.student)
    form = client.page(url).form("Save the draft")
    fields = [(name, value) for name, values in form.values.items() for value in values] + [("do", "draft")]
    before, wrong = files_in(folder), []
    for label, name, content, claim, is_taken in hostile_files():
        sent = body(fields, name, content, claim)
        answer = client.post(url, data=sent, content_type=f"multipart/form-data; boundary={BOUNDARY.decode()}")
        if answer.status_code != (302 if is_taken or not name else 422):
            wrong.append((label, str(answer.status_code)))
        wrong += [(label, said) for said in served(database, client, is_taken)]
    assert wrong == []
    with database.app_context():
        kept = {f"uploads/{sha256}" for sha256 in db.session.scalars(select(StoredFile.sha256))}
    assert len(kept) == 8  # two photos become one, without what stood behind one of them
    assert kept <= files_in(folder)
    assert files_in(folder) - before <= kept


def served(app: Flask, client: PageClient, is_taken: bool) -> Iterator[str]:
    """What is wrong with how the file that was just sent comes back; afterwards it is removed."""
    with app.app_context():
        there = db.session.scalars(select(EntryEvidence).where(EntryEvidence.removed_at.is_(None)))
        urls = [f"/log-files/{each.public_id}" for each in there]
        if len(urls) != is_taken:
            yield f"{len(urls)} kept"
    for url in urls:
        answer = client.get(url)
        said = answer.headers
        if not said["Content-Disposition"].startswith("attachment; filename"):
            yield f"inline: {said['Content-Disposition']}"
        if said["X-Content-Type-Options"] != "nosniff" or answer.mimetype not in TYPES:
            yield f"served as {answer.mimetype}"
        if answer.mimetype.startswith("image/") and b"<script>" in answer.data:
            yield "with its script"
    with app.app_context():
        db.session.execute(update(EntryEvidence).values(removed_at=NOW))
        db.session.commit()
