"""A real server on a copy of the database, in a process group of its own, that a test may kill."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from placements.config import ROOT
from tests.databases import Copy

Command = Callable[[int], Sequence[str]]  # by the port
Served = tuple[int, subprocess.Popen[bytes]]


@contextmanager
def serving(copy: Copy, command: Command, **said: str) -> Iterator[Served]:
    """Its port, and itself; killed at the end, if it still lives. `said` is added to its environment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    environment = copy.environment | {"BASE_URL": f"http://127.0.0.1:{port}"} | said
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command(port), cwd=ROOT, env=environment, start_new_session=True, **quiet)
    try:
        for _ in range(1200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.05)
        yield port, process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
