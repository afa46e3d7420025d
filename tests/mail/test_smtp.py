"""Against a real SMTP server: what a mail looks like on the wire, and that a killed worker loses none."""

import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from smtplib import SMTPRecipientsRefused

import pytest
from sqlalchemy import func, select

from placements.accounts import notices
from placements.core.clock import machine_now
from placements.db import db
from placements.links.actions import add_link
from placements.mail.actions import tell
from placements.mail.delivery import Tally, deliver
from placements.mail.models import Message, MessageState, Notification
from placements.mail.rendering import Rendered
from placements.mail.transports import SmtpTransport
from tests import factories
from tests.databases import Copy
from tests.databases import application as application_for
from tests.mail.sink import on_the_way_to, smtp_sink, wait_until

ROOT = Path(__file__).resolve().parents[2]
MAILS, KILLS = 500, 20


def _queue(copy: Copy, how_many: int) -> None:
    with copy.app.app_context():
        now = machine_now()
        for _ in range(how_many):
            account = factories.account()
            add_link("accounts.sign_in_by_link", account.id, account.person_id, now=now, lasts=timedelta(days=1))
            tell(notices.SIGN_IN_LINK, account.id, [account.person_id], now)
        db.session.commit()
        db.session.remove()


EITHER_WAY = pytest.mark.parametrize("extensions", [(), ("PIPELINING",)], ids=["one by one", "in one go"])


@EITHER_WAY
def test_a_mail_on_the_wire(fresh_database: Copy, extensions: tuple[str, ...]) -> None:
    _queue(fresh_database, 1)
    with smtp_sink(*extensions) as (sink, port):
        settings = on_the_way_to(fresh_database, port)
        with application_for(settings) as app, app.app_context(), SmtpTransport("placements.example") as transport:
            assert deliver(transport, machine_now(), machine_now()) == Tally(sent=1)
            message = db.session.scalars(select(Message)).one()
    [mail] = sink.mails
    assert mail["Subject"] == "Your link to sign in"
    assert mail["Message-ID"] == f"<{message.public_id}@placements.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["To"].count("@") == 1
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert 'style="' in mail.get_body(("html",)).get_content()


def test_a_mail_that_cannot_be_delivered_comes_back_to_the_mailbox_of_returns(fresh_database: Copy) -> None:
    _queue(fresh_database, 1)
    with smtp_sink() as (sink, port):
        settings = replace(on_the_way_to(fresh_database, port), mail_returns_to="Returns <returns@placements.example>")
        with application_for(settings) as app, app.app_context(), SmtpTransport("placements.example") as transport:
            assert deliver(transport, machine_now(), machine_now()) == Tally(sent=1)
    assert (sink.senders, sink.mails[0]["From"]) == (
        ["returns@placements.example"],
        "Placements <placements@localhost>",
    )


@EITHER_WAY
def test_lines_that_begin_with_a_dot_arrive_as_they_are(fresh_database: Copy, extensions: tuple[str, ...]) -> None:
    said = "one\n.two\n..three\n.\nfour\n"
    with smtp_sink(*extensions) as (sink, port):
        settings = on_the_way_to(fresh_database, port)
        with application_for(settings) as app, app.app_context(), SmtpTransport("placements.example") as transport:
            for _ in range(2):  # on one connection
                transport.send(Message(public_id="one", recipient=factories.person()), Rendered("Dots", said, said))
            db.session.remove()
    parts = [mail.get_body((kind,)).get_content() for mail in sink.mails for kind in ("plain", "html")]
    assert [each.replace("\r\n", "\n") for each in parts] == [said] * 4


@pytest.mark.parametrize("is_kept", [False, True], ids=["new", "kept"])
@EITHER_WAY
def test_who_is_refused_keeps_nobody_else_from_their_mail(
    fresh_database: Copy, extensions: tuple[str, ...], is_kept: bool
) -> None:
    with smtp_sink(*extensions) as (sink, port):
        sink.answers = {"no@example.org": "550 5.1.1 No such user"}
        settings = on_the_way_to(fresh_database, port)
        with application_for(settings) as app, app.app_context(), SmtpTransport("placements.example") as transport:

            def send(to: str) -> None:
                transport.send(
                    Message(public_id=to[:2], recipient=factories.person(email=to)), Rendered("Hi", "a", "b")
                )

            if is_kept:
                send("ab@example.org")
            with pytest.raises(SMTPRecipientsRefused) as refused:
                send("no@example.org")
            send("cd@example.org")
            db.session.remove()
    assert refused.value.recipients == {"no@example.org": (550, b"5.1.1 No such user")}
    assert [mail["To"] for mail in sink.mails] == ["ab@example.org"] * is_kept + ["cd@example.org"]


@EITHER_WAY
def test_a_server_that_turns_mail_away_is_asked_again(fresh_database: Copy, extensions: tuple[str, ...]) -> None:
    _queue(fresh_database, 2)
    with smtp_sink(*extensions) as (sink, port):
        sink.refuse = True
        settings = on_the_way_to(fresh_database, port)
        with application_for(settings) as app, app.app_context(), SmtpTransport("placements.example") as transport:
            now = machine_now()
            assert deliver(transport, now, now) == Tally(failed=2)
            sink.refuse = False
            assert deliver(transport, now, now + timedelta(minutes=2)) == Tally(sent=2)
    assert len(sink.mails) == 2


# Loads the application once; then, for each line that it reads, one more process delivers mail as the worker does.
NURSERY = """
import os, sys
from placements.app import create_app
from placements.config import Settings
from placements.worker import deliver_mail

app = create_app(Settings.from_environment())
for _ in sys.stdin:
    child = os.fork()
    while not child:
        with app.app_context():
            deliver_mail()
    print(child, flush=True)
    os.waitpid(child, 0)
"""


@pytest.mark.long
def test_twenty_kills_during_five_hundred_deliveries_lose_nothing(fresh_database: Copy) -> None:
    """Extra copies are at most one a kill, and carry the Message-ID of the first."""
    _queue(fresh_database, MAILS)
    with smtp_sink() as (sink, port):
        environment = Copy(fresh_database.app, on_the_way_to(fresh_database, port)).environment
        run = partial(subprocess.Popen, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, text=True)
        with run([sys.executable, "-c", NURSERY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1) as nursery:
            for _ in range(KILLS):
                nursery.stdin.write("\n")
                working = int(nursery.stdout.readline())
                goal = min(len(sink.mails) + MAILS // (KILLS + 5), MAILS - 1)
                wait_until(lambda goal=goal: len(sink.mails) >= goal)
                os.kill(working, signal.SIGKILL)
            nursery.stdin.close()
        last = run([sys.executable, "-m", "placements", "worker"])
        wait_until(lambda: _sent(fresh_database) == MAILS)
        last.terminate()
        last.wait()
    copies = Counter(mail["Message-ID"] for mail in sink.mails)
    assert len(copies) == MAILS
    assert copies.total() - MAILS <= KILLS


def _sent(copy: Copy) -> int:
    with copy.app.app_context():
        found = db.session.scalar(select(func.count()).where(Message.state == MessageState.SENT))
        db.session.remove()
        return found or 0


def test_marking_before_sending_would_lose_mail(fresh_database: Copy) -> None:
    """The control: the order that delivery does not use."""
    _queue(fresh_database, 1)
    with fresh_database.app.app_context():
        notification = db.session.scalars(select(Notification)).one()
        notification.dropped_at = machine_now()  # marked …
        db.session.commit()  # … and killed here, before anything was sent
        assert deliver(_Nowhere(), machine_now(), machine_now()) == Tally()
        db.session.remove()


class _Nowhere:
    def send(self, message: Message, mail: object) -> None:
        raise AssertionError("nothing is left to send")
