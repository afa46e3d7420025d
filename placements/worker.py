"""The only processes that run APScheduler, which is a clock and nothing more. SCHEDULE has one line a job.

There may be several, on several hosts. What claims the rows that it works on, all of them do; the rest is done by the
one that leads: it holds a lease (`leases.py`), and what it commits holds only while nobody else has taken it.
"""

import logging
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from types import FrameType
from typing import Any, cast

from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask, current_app
from sqlalchemy import Engine, event

from placements import due
from placements.allocation.models import Attempt
from placements.allocation.solving import solve_next
from placements.bulletins.sending import send_due
from placements.cases.making import make_due
from placements.closing.making import close_due
from placements.config import Settings
from placements.copies.making import copy_due
from placements.core.clock import machine_now
from placements.db import begin_to_write, db, refresh_statistics
from placements.files.actions import sweep
from placements.leases import Hold, LostLease, held_by, let_go, new_holder, take, under
from placements.mail.delivery import Tally, Transport, deliver
from placements.mail.reach import take_up
from placements.mail.stoppages import count_late, note
from placements.mail.transports import MailboxTransport, SmtpTransport
from placements.mailing.actions import say_stood_still
from placements.mailing.returning import look
from placements.reminding.foreseeing import foresee_due
from placements.rounds.outlooks import work_out
from placements.story import is_demonstration, story_now
from placements.tutoring.models import TutorPlan
from placements.watch.actions import look_out

log = logging.getLogger(__name__)

CLOCK = "clock"  # the lease of whoever leads
SIGNS = 3  # how many signs of life fit into a lease: one may come late


@dataclass(frozen=True)
class Job:
    """What the clock calls, and how often (seconds): in the worker that leads, or in each of them."""

    name: str
    every: int
    run: Callable[[], None]
    is_for_each: bool = False


def deliver_mail() -> None:
    """Send what is due, batch after batch, until nothing is."""
    settings = _settings()
    with ExitStack() as ended:
        if is_demonstration():
            transport: Transport = MailboxTransport()
        elif settings.smtp_host:
            transport = ended.enter_context(SmtpTransport(settings.mail_domain))
        else:
            log.warning("SMTP_HOST is not set: mail waits in the outbox")
            return
        lasts = timedelta(seconds=settings.mail_lease_seconds)
        while (tally := deliver(transport, story_now(), machine_now(), lasts)) != Tally():
            log.info("mail: %s sent, %s put off, %s no longer true", tally.sent, tally.failed, tally.dropped)


def _settings() -> Settings:
    return cast(Settings, current_app.extensions["placements.settings"])


def read_returns() -> None:
    """Read what came back of our mail; what waited for an address that was corrected goes out."""
    begin_to_write()
    take_up(machine_now())
    db.session.commit()
    if _settings().returns_url and not is_demonstration():
        look(_settings().returns_url, _settings().mail_domain, now=story_now(), machine=machine_now())


def remind_people() -> None:
    """Queue what has fallen due to be said, and say so where that is late because no worker ran."""
    due.remind_people(story_now())
    begin_to_write()
    count_late()
    db.session.flush()
    say_stood_still(story_now())
    db.session.commit()


def let_time_pass() -> None:
    """Do what happens because its moment has come."""
    due.let_time_pass(story_now())


def send_bulletins() -> None:
    """Tell those whom a message to many is for, a slice at a time, and keep what became of each."""
    send_due(story_now())


def solve_rounds() -> None:
    """Solve what module leaders have asked for, each in a process of its own."""
    while solve_next(machine_now(), story_now(), (Attempt, TutorPlan)):
        pass


def look_ahead() -> None:
    """Tell students who choose how their choices look on samples."""
    work_out(story_now())


def watch_students() -> None:
    """Find out which students need somebody's look."""
    look_out(story_now())


def make_documents() -> None:
    """Typeset what people are to keep, and pack the case files that were asked for."""
    copy_due(story_now())
    close_due(story_now())
    make_due(story_now())


def foresee() -> None:
    """Work out the days that staff want to see ahead."""
    foresee_due(story_now())


def sweep_files() -> None:
    """Remove uploads that no row names."""
    removed = sweep(machine_now())
    if removed:
        log.info("files: %s removed that nothing refers to", removed)


def look_at_tables() -> None:
    """Keep the database's idea of its tables true, so that pages stay fast as they grow."""
    begin_to_write()
    refresh_statistics()
    db.session.commit()


SCHEDULE = (
    Job("let_time_pass", 60, let_time_pass),
    Job("remind_people", 60, remind_people),
    Job("solve_rounds", 2, solve_rounds, is_for_each=True),
    Job("look_ahead", 1800, look_ahead),
    Job("watch_students", 300, watch_students),
    Job("send_bulletins", 5, send_bulletins),
    Job("deliver_mail", 5, deliver_mail, is_for_each=True),
    Job("read_returns", 300, read_returns),
    Job("make_documents", 60, make_documents),
    Job("foresee", 5, foresee),
    Job("sweep_files", 3600, sweep_files),
    Job("look_at_tables", 86_400, look_at_tables),
)


class Worker:
    """One process and its clock."""

    def __init__(self, app: Flask, schedule: Sequence[Job] = SCHEDULE) -> None:
        self.app, self.schedule, self.holder = app, schedule, new_holder()
        settings: Settings = app.extensions["placements.settings"]
        self.lasts = timedelta(seconds=settings.worker_lease_seconds)
        threads = {"type": "threadpool", "max_workers": len(schedule) + 1}  # so that no sign of life waits for a job
        self.clock = BlockingScheduler(timezone="UTC", executors={"default": threads})

    def start(self) -> None:
        """Run the schedule until told to stop."""
        self._add("lead", self.lasts / SIGNS, self._lead, is_begun=True)
        for job in self.schedule:
            self._add(job.name, timedelta(seconds=job.every), self.do, job, is_begun=job.is_for_each)
        log.info("worker %s started: %s", self.holder, ", ".join(job.name for job in self.schedule))
        self.clock.start()

    def _add(self, name: str, every: timedelta, run: Callable[..., None], *given: Any, is_begun: bool) -> None:
        """What is only for who leads begins when this process does (`hold`)."""
        first = {"next_run_time": machine_now()} if is_begun else {}
        self.clock.add_job(
            run,
            "interval",
            seconds=every.total_seconds(),
            args=given,
            id=name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            **first,
        )

    def do(self, job: Job) -> None:
        """One tick of a job."""
        with self.app.app_context():
            try:
                hold = None if job.is_for_each else self.hold()
                if hold is not None:
                    with under(hold):
                        job.run()
                elif job.is_for_each:
                    job.run()
            except LostLease as lost:
                log.warning("%s was undone: %s", job.name, lost)
                db.session.rollback()
            except Exception:
                log.exception("%s failed; it is tried again at the next tick", job.name)
                db.session.rollback()

    def hold(self) -> Hold | None:
        """Lead on, or from now on; None while another worker does. Who begins to lead does at once what waits."""
        leader = held_by(CLOCK, machine_now())
        if leader is not None and leader.holder != self.holder:
            db.session.rollback()
            return None
        begin_to_write()
        now = machine_now()
        hold = take(CLOCK, self.holder, now, self.lasts)
        if hold is not None and not is_demonstration():  # nobody expects one to run at night
            note(hold.ticked_before, now)
        db.session.commit()
        if hold is not None and hold.is_new:
            log.info("worker %s leads, epoch %s", self.holder, hold.epoch)
            for job in self.schedule:
                if not job.is_for_each:
                    self.clock.modify_job(job.name, next_run_time=machine_now())
        return hold

    def _lead(self) -> None:
        """Give a sign of life while a long job runs, or see that nobody else gives one."""
        with self.app.app_context():
            try:
                self.hold()
            except Exception:
                log.exception("whether this worker leads could not be asked; it is asked again soon")
                db.session.rollback()

    def stop(self, number: int, _frame: FrameType | None = None) -> None:
        """End as if nothing had been heard of the signal, but let another worker lead at once."""
        signal.signal(number, signal.SIG_DFL)
        with self.app.app_context():
            try:
                begin_to_write()
                let_go(CLOCK, self.holder, machine_now())
                db.session.commit()
            except Exception:
                log.exception("another worker leads only when this one's lease is over")
        os.kill(os.getpid(), number)


def work(app: Flask) -> None:
    """Run the schedule until told to stop."""
    worker = Worker(app)
    with app.app_context():
        let_the_stopped_go(db.engine, worker.lasts)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.stop)
    worker.start()


def let_the_stopped_go(engine: Engine, after: timedelta) -> None:
    """PostgreSQL ends a transaction of ours that has stood still for so long: it may hold rows that others wait for."""
    if engine.dialect.name == "postgresql":
        most = f"SET idle_in_transaction_session_timeout = {int(after.total_seconds() * 1000)}"

        @event.listens_for(engine, "connect")
        def _limit(connection: Any, _record: Any) -> None:
            connection.execute(most)
            connection.commit()
