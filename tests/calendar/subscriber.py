"""A person's own calendar programs, in a folder of their own: vdirsyncer subscribes to an address, khal shows what came.

vdirsyncer goes by what an entry says and not by its UID. By that goes khal where a calendar's file is read in.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PAIR = """[general]
status_path = "{folder}/status"
[pair ours]
a = "there"
b = "here"
collections = null
[storage there]
type = "http"
url = "{address}"
[storage here]
type = "filesystem"
path = "{folder}/events"
fileext = ".ics"
"""
SHOWN = """[calendars]
[[subscribed]]
path = {folder}/events
[[read_in]]
path = {folder}/read
[locale]
local_timezone = Europe/London
default_timezone = Europe/London
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[sqlite]
path = {folder}/khal.db
"""


@dataclass
class Subscriber:
    """Somebody who subscribed to `address`."""

    folder: Path
    address: str

    def __post_init__(self) -> None:
        for name in ("events", "read"):
            (self.folder / name).mkdir(parents=True)
        for name, text in (("pair", PAIR), ("shown", SHOWN)):
            (self.folder / name).write_text(text.format(folder=self.folder, address=self.address))
        self._run("vdirsyncer", "-c", "pair", "discover")

    def sync(self) -> None:
        """Read the address anew."""
        self._run("vdirsyncer", "-c", "pair", "sync")

    def read_in(self, text: bytes) -> None:
        """Read a calendar's file in, over what was read in before."""
        (self.folder / "calendar.ics").write_bytes(text)
        self._run("khal", "-c", "shown", "import", "--batch", "-a", "read_in", "calendar.ics")

    def shown(self, calendar: str = "subscribed") -> list[str]:
        """What a calendar shows of two years, in order: when each begins, and what it is."""
        line = ("--once", "--format", "{start} {title}", "--day-format", "")
        said = self._run("khal", "-c", "shown", "list", "-a", calendar, *line, "2026-09-01", "2028-08-31")
        return sorted(each for each in said.splitlines() if each)

    def _run(self, program: str, *words: str) -> str:
        environment = os.environ | {"HOME": str(self.folder), "NO_PROXY": "127.0.0.1", "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(
            [sys.executable, "-m", program, *words],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout
