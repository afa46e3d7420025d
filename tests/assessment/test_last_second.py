"""A real server in the last second before the deadline, its threads busy; and one that is killed (kill -9) in it."""

import hashlib
import os
import signal
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from io import BytesIO
from threading import Semaphore
from typing import Any

import pytest
from sqlalchemy import select, update

from placements.assessment.models import Submission
from placements.assessment.workflow import SubmissionState
from placements.cohorts.models import Component
from placements.core.clock import machine_now
from placements.db import db
from placements.files.models import StoredFile
from placements.files.store import Store, Written, store
from placements.serving import Worker
from tests.assessment.scene import Scene, scene, seeded
from tests.assessment.uploads import WORKER, Upload, serving
from tests.client import PageClient
from tests.databases import Copy

SECOND = timedelta(seconds=1)
ON_TIME, LATE = SubmissionState.RECEIVED, SubmissionState.LATE


class Impatient(Worker):
    """Gives up on silence, and on a head that does not end, as soon as a test can wait for it."""

    SILENCE, HEAD = 2, 0.4
    UNUSED = 60


def pdf(number: int, size: int = 20_000) -> bytes:
    return b"%%PDF-1.7\n%%%d\n" % number + bytes(size) + b"\n%%EOF\n"


def uploads(copy: Copy, count: int, size: int = 20_000) -> list[Upload]:
    """So many students of one run, each with a file, and an hour until the deadline."""
    of: Scene = seeded(copy.app, lambda: scene(count, due=machine_now() + timedelta(hours=1)))
    url = f"/assessment/{of.portfolio.public_id}"
    return [Upload(copy, each, url, pdf(number, size)) for number, each in enumerate(of.students)]


def deadline_in_a_second(copy: Copy) -> float:
    """Move the deadline; its instant on the machine's clock."""
    due_at = machine_now() + SECOND
    with copy.app.app_context():
        db.session.execute(update(Component).where(Component.due_at.is_not(None)).values(due_at=due_at))
        db.session.commit()
    return due_at.timestamp()


def wait_until(instant: float) -> None:
    time.sleep(max(instant - time.time(), 0))


def states(copy: Copy) -> list[SubmissionState]:
    """Of all who handed in, in the order of the students."""
    with copy.app.app_context():
        return list(db.session.scalars(select(Submission.state).order_by(Submission.enrolment_id)))


@pytest.mark.parametrize(
    ("worker", "judged"),
    [(WORKER, [ON_TIME, ON_TIME, ON_TIME, LATE]), ("gthread", [ON_TIME, ON_TIME, LATE, LATE])],
    ids=["ours", "gunicorn's"],
)
def test_whoever_began_in_time_is_on_time(fresh_database: Copy, worker: str, judged: Sequence[SubmissionState]) -> None:
    """Two slow uploads hold both threads when the third comes, in time. It is stamped as it comes; the control's is not."""
    slow, other_slow, waiting, after = uploads(fresh_database, 4)
    with serving(fresh_database, 2, worker) as (port, _):
        due = deadline_in_a_second(fresh_database)
        for each in (slow, other_slow):
            each.connect(port).send(each.head + each.body[:9000])
        waiting.connect(port).send(waiting.head + waiting.body)
        wait_until(due + 0.1)
        after.connect(port).send(after.head + after.body)
        for each in (slow, other_slow):
            each.send(each.body[9000:])
        assert [each.status() for each in (slow, other_slow, waiting, after)] == [302] * 4
    assert states(fresh_database) == judged


def test_nobody_begins_by_doing_nothing(fresh_database: Copy) -> None:
    """Neither by a connection opened ahead, which keeps no thread from anybody, nor by a head that is not ended."""
    opened, begun, silent, whole = uploads(fresh_database, 4)
    with serving(fresh_database, 1, f"{__name__}.Impatient") as (port, _):
        due = deadline_in_a_second(fresh_database)
        opened.connect(port)
        begun.connect(port).send(begun.head[:20])
        wait_until(due + 0.1)
        begun.send(begun.head[20:] + begun.body)
        assert begun.status() == 302
        opened.send(opened.head + opened.body)
        assert opened.status() == 302
        silent.connect(port).send(silent.head + silent.body[:9000])
        whole.connect(port).send(whole.head + whole.body)
        assert whole.status() == 302  # the only thread is free again
        assert silent.status() == 400
    assert states(fresh_database) == [LATE, LATE, LATE]


class Strict(Worker):
    """Ends a request that comes byte by byte as soon as a test can wait for it; silence it never meets."""

    WHOLE = 1.5


@pytest.mark.parametrize("ended", [5, -5], ids=["in the head", "in the file"])
def test_a_trickle_keeps_no_thread(fresh_database: Copy, ended: int) -> None:
    """A byte now and then is no silence. Whoever waits for the only thread is answered all the same."""
    trickle, whole = uploads(fresh_database, 2)
    begun = trickle.head[:ended] if ended > 0 else trickle.head + trickle.body[:9000]
    with serving(fresh_database, 1, f"{__name__}.Strict") as (port, _):
        trickle.connect(port).send(begun)
        whole.connect(port).send(whole.head + whole.body)
        stops = time.monotonic() + 10
        with suppress(ConnectionError), ThreadPoolExecutor(1) as pool:
            answer = pool.submit(whole.status)
            while not answer.done() and time.monotonic() < stops:
                time.sleep(0.05)
                trickle.send(trickle.head[ended : ended + 1] if ended > 0 else b"0")
        assert answer.result() == 302
        assert trickle.status() == (0 if ended > 0 else 400)
    assert states(fresh_database) == [ON_TIME]


def test_nothing_is_held_while_a_file_is_written(fresh_database: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite nobody could commit meanwhile: who sends it is known by then, and reading has ended."""
    of: Scene = seeded(fresh_database.app, lambda: scene(due=machine_now() + timedelta(hours=1)))
    client, held, write = PageClient(fresh_database.app), [], Store.write
    client.sign_in_as(of.students[0])
    form = client.page(f"/assessment/{of.portfolio.public_id}").form()

    def watched(*given: Any) -> Written:
        held.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
        return write(*given)

    monkeypatch.setattr(Store, "write", watched)
    page = client.submit(form, {"files": [(BytesIO(pdf(1)), "a.pdf")]}, button="Hand in now")  # type: ignore[dict-item]
    assert "Your receipt number is" in page.text
    assert held == [0]


def test_a_killed_server_has_kept_what_it_gave_receipts_for(fresh_database: Copy) -> None:
    """Twenty files are under way when it dies: whoever was answered is in, and whatever is in is there whole."""
    sent, answered = uploads(fresh_database, 20, size=500_000), Semaphore(0)

    def hand_in(each: Upload) -> int:
        with suppress(ConnectionError):
            each.connect(port).send(each.head + each.body)
        status = each.status()
        answered.release()
        return status

    with serving(fresh_database, 8) as (port, process), ThreadPoolExecutor(len(sent)) as pool:
        statuses = [pool.submit(hand_in, each) for each in sent]
        for _ in range(4):
            answered.acquire(timeout=60)
        os.killpg(process.pid, signal.SIGKILL)
        told = [each.result() for each in statuses]
    assert 4 <= told.count(302) < 20
    assert set(told) == {302, 0}
    with fresh_database.app.app_context():
        kept = set(db.session.scalars(select(StoredFile.sha256)))
        receipts = db.session.scalars(select(Submission).where(Submission.state == ON_TIME)).all()
        assert {each.current_files[0].file.sha256 for each in receipts} == kept
        assert {hashlib.sha256(pdf(n, 500_000)).hexdigest() for n, each in enumerate(told) if each == 302} <= kept
        for each in kept:
            assert hashlib.sha256(store().path(each).read_bytes()).hexdigest() == each
