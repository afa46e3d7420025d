"""What lives while Placements runs: web and worker, the port that they answer at, and the lock that says so."""

import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import TextIO

import click


def hold(instance: Path, *, alone: bool, otherwise: str) -> TextIO:
    """Keep this folder's database from being replaced, or keep it `alone`, as long as the answered file is open.

    Raises ClickException saying `otherwise` where another process holds it in a way that forbids it.
    """
    instance.mkdir(parents=True, exist_ok=True)
    held = (instance / "running").open("w")
    try:
        fcntl.flock(held, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError as error:
        held.close()
        raise click.ClickException(otherwise) from error
    return held


def share(held: TextIO) -> None:
    """Hold it no longer alone, but together with the processes that follow: web, worker, and their own."""
    fcntl.flock(held, fcntl.LOCK_SH)
    os.set_inheritable(held.fileno(), True)


def need_port(host: str, port: int) -> None:
    """Raise ClickException where nobody could listen there, before anything is prepared for it."""
    bare = host.strip("[]")
    try:
        socket.create_server((bare, port), family=socket.AF_INET6 if ":" in bare else socket.AF_INET).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise click.ClickException(f"Port {port} is taken: make run PORT={port + 1}") from error
        raise click.ClickException(f"Nothing can be served at {host}:{port}: {error.strerror}") from error


def web(host: str, port: int) -> list[str]:
    """The command that serves pages."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        f"{host}:{port}",
        "--workers",
        os.environ.get("WEB_CONCURRENCY", "2"),
        "--worker-class",
        "placements.serving.Worker",
        "--threads",
        os.environ.get("WEB_THREADS", "128"),  # a body on a slow line keeps one, and little else
        "--worker-connections",
        "500",
        "--preload",
        "--log-level",
        "warning",
        "wsgi:app",
    ]


def keep_running(commands: list[list[str]]) -> int:
    """Run them together; when one ends or we are told to stop, stop the others.

    Answers 0 where we were told to, otherwise the code of the one that ended first: never 0, for none was to end.
    """
    told: list[int] = []
    running: list[subprocess.Popen[bytes]] = []

    def stop(number: int, _frame: FrameType | None = None) -> None:
        told.append(number)
        for process in running:
            process.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    for command in commands:  # what `share` made inheritable is theirs too: who outlives us still keeps the database
        running.append(subprocess.Popen(command, close_fds=False))  # noqa: S603 - our own interpreter and arguments
    _, status = os.wait()
    code = 0 if told else abs(os.waitstatus_to_exitcode(status)) or 1
    stop(0)
    for process in running:
        process.wait()
    return code
