"""The only process that runs APScheduler, which is a clock and nothing more. SCHEDULE has one line a job."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask, current_app

from placements.allocation.models import Attempt
from placements.allocation.solving import solve_next
from placements.assessment.collecting import collect
from placements.attendance.planning import plan_due
from placements.board.releasing import release_due
from placements.bulletins.sending import send_due
from placements.cases.actions import delete_due
from placements.cases.making import make_due
from placements.challenges.reviewing import publish_due
from placements.clearance.actions import ask_keepers
from placements.closing.actions import draft_due
from placements.closing.making import close_due
from placements.concerns.actions import chase
from placements.config import Settings
from placements.confirming.actions import ask_supervisors
from placements.confirming.completing import complete_due
from placements.confirming.finishing import finish_due
from placements.copies.making import copy_due
from placements.core.clock import machine_now
from placements.db import begin_to_write, db, refresh_statistics
from placements.double_marking.actions import compare_due
from placements.enquiries.receiving import lapse_unconfirmed
from placements.feedback.actions import ask_due
from placements.files.actions import sweep
from placements.mail.actions import remind
from placements.mail.delivery import Tally, deliver
from placements.mail.transports import MailboxTransport, SmtpTransport
from placements.offers.actions import lapse_due
from placements.placing.actions import start_due
from placements.placing.endings import resume_due
from placements.placing.stopping import stop_and_go
from placements.rounds.outlooks import work_out
from placements.story import is_demonstration, story_now
from placements.tutoring.models import TutorPlan
from placements.vetting.renewing import make_links
from placements.watch.actions import look_out

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
    """Queue the supervisors' weekly mail, and the reminders that have fallen due: not of what was just asked anew."""
    begin_to_write()
    ask_supervisors(now=story_now())
    ask_due(now=story_now())
    make_links(now=story_now())
    remind(story_now())
    db.session.commit()


def let_time_pass() -> None:
    """What happens because its moment has come: briefs are published, offers lapse, placements go on."""
    for due in (
        publish_due,
        lapse_due,
        ask_keepers,
        start_due,
        resume_due,
        stop_and_go,
        plan_due,
        complete_due,
        finish_due,
        collect,
        compare_due,
        release_due,
        lapse_unconfirmed,
        chase,
        draft_due,
        delete_due,
    ):
        begin_to_write()
        due(story_now())
        db.session.commit()


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
    Job("solve_rounds", 2, solve_rounds),
    Job("look_ahead", 1800, look_ahead),
    Job("watch_students", 300, watch_students),
    Job("send_bulletins", 5, send_bulletins),
    Job("deliver_mail", 5, deliver_mail),
    Job("make_documents", 60, make_documents),
    Job("sweep_files", 3600, sweep_files),
    Job("look_at_tables", 86_400, look_at_tables),
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
