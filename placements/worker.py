"""The only process that runs APScheduler, which is a clock and nothing more. SCHEDULE has one line a job."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask, current_app

from placements.config import Settings
from placements.core.clock import machine_now
from placements.db import begin_to_write, db
from placements.mail.actions import remind
from placements.mail.delivery import Tally, deliver
from placements.mail.transports import MailboxTransport, SmtpTransport
from placements.story import is_demonstration, story_now

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """What the clock calls, and how often (seconds)."""

    name: str
    every: int
    run: Callable[[], None]


def deliver_mail() -> None:
    """Send what is due, batch after batch, until nothing is."""
    while True:
        tally = _deliver_a_batch()
        if tally == Tally():
            return
        log.info("mail: %s sent, %s put off, %s no longer true", tally.sent, tally.failed, tally.dropped)


def _deliver_a_batch() -> Tally:
    settings = _settings()
    if is_demonstration():
        return deliver(MailboxTransport(), story_now(), machine_now())
    if not settings.smtp_host:
        log.warning("SMTP_HOST is not set: mail waits in the outbox")
        return Tally()
    with SmtpTransport(settings.mail_domain) as transport:
        return deliver(transport, story_now(), machine_now(), timedelta(seconds=settings.mail_lease_seconds))


def _settings() -> Settings:
    return cast(Settings, current_app.extensions["placements.settings"])


def remind_people() -> None:
    """Queue the reminders that have fallen due."""
    begin_to_write()
    remind(story_now())
    db.session.commit()


SCHEDULE = (
    Job("remind_people", 60, remind_people),
    Job("deliver_mail", 5, deliver_mail),
)


def work(app: Flask) -> None:
    """Run the schedule until told to stop."""
    clock = BlockingScheduler(timezone="UTC")
    for job in SCHEDULE:
        clock.add_job(
            _in_app,
            "interval",
            seconds=job.every,
            args=[app, job],
            id=job.name,
            next_run_time=machine_now(),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    log.info("worker started: %s", ", ".join(job.name for job in SCHEDULE))
    clock.start()


def _in_app(app: Flask, job: Job) -> None:
    with app.app_context():
        try:
            job.run()
        except Exception:
            log.exception("%s failed; it is tried again at the next tick", job.name)
            db.session.rollback()
