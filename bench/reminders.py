"""A drill: mail that is due goes out while workers are killed and the server hangs up. Run by hand; bounded in time.

    .venv/bin/python -m bench.reminders
    scripts/postgres .venv/bin/python -m bench.reminders --database postgresql
    .venv/bin/python -m bench.reminders --mails 500 --kills 20          quicker

5,000 people have a mail due. Several workers deliver to a real SMTP server on this machine, which hangs up at one mail
in ten: half of them before it takes the mail, half after, before it says so. A worker is killed (kill -9) at random 200
times, and another begins. No mail may be lost. A mail may come twice, with the same Message-ID, once for each kill and
once for each time that the server hung up after taking it. With neither kills nor hanging up none comes twice. The
control marks each message before it sends it, and loses some.
"""

import argparse
import logging
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from flask import Flask
from sqlalchemy import func, select

from bench.links import ask_for_links, environment, outbox
from bench.measure import Line, table
from bench.sink import Sink, listening
from placements.config import ROOT, Settings
from placements.db import db
from placements.mail.models import Message, MessageState, Notification

EARLY = 0.8  # of the mails, within which all kills happen: a control that loses some does not reach the last


@dataclass(frozen=True)
class Size:
    """How large a drill is."""

    mails: int = 5000
    kills: int = 200
    drops: float = 0.1
    workers: int = 3
    lease: int = 1  # seconds: what a killed worker had leased is to be waited for
    seconds: int = 900  # after which it is given up


@dataclass(frozen=True)
class Found:
    """What came of one drill."""

    size: Size
    kills: int
    sink: Sink
    is_over: bool  # nothing was left to send

    @property
    def lost(self) -> int:
        """Who got no mail."""
        return self.size.mails - len({to for _, to in self.sink.taken})

    @property
    def extra(self) -> int:
        """Copies beyond the first of each Message-ID."""
        return self.sink.total - len(self.sink.taken)

    @property
    def renamed(self) -> int:
        """Who got mails of two Message-IDs."""
        return len(self.sink.taken) - len({to for _, to in self.sink.taken})


class Nursery:
    """A process that knows the application, and has children that deliver mail."""

    def __init__(self, settings: Settings, sink: Sink, lease: int, words: list[str]) -> None:
        said = environment(settings, SMTP_PORT=str(sink.port), MAIL_LEASE_SECONDS=str(lease), PYTHONPATH=str(ROOT))
        command = [sys.executable, "-m", "bench.posting", *words]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, cwd=ROOT, env=said, text=True, bufsize=1, **pipes)  # type: ignore[call-overload]
        self.children: list[int] = []

    def begin(self) -> None:
        """One more child."""
        self.process.stdin.write("\n")
        self.children.append(int(self.process.stdout.readline()))

    def kill(self, child: int) -> None:
        """As a machine without power does."""
        os.kill(child, signal.SIGKILL)
        self.children.remove(child)


@contextmanager
def nursery(settings: Settings, sink: Sink, lease: int, words: list[str]) -> Iterator[Nursery]:
    """With nobody left at the end."""
    one = Nursery(settings, sink, lease, words)
    try:
        yield one
    finally:
        for child in list(one.children):
            one.kill(child)
        one.process.stdin.close()
        one.process.wait()
        one.process.stdout.close()


def drill(app: Flask, settings: Settings, size: Size, *, is_careless: bool = False) -> Found:
    """Deliver so many mails under fire, in an empty database."""
    with app.app_context():
        ask_for_links(size.mails)
        db.engine.dispose()
    sink, chance, kills = Sink(size.drops), random.Random(11), 0
    end = time.monotonic() + size.seconds
    with listening(sink), nursery(settings, sink, size.lease, ["careless"] if is_careless else []) as workers:
        for _ in range(size.workers):
            workers.begin()
        is_over = False
        while not is_over and time.monotonic() < end:
            if kills < size.kills:
                time.sleep(0.005)
                if len(sink.taken) >= size.mails * EARLY * (kills + 1) / size.kills:
                    time.sleep(chance.random() * 0.05)
                    workers.kill(chance.choice(workers.children))
                    kills += 1
                    workers.begin()
            else:
                time.sleep(0.2)
                is_over = left(app) == 0
    return Found(size, kills, sink, is_over)


def left(app: Flask) -> int:
    """How many people wait for their mail, as the database knows it."""
    with app.app_context():
        sent = select(func.count(Message.id)).where(Message.state != MessageState.QUEUED)
        told = select(func.count(Notification.id))
        number = (db.session.scalar(told) or 0) - (db.session.scalar(sent) or 0)
        db.session.remove()
        return number


def lines(under_fire: Found, clean: Found, careless: Found) -> list[Line]:
    """What was found beside what may be."""
    sink, most = under_fire.sink, under_fire.kills + under_fire.sink.dropped_after
    size = under_fire.size
    return [
        Line("mails due, and taken", f"{size.mails:,}, {sink.total:,}"),
        Line("workers killed", f"{under_fire.kills}", f"≥ {size.kills}", under_fire.kills >= size.kills),
        Line("hung up before taking a mail, and after", f"{sink.dropped_before}, {sink.dropped_after}"),
        Line("nothing is left", "yes" if under_fire.is_over else "no", "yes", under_fire.is_over),
        Line("lost", f"{under_fire.lost}", "0", under_fire.lost == 0),
        Line("extra copies", f"{under_fire.extra}", f"≤ {most} (kills + hung up after)", under_fire.extra <= most),
        Line("copies with another Message-ID", f"{under_fire.renamed}", "0", under_fire.renamed == 0),
        Line("clean: lost", f"{clean.lost}", "0", clean.lost == 0),
        Line("clean: extra copies", f"{clean.extra}", "0", clean.extra == 0),
        Line("control, marked before it is sent: lost", f"{careless.lost}", "≥ 1", careless.lost >= 1),
    ]


def run(size: Size, database: str) -> list[Line]:
    """The drill, the same without any fire, and the control."""
    clean = replace(size, kills=0, drops=0, lease=120)  # as it is by itself: a busy machine holds nobody up for so long
    control = replace(size, mails=size.mails // 5, kills=size.kills // 5)
    found = []
    for each, is_careless in ((size, False), (clean, False), (control, True)):
        with outbox(database) as (app, settings):
            found.append(drill(app, settings, each, is_careless=is_careless))
    return lines(*found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--mails", type=int, default=Size.mails)
    parser.add_argument("--kills", type=int, default=Size.kills)
    given = parser.parse_args()
    logging.disable(logging.INFO)  # what migrations tell
    said = run(Size(mails=given.mails, kills=given.kills), given.database)
    print(table(said))
    sys.exit(any(line.is_met is False for line in said))


if __name__ == "__main__":
    main()
