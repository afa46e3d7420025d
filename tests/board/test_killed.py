"""A real server, and the worker, are killed (kill -9) in the middle of a release: all 60 marks are out, or none is."""

import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import AbstractContextManager
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from placements.assessment.models import Mark
from placements.assessment.workflow import MarkState, SubmissionState
from placements.board.models import StagedRelease
from placements.board.releasing import fingerprint_of
from placements.config import ROOT
from placements.db import db
from placements.history.models import History
from placements.mail.models import Notification
from tests import factories as make
from tests.assessment.scene import Scene, scene, seeded
from tests.browser import USER_AGENT
from tests.client import PageClient
from tests.databases import Copy
from tests.factories import DAY, NOW
from tests.serving import Served
from tests.serving import serving as served

pytestmark = pytest.mark.long

MARKS = 60
NEVER = MARKS + 1


def sixty() -> Scene:
    """A run in which 60 marks wait for their release, which is staged too."""
    of = scene(0)
    marks = []
    for number in range(MARKS):
        who = make.enrolment(of.group, make.person(student_number=f"2712{number:04}"))
        make.submission(who, of.portfolio, state=SubmissionState.RECEIVED, received_at=NOW - DAY)
        said = {"state": MarkState.SUBMITTED, "mark": 30 + number, "feedback": "Good work."}
        marks.append(make.mark(who, of.portfolio, of.tutor.person, **said))
    return of


def serving(copy: Copy, **said: str) -> AbstractContextManager[Served]:
    """A server that dies when it is told to."""
    words = [sys.executable, "-m", "gunicorn", "tests.board.dying:app", "--bind"]
    return served(copy, lambda port: [*words, f"127.0.0.1:{port}"], PYTHONPATH=str(ROOT), **said)


def post(port: int, path: str, cookie: str, pairs: list[tuple[str, str]]) -> bytes:
    """What the server answers first; nothing where it dies before."""
    body = urlencode(pairs).encode()
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Cookie: session={cookie}",
        f"User-Agent: {USER_AGENT}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        try:
            return connection.recv(200)
        except ConnectionResetError:
            return b""


def what_is_out(copy: Copy) -> tuple[int, int, int]:
    """How many marks are released, how many history says so of, and how many students are told."""
    with copy.app.app_context():
        states = Counter(db.session.scalars(select(Mark.state)))
        said = db.session.scalar(select(func.count(History.id)).where(History.verb == "mark released"))
        told = db.session.scalar(select(func.count(Notification.id)).where(Notification.notice == "board.mark_ready"))
        return states[MarkState.PROVISIONAL], said or 0, told or 0


def released_by_a_server(copy: Copy, **said: str) -> tuple[bytes, tuple[int, int, int]]:
    of: Scene = seeded(copy.app, sixty)
    client = PageClient(copy.app)
    client.environ_base["HTTP_USER_AGENT"] = USER_AGENT
    client.sign_in_as(of.leader)
    path = f"/runs/{of.run.public_id}/marks/release?component={of.portfolio.public_id}"
    with copy.app.app_context():
        marks = db.session.scalars(select(Mark)).all()
        chosen = [("marks", each.public_id) for each in marks]
        seen = fingerprint_of(marks)
    with serving(copy, **said) as (port, _):
        token = client.token()
        kept = client.get_cookie("session", domain="127.0.0.1") or client.get_cookie("session")
        assert kept
        pairs = [*chosen, ("seen", seen), ("how", "now"), ("csrf_token", token)]
        answer = post(port, path, kept.value, pairs)
    time.sleep(0.5)  # what a database had begun ends by itself
    return answer, what_is_out(copy)


@pytest.mark.parametrize("at", [1, 30, MARKS, NEVER])
def test_a_server_that_is_killed_has_released_all_or_none(fresh_database: Copy, at: int) -> None:
    answer, out = released_by_a_server(fresh_database, DIE_AT=str(at))
    if at == NEVER:
        assert (b" 302 " in answer, out) == (True, (MARKS, MARKS, MARKS))
    else:
        assert (answer, out) == (b"", (0, 0, 0))


def test_a_server_that_commits_each_mark_by_itself_has_released_some(fresh_database: Copy) -> None:
    """The negative control: the same death leaves a half."""
    _, out = released_by_a_server(fresh_database, DIE_AT="30", CARELESS="yes")
    assert 0 < out[0] < MARKS


@pytest.mark.parametrize("at", [1, 30, MARKS, NEVER])
def test_a_worker_that_is_killed_has_released_all_or_none_and_the_next_one_does_it(
    fresh_database: Copy, at: int
) -> None:
    def build() -> Scene:
        of = sixty()
        marks = list(db.session.scalars(select(Mark)))
        make.staged_release(of.run, of.portfolio, of.leader.person, *marks)
        return of

    seeded(fresh_database.app, build)
    environment = fresh_database.environment | {"PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "tests.board.dying", "worker"]
    died = subprocess.run(words, cwd=ROOT, env=environment | {"DIE_AT": str(at)}, check=False)
    assert died.returncode == (0 if at == NEVER else -signal.SIGKILL)
    assert what_is_out(fresh_database) == ((MARKS, MARKS, MARKS) if at == NEVER else (0, 0, 0))
    subprocess.run(words, cwd=ROOT, env=environment | {"DIE_AT": str(NEVER)}, check=True)
    assert what_is_out(fresh_database) == (MARKS, MARKS, MARKS)
    with fresh_database.app.app_context():
        assert db.session.scalars(select(StagedRelease.state)).all() == ["released"]
