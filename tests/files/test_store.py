"""Bytes on the disk: whole or not at all, under their own hash, and swept when nobody wants them."""

import hashlib
import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from placements.files.store import Store, TooLarge, Written

pytestmark = pytest.mark.pure

NOW = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)
MEGABYTE = 1024 * 1024


def accept(_written: Written) -> None:
    """Whatever was written is right."""


def age(path: Path, by: timedelta) -> None:
    at = (NOW - by).timestamp()
    os.utime(path, (at, at))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "uploads")


def names(store: Store) -> list[str]:
    return sorted(path.name for path in store.folder.iterdir())


def test_bytes_are_kept_under_their_hash(store: Store) -> None:
    content = bytes(range(256)) * 9000  # several chunks, longer than either end that is looked at
    written = store.write(io.BytesIO(content), 3 * MEGABYTE, accept)
    assert written.sha256 == hashlib.sha256(content).hexdigest()
    assert written.size == 256 * 9000
    assert written.head == content[:MEGABYTE]
    assert written.tail == content[-MEGABYTE:]
    assert store.path(written.sha256).read_bytes() == content
    assert names(store) == [written.sha256]


def test_the_same_bytes_twice_are_one_file(store: Store) -> None:
    first = store.write(io.BytesIO(b"work"), 10, accept)
    assert store.write(io.BytesIO(b"work"), 10, accept) == first
    assert names(store) == [first.sha256]


def test_a_byte_too_many_is_refused_and_leaves_nothing(store: Store) -> None:
    store.write(io.BytesIO(b"x" * 10), 10, accept)
    with pytest.raises(TooLarge):
        store.write(io.BytesIO(b"y" * 11), 10, accept)
    assert len(names(store)) == 1


def test_what_the_check_or_the_line_breaks_off_leaves_nothing(store: Store) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionResetError

    def refuse(_written: Written) -> None:
        raise ValueError("not this")

    with pytest.raises(ConnectionResetError):
        store.write(Broken(), 10, accept)
    with pytest.raises(ValueError, match="not this"):
        store.write(io.BytesIO(b"work"), 10, refuse)
    assert names(store) == []


def test_the_sweep_takes_what_is_old_and_has_no_row(store: Store) -> None:
    kept, orphan, fresh = (store.write(io.BytesIO(content), 10, accept).sha256 for content in (b"a", b"b", b"c"))
    (store.folder / "incoming-old").write_bytes(b"half")
    (store.folder / "incoming-new").write_bytes(b"half")
    for name in (kept, orphan, "incoming-old"):
        age(store.path(name), timedelta(hours=25))
    for name in (fresh, "incoming-new"):
        age(store.path(name), timedelta(hours=23))
    asked: list[str] = []

    def known(hashes: object) -> list[str]:
        asked.extend(hashes)  # type: ignore[arg-type]
        return [kept]

    assert store.sweep(NOW, known) == 2
    assert names(store) == sorted([kept, fresh, "incoming-new"])
    assert sorted(asked) == sorted([kept, orphan])


def test_bytes_sent_again_while_the_sweep_runs_stay(store: Store) -> None:
    written = store.write(io.BytesIO(b"again"), 10, accept)
    age(store.path(written.sha256), timedelta(days=3))

    def known(_hashes: object) -> list[str]:
        age(store.path(written.sha256), timedelta())  # what a new upload of the same bytes leaves
        return []

    assert store.sweep(NOW, known) == 0
    assert names(store) == [written.sha256]


def test_there_may_be_no_folder_yet(store: Store) -> None:
    assert store.sweep(NOW, lambda hashes: hashes) == 0
