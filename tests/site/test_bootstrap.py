"""Setting up says what a machine lacks before it tries anything."""

import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ('case "$1 $2" in "-m pip") exit 1;; esac', "apt-get install python3-pip"),
        ("exit 1", "needs Python 3.11 or newer"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_made(tmp_path: Path, answers: str, said: str) -> None:
    (tmp_path / "scripts").mkdir()
    for name in ("scripts/bootstrap", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    python = tmp_path / "python3"
    python.write_text(f"#!/bin/sh\n{answers}\n")
    python.chmod(0o755)
    done = subprocess.run(
        [tmp_path / "scripts/bootstrap"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, said in done.stderr) == (1, True)
    assert done.stdout == ""
    assert not (tmp_path / ".venv").exists()
