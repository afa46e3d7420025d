"""How the outbox stands beside the goals R1 to R4. Run by hand, never a test; a few minutes.

    .venv/bin/python -m bench.outbox
    scripts/postgres .venv/bin/python -m bench.outbox --database postgresql
    .venv/bin/python -m bench.outbox --mails 300 --reminders 5000           quicker

R1  `--reminders` that fall due are queued by `remind`; the floor is the bare INSERT … SELECT by the driver.
R2  `--mails` messages are claimed a batch at a time and marked one by one; the floor does the same by the driver, with
    as many commits. Two workers that share them against one, each a process, on PostgreSQL. The claim's plan.
R3  `--mails` are delivered to an SMTP server of this machine, which is a process of its own. The floor reads the same
    rows by the driver, fills a bare template, sends over one connection and marks each mail as durably as we do: a
    pipeline that marks nothing is shown beside it, and loses mail. Naive is a message object, a style sheet and a
    connection for each mail, and rows by the ORM.
R4  A tick of delivery with nothing to do; the floor is the bare indexed query in a transaction of its own, on a
    connection of the pool. What the driver takes for it on one that it keeps is shown beside it: on SQLite, which is
    asked without going anywhere, a fiftieth of a millisecond, less than any pool takes to give a connection away.

What takes longer when others keep the cores busy does so for both sides: they take turns, and medians are compared.
Times are those of the clock, since much of this is waiting for the disk.
"""

import argparse
import logging
import os
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from functools import partial
from statistics import median
from time import perf_counter

from flask import Flask, current_app
from sqlalchemy import delete, insert, select, text

from bench.bare import DUE, IDLE, Bare, Pipeline
from bench.links import NOTICE, SENDER, ask_for_links, outbox
from bench.measure import Line, at_most, costs, table
from placements.config import ROOT, Settings
from placements.core.clock import machine_now
from placements.db import begin_to_write, db, refresh_statistics
from placements.mail import delivery
from placements.mail.actions import remind
from placements.mail.asking import still_said
from placements.mail.delivery import FREE, LEASE, Prepared, Tally, deliver, lease
from placements.mail.models import Message, MessageState, Notification
from placements.mail.notices import Reminder
from placements.mail.rendering import Rendered, render
from placements.mail.transports import SmtpTransport
from placements.people.models import Person

FUTURE = (1000, 100_000)
MAIL = Rendered("Your link to sign in", "", "")


def in_turn(rounds: int, before: Callable[[], object], *calls: Callable[[], object]) -> list[float]:
    """The median of the seconds that each call took; `before` each prepares it, and is not counted."""
    taken: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, times in zip(calls, taken, strict=True):
            before()
            began = perf_counter()
            call()
            times.append(perf_counter() - began)
    return [median(times) for times in taken]


def at_least(measure: str, ratio: float, goal: float, note: str = "") -> Line:
    """A ratio beside the least that it may be."""
    return Line(measure, f"{ratio:.2f}×{note}", f"≥ {goal:g}×", ratio >= goal)


def unsaid() -> None:
    """Nothing is queued, and nothing was ever sent."""
    begin_to_write()
    db.session.execute(delete(Notification))
    db.session.execute(delete(Message))
    db.session.commit()


def enqueue(app: Flask, number: int, rounds: int) -> Iterator[Line]:
    """R1."""
    ask_for_links(number)
    now, bare = machine_now(), Bare(db.engine)
    due = select(Person.id.label("about_id"), Person.id.label("recipient_id"), Person.created_at)
    kept = app.extensions["placements.reminders"]
    app.extensions["placements.reminders"] = (Reminder(NOTICE, lambda now: due.where(Person.created_at <= now)),)

    def ours() -> None:
        begin_to_write()
        remind(now)
        db.session.commit()

    def floor() -> None:
        bare.begin()
        bare.run(DUE, bare.at(now))
        bare.commit()

    own, least = in_turn(rounds, unsaid, ours, floor)
    unsaid()
    ours()
    ours()
    many = db.session.scalar(text("SELECT count(*) FROM notification")) or 0
    db.session.commit()
    bare.close()
    app.extensions["placements.reminders"] = kept
    yield at_least(
        f"R1 queue {number:,}", least / own, 0.5, f"  ({number / own:,.0f} of {number / least:,.0f} a second)"
    )
    yield Line("R1 queued by a second run", f"{many - number}", "0", many == number)


def queued(number: int) -> None:
    """So many messages wait, for the people with the first keys."""
    unsaid()
    now = machine_now() - timedelta(minutes=1)
    keys = range(1, number + 1)
    begin_to_write()
    said = {"state": MessageState.QUEUED, "created_at": now, "next_try_at": now}
    db.session.execute(insert(Message), [{"id": n, "public_id": f"m{n:011}", "recipient_id": n, **said} for n in keys])
    told = {"notice": NOTICE.name, "pace": NOTICE.pace, "due_at": now}
    db.session.execute(
        insert(Notification), [{"about_id": n, "recipient_id": n, "message_id": n, **told} for n in keys]
    )
    db.session.commit()


def claim_and_mark() -> None:
    """Our own claims and marks, of messages that are not sent."""
    while (leased := lease(machine_now(), LEASE)).ids:
        for prepared in delivery._read(leased.ids, leased, lambda message: Prepared(message, MAIL, [], None)):
            now = machine_now()
            delivery._mark(prepared, leased, None, now, now)


def claim_and_mark_barely(bare: Bare) -> None:
    """The same by the driver."""
    while rows := bare.claim(machine_now(), machine_now() + LEASE):
        for row in rows:
            bare.mark(row[0], MAIL.subject, machine_now())


def shared_by(app: Flask, workers: int) -> None:
    """So many processes claim and mark until nothing is left."""
    children = []
    db.session.remove()
    db.engine.dispose()
    for _ in range(workers):
        child = os.fork()
        if child == 0:
            with app.app_context():
                claim_and_mark()
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)


def claims(app: Flask, number: int, rounds: int) -> Iterator[Line]:
    """R2."""
    bare, fill = Bare(db.engine), partial(queued, number)
    own, least = in_turn(rounds, fill, claim_and_mark, partial(claim_and_mark_barely, bare))
    bare.close()
    note = f"  ({number / own:,.0f} of {number / least:,.0f} a second)"
    yield at_least(f"R2 claim and mark {number:,}", least / own, 0.7, note)
    if db.engine.dialect.name == "postgresql":
        two, one = in_turn(rounds, fill, partial(shared_by, app, 2), partial(shared_by, app, 1))
        yield at_least("R2 two workers against one", one / two, 1.2)
    explained = "EXPLAIN QUERY PLAN" if db.engine.dialect.name == "sqlite" else "EXPLAIN"
    statement = FREE.params(machine=machine_now()).compile(db.engine, compile_kwargs={"literal_binds": True})
    fill()
    begin_to_write()
    db.session.execute(text("ANALYZE message"))
    plan = " ".join(str(row[-1]) for row in db.session.execute(text(f"{explained} {statement}".replace(":", "\\:"))))
    db.session.rollback()
    sorts = "TEMP B-TREE" in plan or "Sort" in plan
    yield Line("R2 the claim sorts", "yes" if sorts else "no", "no", not sorts)


def naive(settings: Settings) -> None:
    """A message object, a style sheet and a connection for each mail; rows by the ORM, one after the other."""
    now = machine_now()
    for message in db.session.scalars(select(Message).order_by(Message.id)).all():
        said, _ = still_said(message, now)
        mail = render(said, message.recipient)
        email = EmailMessage()
        email["From"], email["To"], email["Subject"] = SENDER, message.recipient.email, mail.subject
        email["Date"], email["Message-ID"] = formatdate(), make_msgid(domain="localhost")
        email.set_content(mail.text)
        email.add_alternative(mail.html, subtype="html")
        with smtplib.SMTP(settings.smtp_host, current_app.config["MAIL_PORT"], local_hostname="localhost") as server:
            server.send_message(email)
        message.state, message.sent_at, message.subject = MessageState.SENT, now, mail.subject
        db.session.commit()
        begin_to_write()
    db.session.commit()


def ours(settings: Settings) -> None:
    """What the worker does."""
    with SmtpTransport(settings.mail_domain) as transport:
        while deliver(transport, machine_now(), machine_now()) != Tally():
            pass


def through(pipeline: Pipeline, bare: Bare, *, marks: bool) -> None:
    """The bare template, a batch at a time; without marks each batch is marked at its beginning, all at once."""
    while rows := bare.claim(machine_now(), machine_now() + LEASE):
        if not marks:
            bare.begin()
            bare.run(f"UPDATE message SET state = 'sent' WHERE id IN ({', '.join(str(row[0]) for row in rows)})")
            bare.commit()
        for key, public_id, name, to, link in rows:
            pipeline.send(public_id, name, to, link)
            if marks:
                bare.mark(key, pipeline.subject, machine_now())


def a_mail() -> tuple[Rendered, str, str]:
    """The mail to the first who waits, their name, and what stands in their link."""
    message = db.session.scalars(select(Message).order_by(Message.id)).first()
    assert message
    mail = render(still_said(message, machine_now())[0], message.recipient)
    name, token = message.recipient.given_name, mail.text.partition("/sign-in/link/")[2].split()[0]
    db.session.rollback()
    return mail, name, token


def sending(settings: Settings, number: int, rounds: int) -> Iterator[Line]:
    """R3."""
    with sink() as port:
        current_app.config["MAIL_PORT"] = port
        fill = partial(queued, number)
        fill()
        pipeline, bare = Pipeline(*a_mail(), secret=settings.secret_key, sender=SENDER, port=port), Bare(db.engine)
        calls = [
            partial(ours, settings),
            partial(through, pipeline, bare, marks=True),
            partial(through, pipeline, bare, marks=False),
            partial(naive, settings),
        ]
        own, least, pure, poor = in_turn(rounds, fill, *calls)
        pipeline.close()
        bare.close()
    note = f"  ({number / own:,.0f} of {number / least:,.0f} a second)"
    yield at_least(f"R3 send {number:,}, of the bare pipeline", least / own, 0.6, note)
    yield Line("R3 of one that marks nothing in time, and loses mail", f"{pure / own:.2f}×")
    yield at_least("R3 against the naive way", poor / own, 4, f"  (naive: {number / poor:,.0f} a second)")


@contextmanager
def sink() -> Iterator[int]:
    """The port of an SMTP server in a process of its own."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-m", "bench.sink"], cwd=ROOT, text=True, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


def ticks(rounds: int) -> Iterator[Line]:
    """R4."""
    bare, found = Bare(db.engine), []
    for number in FUTURE:
        unsaid()
        begin_to_write()
        ahead = machine_now() + timedelta(days=9)
        said = {"notice": NOTICE.name, "pace": NOTICE.pace, "due_at": ahead, "recipient_id": 1}
        db.session.execute(insert(Notification), [{"about_id": n, **said} for n in range(number)])
        db.session.commit()
        refresh_statistics()
        db.session.commit()

        def tick() -> None:
            now = machine_now()
            assert deliver(None, now, now) == Tally()  # type: ignore[arg-type]

        def floor() -> None:
            with db.engine.connect() as connection:
                assert connection.exec_driver_sql(bare.put(IDLE), (bare.at(machine_now()),)).fetchall() == []

        def driver() -> None:
            bare.begin("DEFERRED")
            bare.run(IDLE, bare.at(machine_now()))
            assert bare.cursor.fetchall() == []
            bare.commit()

        found.append(costs([tick, floor, driver], rounds * 50))
    for number, (own, least, kept) in zip(FUTURE, found, strict=True):
        note = f"  ({own.wall * 1000:.2f} of {least.wall * 1000:.2f} ms)"
        yield at_most(f"R4 an idle tick, {number:,} reminders to come", own.wall / least.wall, 3, note)
        yield Line("R4 of the driver's own, on a connection that it keeps", f"{own.wall / kept.wall:.2f}×")
    yield at_most("R4 the same with a hundred times as many", found[1][0].wall / found[0][0].wall, 1.3)
    bare.close()


def run(database: str, mails: int, reminders: int, rounds: int) -> list[Line]:
    """Every line of the table."""
    with outbox(database) as (app, settings), app.app_context():
        return [
            *enqueue(app, reminders, rounds),
            *claims(app, mails, rounds),
            *sending(settings, mails, rounds),
            *ticks(rounds),
        ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--reminders", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    logging.disable(logging.WARNING)  # what migrations tell
    said = run(given.database, given.mails, given.reminders, given.rounds)
    print(table(said))
    sys.exit(any(line.is_met is False for line in said))


if __name__ == "__main__":
    main()
