"""Who writes next, where SQLite does not say: it lets in whoever asks at the right moment, so that many ask in vain.

Its own waiting looks every tenth of a second, and gives up after ten. Here the threads of a process wait for each
other, and one thread of each process for those of the others: whoever is done wakes the next.
"""

import fcntl
import threading
from pathlib import Path
from typing import TextIO

TURN = "-turn"  # what its file is called, after the database's
PATIENCE = 60  # seconds; who has waited as long goes on without a turn, and the database answers as it can


class Turns:
    """The turns of one database, in all processes that name the same file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._here = threading.Lock()

    def take(self, patience: float = PATIENCE) -> "Turn | None":
        """Wait for one's turn. None where the threads of this process keep it from us for too long."""
        if not self._here.acquire(timeout=patience):
            return None
        file = self._path.open("a")  # to empty it would be one more thing for each commit to wait for the disk with
        fcntl.flock(file, fcntl.LOCK_EX)
        return Turn(file, self._here)


class Turn:
    """Held while one writes; whoever dies lets go of it."""

    def __init__(self, file: TextIO, here: threading.Lock) -> None:
        self._file, self._here = file, here

    def end(self) -> None:
        """Let the next one write."""
        self._file.close()
        self._here.release()
