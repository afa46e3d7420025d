"""How the last minute before a deadline goes. Run by hand, never a test; about three minutes.

    .venv/bin/python -m bench.deadline                 300 students, 5 MB each, 100 of them at 1 Mbit/s; 20 who mark
    .venv/bin/python -m bench.deadline --students 60 --slow 20

It makes an instance with an embedded database in a temporary folder, starts web and worker as `make run` does, and
sends from this one process, at a lower priority, over the loopback interface alone.

In the minute before 15:00 everybody hands in, more and more of them towards its end; the last begin at 14:59:58. A slow
line needs 40 seconds for a file, so that many are under way at once and end after 15:00. Every tenth opens the
connection some seconds before sending anything, as browsers do. A handful begin at 15:00:01: theirs is late. Meanwhile
20 people save marks of another component every few seconds, and whoever was answered loads the page they are led to.
Afterwards the database and the store are read:

lost   whose file is not there as it was sent, on the disk and by its row, whatever they were answered
stamp  how far `received_at` is from the first byte that they sent, by the same machine's clock
CPU    of web and worker, and of this process: how many of the machine's cores each kept busy while people sent
"""

import argparse
import asyncio
import hashlib
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen

from sqlalchemy import func, select

from bench.candidates import Day, Marker, Student, prepare, set_the_deadline, settings_of
from bench.measure import Line, table
from bench.senders import Answer, Connection, get, hand_in, post
from placements.app import create_app
from placements.assessment.models import Submission
from placements.assessment.notices import NOT_HANDED_IN
from placements.assessment.workflow import SubmissionState
from placements.cohorts.models import ComponentKind
from placements.config import ROOT, Settings
from placements.db import db
from placements.files.store import Store
from placements.mail.models import Notification

LAST, LATE = 2, 1  # seconds before the deadline that the last of them begin, and after it that the others do
WARNS = re.compile(r"[-\d]+ [:,\d]+ (ERROR|WARNING) (?!apscheduler)|\S*(Error|Exception)\b|answered 5")


@dataclass(frozen=True)
class Size:
    """How many, how much, how long."""

    students: int = 300
    slow: int = 100  # of them
    late: int = 5  # besides
    markers: int = 20
    visits: int = 12  # in each logbook, which is kept with the work
    bytes: int = 5_000_000
    rate: float = 1_000_000  # bits a second of a slow line
    seconds: float = 60
    between_saves: float = 3
    settle: float = 10  # seconds in which the worker does what has waited for it
    early: float = 3  # seconds before they send that some browsers open a connection
    nice: int = 10  # of this process: what is measured comes first


@dataclass(frozen=True)
class Sent:
    """What somebody was answered, and what there is of it: when it was received and as what; None where it is lost."""

    student: Student
    answer: Answer
    kept: tuple[float, SubmissionState] | None = None

    @property
    def distance(self) -> float:
        """Seconds from the first byte sent to the instant that counts."""
        return abs(self.kept[0] - self.answer.began) if self.kept else 0


@dataclass(frozen=True)
class Found:
    """All that happened, the deadline on this machine's clock, and how many cores the server and we kept busy."""

    on_time: Sequence[Sent]
    late: Sequence[Sent]
    saves: Sequence[Answer]
    pages: Sequence[Answer]
    alarmed: int  # how many were told that nothing came
    due: float
    cores: tuple[float, float]


def run(size: Size) -> Found:
    """Let it happen once."""
    with TemporaryDirectory(prefix="placements-bench-") as folder:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        settings = settings_of(Path(folder), port)
        day = prepare(settings, size.students + size.late, size.markers, size.visits, size.bytes)
        with serving(settings, port) as server:
            time.sleep(size.settle)
            due = set_the_deadline(settings, size.seconds + size.early + 2).timestamp() - day.ahead
            found = asyncio.run(_the_last_minute(port, day, size, due, server))
        return _looked_up(settings, found, day.ahead)


@contextmanager
def serving(settings: Settings, port: int) -> Iterator[int]:
    """Web and worker as `make run` starts them, in a session of this number. What they warn of is shown at the end."""
    log = settings.instance / "log"
    environment = os.environ | {"INSTANCE": str(settings.instance), "BASE_URL": settings.base_url}
    command = [sys.executable, "-m", "placements", "run", "--port", str(port)]
    with log.open("w") as said:
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            _wait_for(settings.base_url, server)
            yield server.pid
        finally:
            server.terminate()
            with suppress(subprocess.TimeoutExpired):
                server.wait(60)
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
    said = log.read_text().splitlines()
    print("\n".join([line for line in said if WARNS.match(line)][-20:]), file=sys.stderr)


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        with suppress(OSError), urlopen(f"{address}/sign-in", timeout=5):
            return
        time.sleep(0.1)
    raise RuntimeError("the server ended before it answered")


async def _the_last_minute(port: int, day: Day, size: Size, due: float, server: int) -> Found:
    os.nice(size.nice)
    students, late = day.students[: size.students], day.students[size.students :]
    saves: list[Answer] = []
    pages: list[Answer] = []

    async def send(student: Student, at: float, line: Connection) -> Sent:
        await asyncio.sleep(due + at - line.waits - time.time())
        answer = await hand_in(port, day.url, student, line)
        if answer.location:
            pages.append(await get(port, answer.location, student.browser))
        return Sent(student, answer)

    async def mark(marker: Marker, first: float) -> None:
        await asyncio.sleep(due - size.seconds + first - time.time())
        version = 1
        while time.time() < due + LATE:
            answer = await post(port, marker.url, marker.browser, _judgement(marker, version))
            saves.append(answer)
            version += answer.status == 302
            pages.append(await get(port, marker.url, marker.browser))
            await asyncio.sleep(size.between_saves)

    await asyncio.gather(*(get(port, day.url, each.browser) for each in students[:20]))  # every web process is awake
    await asyncio.sleep(due - size.seconds - size.early - time.time())
    began, server_before, own_before = time.time(), _cpu(server), time.process_time()
    marking = [mark(each, n * size.between_saves / size.markers) for n, each in enumerate(day.markers)]
    sending = [send(each, *how) for each, how in zip(students, _plan(size), strict=True)]
    belated = [send(each, LATE, Connection()) for each in late]
    sent, belated_sent, _ = await asyncio.gather(_all(sending), _all(belated), _all(marking))
    seconds = time.time() - began
    cores = ((_cpu(server) - server_before) / seconds, (time.process_time() - own_before) / seconds)
    return Found(sent, belated_sent, saves, pages, 0, due, cores)


async def _all(acts: Iterable[Awaitable[Any]]) -> list[Any]:
    return await asyncio.gather(*acts)


def _plan(size: Size) -> Iterator[tuple[float, Connection]]:
    """For each who is on time: when they begin, as seconds from the deadline, and their connection."""
    for n in range(size.students):
        is_slow, place = n < size.slow, (n if n < size.slow else n - size.slow)
        of = size.slow if is_slow else size.students - size.slow
        until_last = 1 - (place + 1) / of
        at = -LAST - (size.seconds - LAST) * until_last ** (1 if is_slow else 2)
        yield at, Connection(size.rate if is_slow else None, 0 if n % 10 else size.early)


def _judgement(marker: Marker, version: int) -> dict[str, str]:
    """What somebody types into the form of a mark: a little more each time."""
    scores = {f"score_{each}": str(50 + version % 20) for each in marker.criteria}
    words = {f"comment_{each}": f"Said {version} times: read the brief again." for each in marker.criteria}
    return {"version": str(version), "feedback": f"Good work, {version}.", **scores, **words}


def _cpu(session: int) -> float:
    """Seconds of CPU that the living processes of a session have used."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            values = stat.read_text().rpartition(")")[2].split()
            if int(values[3]) == session:
                ticks += int(values[11]) + int(values[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _looked_up(settings: Settings, found: Found, ahead: float) -> Found:
    """The same with what there is of each, and whom the worker has told that nothing came."""
    app = create_app(settings)
    with app.app_context():
        kind = Submission.component.has(kind=ComponentKind.PORTFOLIO)
        rows = {each.enrolment_id: each for each in db.session.scalars(select(Submission).where(kind))}
        on_time, late = ([_kept(each, rows, settings, ahead) for each in sent] for sent in (found.on_time, found.late))
        told = select(func.count()).where(Notification.notice == NOT_HANDED_IN.name)
        alarmed = db.session.scalar(told) or 0
        db.session.remove()
        db.engine.dispose()
    return replace(found, on_time=on_time, late=late, alarmed=alarmed)


def _kept(sent: Sent, rows: Mapping[int, Submission], settings: Settings, ahead: float) -> Sent:
    there, sha256 = rows.get(sent.student.enrolment_id), sent.student.sha256
    is_whole = there and [each.file.sha256 for each in there.current_files] == [sha256] and _is_there(settings, sha256)
    if not there or not there.received_at or not is_whole:
        return sent
    return replace(sent, kept=(there.received_at.timestamp() - ahead, there.state))


def _is_there(settings: Settings, sha256: str) -> bool:
    path = Store(settings.instance / "uploads").path(sha256)
    return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def lines(found: Found) -> Iterator[Line]:
    """The table."""
    everybody = [*found.on_time, *found.late]
    answers = [*(each.answer for each in everybody), *found.saves, *found.pages]
    statuses = Counter(each.status for each in answers)
    yield Line("answers", ", ".join(f"{status} × {n}" for status, n in sorted(statuses.items())))
    yield _none("lost", [each for each in everybody if each.kept is None])
    yield _none("no answer, or 5xx", [each for each in answers if each.status == 0 or each.status >= 500])
    yield _none("handed in and not told so", [each for each in everybody if each.answer.status != 302])
    yield _none("saves that failed", [each for each in found.saves if each.status != 302])
    yield Line("told that nothing came", str(found.alarmed), "0", found.alarmed == 0)
    began_by = [each for each in found.on_time if each.kept and each.kept[1] is SubmissionState.RECEIVED]
    ended_after = sum(each.answer.ended > found.due for each in began_by)
    many = len(found.on_time)
    yield Line(f"on time ({ended_after} ended after 15:00)", str(len(began_by)), str(many), len(began_by) == many)
    late = sum(each.kept is not None and each.kept[1] is SubmissionState.LATE for each in found.late)
    yield Line("begun at 15:00:01, and late", str(late), str(len(found.late)), late == len(found.late))
    distance = max(each.distance for each in everybody)
    yield Line("stamp, furthest", f"{distance:.3f} s", "≤ 1 s", distance <= 1)
    yield Line("stamp, median", f"{median(each.distance for each in everybody):.3f} s")
    yield _times("saving a mark", found.saves)
    yield _times("loading a page", found.pages)
    yield _times("handing in", [each.answer for each in everybody])
    yield Line("cores that web and worker kept busy", f"{found.cores[0]:.2f} of {os.cpu_count()}")
    yield Line("cores that this process kept busy", f"{found.cores[1]:.2f}")


def _none(what: str, those: Sequence[object]) -> Line:
    return Line(what, str(len(those)), "0", not those)


def _times(what: str, answers: Sequence[Answer]) -> Line:
    cuts = quantiles((each.took for each in answers), n=100, method="inclusive")
    return Line(f"{what}, p50 and p99 of {len(answers)}", f"{cuts[49]:.2f} s, {cuts[98]:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--students", type=int, default=Size.students)
    parser.add_argument("--slow", type=int, default=Size.slow, help="how many of them are on a line of 1 Mbit/s")
    given = parser.parse_args()
    logging.disable(logging.INFO)  # what migrations tell
    said = list(lines(run(Size(students=given.students, slow=given.slow))))
    print(table(said))
    sys.exit(any(line.is_met is False for line in said))


if __name__ == "__main__":
    main()
