"""Taking a file in: the bytes before the transaction (`receive`), the row within it (`keep`), the sweep of the rest.

A sheet is read at once instead, and only what it says is kept (`keep_sheet`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from typing import IO, cast

from flask import current_app
from sqlalchemy import delete, select
from werkzeug.datastructures import FileStorage

from placements.config import Settings
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.files.kinds import check_bytes, check_photo, clean_name, is_photo, made_type, media_type
from placements.files.models import StoredFile
from placements.files.photos import HEAD, stripped
from placements.files.queries import Sheet
from placements.files.store import TooLarge, Written, store

KEPT_UNAPPLIED = timedelta(days=30)
LARGEST = 2**31 - 1  # bytes of a file that we make: what `stored_file.size` holds


@dataclass(frozen=True)
class Received:
    """A file whose bytes are in the store. Until `keep` gives it a row it is nobody's, and is swept after a day."""

    sha256: str
    name: str
    media_type: str
    size: int


def receive(upload: FileStorage) -> Received:
    """Put an upload's bytes into the store. Call it before the transaction: it hashes and waits for the disk.

    Raises Refused for a file that is empty, too large, of a kind that is not taken, or not what its name says.
    """
    name = clean_name(upload.filename or "")
    kind = media_type(name)
    settings: Settings = current_app.extensions["placements.settings"]

    def check(written: Written) -> None:
        if written.size == 0:
            raise Refused(f"“{name}” is empty. Choose the file again.")
        check_bytes(name, written.head, written.tail)

    try:
        written = store().write(upload.stream, settings.max_upload_mb * 1024 * 1024, check)
    except TooLarge:
        raise Refused(f"“{name}” is larger than {settings.max_upload_mb} MB. Send a smaller file.") from None
    return Received(written.sha256, name, kind, written.size)


def receive_evidence(upload: FileStorage) -> Received:
    """The same, of photos a copy without what a camera writes into them, such as where they were taken; WebP too."""
    name = clean_name(upload.filename or "")
    if not is_photo(name):
        return receive(upload)
    head = upload.stream.read(HEAD)
    if not head:
        raise Refused(f"“{name}” is empty. Choose the file again.")
    kind = check_photo(name, head)
    upload.stream.seek(0)
    clean = stripped(name, upload.stream)
    settings: Settings = current_app.extensions["placements.settings"]
    written = store().write(clean, settings.max_upload_mb * 1024 * 1024, lambda _: None)
    return Received(written.sha256, name, kind.media_type, written.size)


def put(name: str, made: bytes | IO[bytes]) -> Received:
    """Put a document that we made, or a stream of one, into the store, as `receive` does an upload.

    Call it before the transaction. Raises TooLarge for a stream that is longer than a row can say.
    """
    stream, most = (BytesIO(made), len(made)) if isinstance(made, bytes) else (made, LARGEST)
    written = store().write(stream, most, lambda _: None)
    return Received(written.sha256, name, made_type(name), written.size)


def keep(received: Received, *, actor: Principal, now: datetime) -> StoredFile:
    """Give a received file its row; it is `actor`'s, nobody's where the system made it. Flushes."""
    stored = StoredFile(
        sha256=received.sha256,
        name=received.name,
        media_type=received.media_type,
        size=received.size,
        uploaded_by_id=actor.person_id,
        uploaded_at=now,
    )
    db.session.add(stored)
    db.session.flush()
    return stored


def described(file_name: str, data: bytes) -> dict[str, str]:
    """What is kept of a sheet beside what it says, by column. Call it before the transaction: it hashes."""
    return {"file_name": clean_name(file_name), "sha256": sha256(data).hexdigest()}


def keep_sheet(sheet: Sheet, *, actor: Principal, now: datetime) -> Sheet:
    """Keep a sheet that was read, to be looked at; it is `actor`'s. Flushes.

    Forgets those of its kind that nobody applied within a month.
    """
    kind = type(sheet)
    db.session.execute(delete(kind).where(kind.applied_at.is_(None), kind.uploaded_at < now - KEPT_UNAPPLIED))
    sheet.uploaded_by_id, sheet.uploaded_at = cast(int, actor.person_id), now
    db.session.add(sheet)
    db.session.flush()
    return sheet


def sweep(machine_now: datetime) -> int:
    """Remove files older than a day that no row names. Returns how many. Reads the database, writes nothing to it."""
    return store().sweep(machine_now, _with_a_row)


def _with_a_row(hashes: Collection[str]) -> Collection[str]:
    wanted = sorted(hashes)
    found: set[str] = set()
    for start in range(0, len(wanted), 500):
        rows = select(StoredFile.sha256).where(StoredFile.sha256.in_(wanted[start : start + 500]))
        found.update(db.session.scalars(rows))
    db.session.rollback()
    return found
