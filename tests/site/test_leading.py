"""Several real workers: one leads, and another in its place where it is stopped; what it was at is done once.

A stopped process keeps what it holds. On SQLite that may be the turn to write, and then nobody writes until it goes on
(docs/operations.md); these tests stop it when it does not. PostgreSQL ends a transaction that stands still.
"""

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import func, select

from placements.accounts import notices
from placements.config import ROOT
from placements.core.clock import machine_now
from placements.db import begin_to_write, db
from placements.history.models import History
from placements.leases import held_by
from placements.links.actions import add_link
from placements.mail.actions import tell
from placements.mail.models import Message, MessageState, Notification
from placements.turns import TURN
from placements.worker import CLOCK
from tests import factories as make
from tests.databases import Copy
from tests.factories import DAY
from tests.mail.sink import smtp_sink

pytestmark = pytest.mark.long

WORKERS, MAILS, OFFERS = 8, 20, 3
PATIENCE = 90  # seconds
Found = TypeVar("Found")
Processes = list[subprocess.Popen[bytes]]


@contextmanager
def running(copy: Copy, number: int, words: list[str], **said: str) -> Iterator[Processes]:
    """So many processes, started at once; killed at the end."""
    environment = copy.environment | {"PYTHONPATH": str(ROOT), "WORKER_LEASE_SECONDS": "2"} | said
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [
        subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT, env=environment, **quiet) for _ in range(number)
    ]
    try:
        yield started
    finally:
        for process in started:
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()


def until(find: Callable[[], Found | None]) -> Found:
    """What is found at last."""
    end = time.monotonic() + PATIENCE
    while not (found := find()):
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)
    return found


def asked(copy: Copy, question: Callable[[], Found]) -> Found:
    """What the database answers at this moment."""
    with copy.app.app_context():
        try:
            return question()
        finally:
            db.session.remove()


def leader(copy: Copy) -> int | None:
    """The process that leads now, by its number."""
    found = asked(copy, lambda: held_by(CLOCK, machine_now()))
    return int(found.holder.split(":")[1]) if found else None


def stop(copy: Copy, process: int) -> None:
    """Stop a process, on SQLite at a moment at which it keeps nobody from writing."""
    for _ in range(100):
        os.kill(process, signal.SIGSTOP)
        if not copy.url.startswith("sqlite") or can_write(copy.url.removeprefix("sqlite:///")):
            return
        os.kill(process, signal.SIGCONT)
        time.sleep(0.1)
    raise AssertionError("it keeps others from writing whenever it is stopped")


def can_write(path: str) -> bool:
    """Whether somebody gets a turn to write within a second: those who are not stopped let go of it by then."""
    with Path(f"{path}{TURN}").open("w") as turn, closing(sqlite3.connect(path, timeout=1)) as connection:
        for _ in range(50):
            with suppress(BlockingIOError, sqlite3.OperationalError):
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
                connection.execute("BEGIN EXCLUSIVE")  # refused while anybody reads, too
                connection.rollback()
                return True
            time.sleep(0.02)
    return False


def queue() -> None:
    """Mails to send; offers that lapse; offers that somebody is reminded of."""
    begin_to_write()
    now = machine_now()
    for _ in range(MAILS):
        account = make.account()
        add_link("accounts.sign_in_by_link", account.id, account.person_id, now=now, lasts=DAY)
        tell(notices.SIGN_IN_LINK, account.id, [account.person_id], now)
    group = make.group(tutor=make.person())
    for _ in range(OFFERS):
        make.offer(make.enrolment(group), made_at=now - 9 * DAY, deadline_at=now - timedelta(hours=1))
        make.offer(make.enrolment(group), made_at=now - 9 * DAY, deadline_at=now + timedelta(hours=36))
    db.session.commit()


def lapsed() -> dict[int, int]:
    """How often each offer has lapsed."""
    rows = select(History.about_id, func.count()).where(History.about_kind == "offer", History.verb == "lapsed")
    return dict(db.session.execute(rows.group_by(History.about_id)).all())


def reminded() -> dict[tuple[int, int], int]:
    """How often each student was reminded of each offer."""
    rows = select(Notification.about_id, Notification.recipient_id).where(Notification.notice == "offers.unanswered")
    return Counter(tuple(row) for row in db.session.execute(rows))


def all_done(rounds: int) -> bool:
    sent = select(func.count(Notification.id)).join(Message, Message.id == Notification.message_id)
    links = sent.where(Message.state == MessageState.SENT, Notification.notice == "accounts.sign_in_link")
    is_sent = db.session.scalar(links) == rounds * MAILS
    return is_sent and (len(lapsed()), len(reminded())) == (rounds * OFFERS, rounds * OFFERS)


def test_of_eight_workers_one_leads_and_what_it_leaves_when_it_is_stopped_is_done_once(fresh_database: Copy) -> None:
    copy = fresh_database
    asked(copy, queue)
    with smtp_sink() as (sink, port):
        settings = replace(copy.settings, smtp_host="127.0.0.1", smtp_port=port, smtp_use_tls=False)
        started = Copy(copy.app, settings)
        with running(started, WORKERS, ["placements", "worker"]) as workers:
            until(lambda: asked(copy, lambda: all_done(1)))
            first = until(lambda: leader(copy))
            assert first in {each.pid for each in workers}
            stop(copy, first)
            asked(copy, queue)
            second = until(lambda: {leader(copy)} - {first, None}).pop()
            until(lambda: asked(copy, lambda: all_done(2)))
            os.kill(first, signal.SIGCONT)
            time.sleep(4)  # twice the lease: the one that goes on has found out by then
            assert leader(copy) == second
            assert [each.poll() for each in workers] == [None] * WORKERS
    assert asked(copy, lambda: (set(lapsed().values()), set(reminded().values()))) == ({1}, {1})
    assert set(Counter(mail["Message-ID"] for mail in sink.mails).values()) == {1}
    links = Counter(mail["To"] for mail in sink.mails if mail["Subject"] == "Your link to sign in")
    assert (len(links), links.total()) == (2 * MAILS, 2 * MAILS)


def acted(copy: Copy) -> list[int]:
    """How often something was done about each person."""
    rows = select(func.count()).where(History.verb == "acted").group_by(History.about_id)
    return list(asked(copy, lambda: db.session.scalars(rows).all()))


def three_people() -> None:
    """What `led.py` acts on."""
    begin_to_write()
    for _ in range(3):
        make.person()
    db.session.commit()


def stopped_between_deciding_and_acting(copy: Copy, folder: Path, **said: str) -> list[int]:
    """How often each of three things was done, where the leader is stopped in the middle and goes on when it is over."""
    asked(copy, three_people)
    with running(copy, 2, ["tests.site.led", str(folder)], **said):
        [first] = until(lambda: list(folder.iterdir()))
        stop(copy, int(first.name))
        until(lambda: acted(copy))
        os.kill(int(first.name), signal.SIGCONT)
        time.sleep(3)  # it waits for a second at most, and acts
        return acted(copy)


def test_a_leader_that_decided_before_it_was_stopped_acts_on_nothing_afterwards(
    fresh_database: Copy, tmp_path: Path
) -> None:
    assert stopped_between_deciding_and_acting(fresh_database, empty_folder(tmp_path)) == [1, 1, 1]


def test_without_the_fence_it_would_act_again(fresh_database: Copy, tmp_path: Path) -> None:
    """The negative control."""
    assert stopped_between_deciding_and_acting(fresh_database, empty_folder(tmp_path), UNFENCED="1") == [2, 2, 2]


def test_a_leader_that_is_stopped_while_it_holds_what_it_acts_on(fresh_database: Copy, tmp_path: Path) -> None:
    """PostgreSQL ends its transaction, and another acts. On SQLite nobody could, and nobody writes until it goes on."""
    folder = empty_folder(tmp_path)
    asked(fresh_database, three_people)
    with running(fresh_database, 2, ["tests.site.led", str(folder)], WITHIN="1"):
        [first] = until(lambda: list(folder.iterdir()))
        os.kill(int(first.name), signal.SIGSTOP)
        if fresh_database.url.startswith("sqlite"):
            time.sleep(5)
            assert acted(fresh_database) == []
            os.kill(int(first.name), signal.SIGCONT)
            until(lambda: acted(fresh_database))
        else:
            until(lambda: acted(fresh_database))
            os.kill(int(first.name), signal.SIGCONT)
        time.sleep(3)
        assert acted(fresh_database) == [1, 1, 1]


def empty_folder(folder: Path) -> Path:
    """A folder with nothing else in it."""
    made = folder / "decided"
    made.mkdir()
    return made


def test_a_worker_that_is_told_to_end_lets_another_lead_at_once(fresh_database: Copy) -> None:
    with running(fresh_database, 1, ["placements", "worker"], WORKER_LEASE_SECONDS="600") as [worker]:
        until(lambda: leader(fresh_database))
        worker.terminate()
        assert worker.wait(PATIENCE) == -signal.SIGTERM
    assert leader(fresh_database) is None
