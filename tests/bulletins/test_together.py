"""Several at once: two windows, a hold beside the worker, two workers; a worker that is killed; the mail on the wire."""

import os
import signal
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from placements.bulletins import actions
from placements.bulletins.models import Bulletin, BulletinRecipient
from placements.bulletins.queries import seen_of
from placements.bulletins.sending import send_due
from placements.bulletins.workflow import BulletinState
from placements.core.clock import machine_now
from placements.db import db
from placements.history.models import History
from placements.mail.delivery import Tally, deliver
from placements.mail.models import Message, Notification
from placements.mail.transports import SmtpTransport
from tests import factories as make
from tests.bulletins.scene import Scene
from tests.databases import Copy
from tests.databases import application as application_for
from tests.factories import NOW
from tests.mail.sink import on_the_way_to, smtp_sink, wait_until
from tests.races import at_once

ROOT = Path(__file__).resolve().parents[2]
STUDENTS, KILLS, SMALL = 120, 12, 7
B = BulletinState


def prepared(copy: Copy, students: int = 0, **said: Any) -> tuple[int, Any]:
    """A message of Lea's to her students and `students` more, committed: its key, and Lea."""
    with copy.app.app_context():
        scene = Scene()
        for _ in range(students):
            make.enrolment(scene.group)
        key, lea = scene.bulletin(**said).id, scene.lea
        db.session.commit()
        db.session.remove()
    return key, lea


def only(copy: Copy, what: Any) -> Any:
    with copy.app.app_context():
        found = db.session.scalar(what)
        db.session.remove()
        return found


def state_of(copy: Copy) -> BulletinState:
    return only(copy, select(Bulletin.state))


def told(copy: Copy) -> int:
    return only(copy, select(func.count(Notification.id)))


def test_sent_in_two_windows_at_once_it_is_sent_once(fresh_database: Copy) -> None:
    key, lea = prepared(fresh_database, state=B.DRAFT, send_at=None)

    def press() -> None:
        bulletin = db.session.get_one(Bulletin, key)
        actions.send(bulletin, None, seen_of(bulletin)[0], actor=lea, now=NOW)

    assert at_once(fresh_database, press, press) == [None, None]
    assert state_of(fresh_database) is B.SCHEDULED
    assert only(fresh_database, select(func.count(History.id)).where(History.verb == "sent a message to many")) == 1


def test_two_workers_at_once_tell_each_once(fresh_database: Copy) -> None:
    prepared(fresh_database, students=20)
    assert at_once(fresh_database, *[lambda: send_due(NOW, SMALL)] * 2) == [None, None]
    assert told(fresh_database) == 24
    assert only(fresh_database, select(func.count(BulletinRecipient.id))) == 24


def test_held_or_stopped_beside_the_worker_nobody_is_told_afterwards(fresh_database: Copy) -> None:
    key, lea = prepared(fresh_database, students=40)

    def hold() -> None:
        actions.hold(db.session.get_one(Bulletin, key), actor=lea, now=NOW)

    assert at_once(fresh_database, lambda: send_due(NOW, SMALL), hold) == [None, None]
    assert state_of(fresh_database) is B.HELD
    before = told(fresh_database)
    assert before % SMALL in (0, 44 % SMALL)
    with fresh_database.app.app_context():
        assert send_due(NOW, SMALL) == 0
        db.session.remove()
    assert told(fresh_database) == before


# As many processes as lines it reads, one after the other, each telling and delivering until it is killed. By day.
NURSERY = """
import os, sys
from datetime import datetime, timedelta
from placements.app import create_app
from placements.bulletins.sending import send_due
from placements.config import Settings
from placements.core.clock import machine_now
from placements.mail.delivery import deliver
from placements.mail.transports import SmtpTransport

app, now = create_app(Settings.from_environment()), datetime.fromisoformat("2026-10-20T08:00:00+00:00")
for _ in sys.stdin:
    child = os.fork()
    while not child:
        with app.app_context(), SmtpTransport("placements.example") as transport:
            send_due(now, 7)
            deliver(transport, now, machine_now(), timedelta(seconds=1))
    print(child, flush=True)
    os.waitpid(child, 0)
"""


@pytest.mark.long
def test_kills_half_way_miss_nobody_and_tell_nobody_twice(fresh_database: Copy) -> None:
    """A mail that was handed over and not marked goes again, with the Message-ID of the first."""
    everybody = STUDENTS + 4
    prepared(fresh_database, students=STUDENTS)
    with smtp_sink() as (sink, port):
        environment = Copy(fresh_database.app, on_the_way_to(fresh_database, port)).environment
        run = partial(subprocess.Popen, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, text=True)
        with run([sys.executable, "-c", NURSERY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1) as nursery:
            for number in range(KILLS + 1):
                nursery.stdin.write("\n")
                working = int(nursery.stdout.readline())
                if number < KILLS:
                    goal = min(len(sink.mails) + everybody // (KILLS + 3), everybody - 1)
                    wait_until(lambda goal=goal: len(sink.mails) >= goal)
                else:
                    wait_until(lambda: state_of(fresh_database) is B.SENT)
                os.kill(working, signal.SIGKILL)
            nursery.stdin.close()
    copies = Counter((mail["To"], mail["Message-ID"]) for mail in sink.mails)
    assert len(copies) == len({to for to, _ in copies}) == everybody
    assert copies.total() - everybody <= KILLS
    assert only(fresh_database, select(func.count(Message.id))) == everybody
    settled = select(func.count(BulletinRecipient.id)).where(BulletinRecipient.outcome == "sent")
    assert only(fresh_database, settled) == everybody
    assert only(fresh_database, select(func.count(History.id)).where(History.verb == "sent a message")) == everybody


def test_on_the_wire_each_mail_has_one_reader(fresh_database: Copy) -> None:
    prepared(fresh_database)
    with smtp_sink() as (sink, port):
        settings = on_the_way_to(fresh_database, port)
        with application_for(settings) as app, app.app_context(), SmtpTransport("placements.example") as transport:
            send_due(NOW)
            assert deliver(transport, NOW, machine_now()) == Tally(sent=4)
    assert sorted(mail["To"] for mail in sink.mails) == [f"{name}@example.org" for name in ("ada", "ben", "cy", "dee")]
    assert all(mail["Cc"] is None and mail["Bcc"] is None for mail in sink.mails)
    assert all("@example.org" not in _without(mail, mail["To"], "lea@example.org") for mail in sink.mails)


def _without(mail: Any, *known: str) -> str:
    """The whole mail as it came, without these addresses."""
    text = "\n".join([*mail.values(), *(part.get_content() for part in mail.iter_parts())])
    for each in known:
        text = text.replace(each, "")
    return text
