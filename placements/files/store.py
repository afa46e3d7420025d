"""Where the bytes are: one folder, a file named by the SHA-256 of its content. No request and no row knows the path."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from flask import current_app

from placements.config import Settings

CHUNK = 256 * 1024
EDGE = 1024 * 1024  # how much of either end is kept to tell what a file is
UNFINISHED = "incoming-"
OLD = timedelta(days=1)  # no request lasts as long: what has no row by then will never have one


class TooLarge(Exception):
    """More bytes than were allowed."""


@dataclass(frozen=True)
class Written:
    """Bytes that are safely in the store, and what they begin and end with."""

    sha256: str
    size: int
    head: bytes
    tail: bytes


class Store:
    """A folder of bytes. Two uploads of the same bytes share one file; nothing in it is ever changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where the bytes of that hash are."""
        return self.folder / sha256

    def write(self, stream: IO[bytes], most: int, check: Callable[[Written], None]) -> Written:
        """Copy a stream of at most `most` bytes: to a temporary file, onto the disk, then under its hash's name.

        Raises TooLarge, and what `check` raises of the bytes written; nothing of them stays behind then.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = tempfile.NamedTemporaryFile(dir=self.folder, prefix=UNFINISHED, delete=False)  # noqa: SIM115
        try:
            with unfinished as file:
                written = _copy(stream, file, most)
                file.flush()
                os.fsync(file.fileno())
            check(written)
            Path(unfinished.name).replace(self.path(written.sha256))  # as new, so that no sweep takes it for old
        except BaseException:
            Path(unfinished.name).unlink(missing_ok=True)
            raise
        _sync(self.folder)
        return written

    def sweep(self, machine_now: datetime, known: Callable[[Collection[str]], Collection[str]]) -> int:
        """Remove what is older than a day and has no row: unfinished files, and bytes that `known` does not name.

        Returns how many files went. `machine_now` is the machine's time, as the files' own times are.
        """
        old = [path for path in self._files() if _is_old(path, machine_now)]
        finished = [path.name for path in old if not path.name.startswith(UNFINISHED)]
        kept = set(known(finished))
        return sum(self._remove(path, machine_now) for path in old if path.name not in kept)

    def _files(self) -> Iterator[Path]:
        return self.folder.iterdir() if self.folder.is_dir() else iter(())

    def _remove(self, path: Path, machine_now: datetime) -> bool:
        """Out of the way first: bytes that were sent again at this very moment are new, and go back."""
        aside = path.with_name(f"{UNFINISHED}{path.name}")
        path.replace(aside)
        if not _is_old(aside, machine_now):
            aside.replace(path)
            return False
        aside.unlink()
        return True


def store() -> Store:
    """The current application's store: the folder `uploads` of its instance."""
    settings: Settings = current_app.extensions["placements.settings"]
    return Store(settings.instance / "uploads")


def _copy(stream: IO[bytes], file: IO[bytes], most: int) -> Written:
    digest, size, head, tail = hashlib.sha256(), 0, b"", b""
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > most:
            raise TooLarge
        digest.update(chunk)
        file.write(chunk)
        head = head if len(head) >= EDGE else (head + chunk)[:EDGE]
        tail = (tail + chunk)[-EDGE:]
    return Written(digest.hexdigest(), size, head, tail)


def _sync(folder: Path) -> None:
    """Make the new name itself last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_old(path: Path, machine_now: datetime) -> bool:
    try:
        return machine_now.timestamp() - path.stat().st_mtime > OLD.total_seconds()
    except FileNotFoundError:
        return False
