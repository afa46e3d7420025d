"""Who hands in and who marks in `deadline.py`: a run on the day of its deadline, in an embedded database of its own.

Rows are those of the tests' factories. Nobody signs in: each browser's cookie and form token are made here, by the
application's own session interface, as a sign-in leaves them.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random

import flask_migrate
from flask import Flask, session
from flask_login.utils import _create_identifier
from flask_wtf.csrf import generate_csrf
from sqlalchemy import update

from placements.accounts.models import Account
from placements.app import create_app
from placements.assessment.models import Mark
from placements.assessment.workflow import SubmissionState
from placements.challenges.models import Challenge
from placements.cohorts.models import Component, ComponentKind, TimeslotGroup
from placements.config import Settings
from placements.core.clock import machine_now
from placements.db import begin_to_write, db, refresh_statistics
from placements.logbook.workflow import EntryState
from placements.story import Demonstration, story_now
from tests import factories as make
from tests.factories import DAY, NOW

AFTERNOON = NOW + timedelta(hours=6)  # about 3pm in London, of the day that the factories live in
USER_AGENT = "Placements bench"


@dataclass(frozen=True)
class Browser:
    """Somebody signed in: their cookie, and the token of their forms."""

    cookie: str
    token: str


@dataclass(frozen=True)
class Student:
    """Who hands in, and the bytes of their file: its first line is theirs alone, the rest everybody's."""

    enrolment_id: int
    browser: Browser
    first: bytes
    rest: bytes = field(repr=False)

    @cached_property
    def sha256(self) -> str:
        """What the file is known by once it is in the store."""
        return hashlib.sha256(self.first + self.rest).hexdigest()


@dataclass(frozen=True)
class Marker:
    """Who marks: the mark that they save again and again, and its criteria by position."""

    browser: Browser
    url: str
    criteria: Sequence[int]


@dataclass(frozen=True)
class Day:
    """Everybody, where portfolios are handed in, and how many seconds the story is ahead of this machine."""

    url: str
    ahead: int
    students: Sequence[Student]
    markers: Sequence[Marker]


def settings_of(folder: Path, port: int) -> Settings:
    """The settings of the server, and of what is made before it starts."""
    return Settings(instance=folder, base_url=f"http://127.0.0.1:{port}")


def prepare(settings: Settings, students: int, markers: int, visits: int, size: int) -> Day:
    """Make the database: so many students with so many visits each in their logbooks, shared among so many markers.

    Each student's file has some `size` bytes, and no two are the same.
    """
    app = create_app(settings)
    rest = Random(1).randbytes(size) + b"\n%%EOF\n"
    with app.app_context():
        flask_migrate.upgrade()
        run = make.run(academic_year="2026/27")
        portfolio = make.component(ComponentKind.PORTFOLIO, run, due_at=AFTERNOON + DAY)
        agreement = make.component(ComponentKind.AGREEMENT, run, title="Challenge Agreement", weight=25, due_at=None)
        tutors = [make.account() for _ in range(markers)]
        groups = [(make.group(run, each.person), make.challenge()) for each in tutors]
        enrolled = [_student(*groups[n % markers], agreement, visits) for n in range(students)]
        ahead = round((AFTERNOON - machine_now()).total_seconds())
        db.session.add(Demonstration(offset_seconds=ahead, seed=1, made_at=machine_now()))
        db.session.commit()
        refresh_statistics()
        db.session.commit()
        url = f"/assessment/{portfolio.public_id}"
        senders = [(str(account.fs_uniquifier), mark.enrolment_id) for account, mark in enrolled]
        judged = [(str(tutor.fs_uniquifier), mark) for tutor, (_, mark) in zip(tutors, enrolled, strict=False)]
        markers = [(who, f"/marking/{mark.public_id}", _criteria(mark)) for who, mark in judged]
        db.session.remove()
        db.engine.dispose()
    return Day(
        url,
        ahead,
        [_student_of(enrolment_id, _signed_in(app, who), rest) for who, enrolment_id in senders],
        [Marker(_signed_in(app, who), url, criteria) for who, url, criteria in markers],
    )


def set_the_deadline(settings: Settings, seconds: float) -> datetime:
    """Move the deadline to so many seconds from now, in a story that is a demonstration's. Returns it."""
    app = create_app(settings)
    with app.app_context():
        begin_to_write()
        due_at = (story_now() + timedelta(seconds=seconds)).replace(microsecond=0)
        db.session.execute(update(Component).where(Component.kind == ComponentKind.PORTFOLIO).values(due_at=due_at))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return due_at


def _student(group: TimeslotGroup, at: Challenge, agreement: Component, visits: int) -> tuple[Account, Mark]:
    """On a placement, with a logbook, and an Agreement that waits for its mark."""
    enrolment = make.enrolment(group)
    account = make.account(enrolment.person)
    placement = make.placement(enrolment, at, agreed_at=NOW - 16 * DAY)
    for n in range(visits):
        make.entry(placement, on=date(2026, 10, 5) + timedelta(days=n), state=EntryState.CONFIRMED)
    make.submission(enrolment, agreement, state=SubmissionState.RECEIVED, received_at=NOW - 16 * DAY)
    return account, make.mark(enrolment, agreement, None)


def _criteria(mark: Mark) -> list[int]:
    return [each.position for each in mark.component.criteria]


def _student_of(enrolment_id: int, browser: Browser, rest: bytes) -> Student:
    return Student(enrolment_id, browser, f"%PDF-1.7\n%student {enrolment_id:012}\n".encode(), rest)


def _signed_in(app: Flask, who: str) -> Browser:
    """As a sign-in on this machine leaves the session. Outside any other context, which would keep the first token."""
    here = {"REMOTE_ADDR": "127.0.0.1", "HTTP_USER_AGENT": USER_AGENT}
    with app.test_request_context(environ_overrides=here):
        session.update(_user_id=who, _fresh=True, _id=_create_identifier())
        session.update(fs_cc="set", fs_paa=time.time())
        token = generate_csrf()
        cookie = app.session_interface.get_signing_serializer(app).dumps(dict(session))
    return Browser(str(cookie), token)
