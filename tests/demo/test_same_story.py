"""The same seed tells the same story, whatever the order that a process keeps its sets in."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.pure, pytest.mark.long]  # on databases of its own, the embedded ones

APPEND_ONLY = (
    "person",
    "history",
    "ledger_event",
    "signature",
    "log_entry",
    "agreement",
    "offer",
    "placement",
    "match",
    "mark",
)


def told_with(hash_seed: str, folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of the story up to February of its first year, told by a process of its own."""
    environment = os.environ | {"INSTANCE": str(folder), "PYTHONHASHSEED": hash_seed, "DATABASE_URL": ""}
    command = (sys.executable, "-m", "placements", "demo", "--at", "2026-02-05 10:00")
    subprocess.run(command, env=environment, check=True, capture_output=True)
    with closing(sqlite3.connect(folder / "placements.db")) as connection:
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in APPEND_ONLY}


def test_the_same_seed_tells_the_same_story(tmp_path: Path) -> None:
    first, second = (told_with(seed, tmp_path / seed) for seed in ("1", "2"))
    assert len(first["history"]) >= 1000
    assert len(first["log_entry"]) >= 120
    for table in APPEND_ONLY:
        assert first[table] == second[table], table
