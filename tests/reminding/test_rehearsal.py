"""A day that is foreseen is the day that comes, on a database with something of everything in it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import g
from sqlalchemy import inspect, select, text

from placements.app import create_app
from placements.attendance import planning
from placements.bulletins.sending import send_due
from placements.closing.making import close_due
from placements.cohorts.models import RunRole
from placements.core.clock import in_london, machine_now, today
from placements.db import db
from placements.due import let_time_pass, remind_people
from placements.mail.delivery import Tally, deliver
from placements.mail.models import Message, MessageState, Notification
from placements.placing.workflow import PlacementState
from placements.rehearsal import Foreseen, Nowhere, copied, moments, run_ahead
from placements.watch.actions import look_out
from tests import factories as make
from tests.databases import Copy
from tests.factories import NOW
from tests.site.world import committed

DAY = timedelta(days=1)
Said = set[tuple[int, str, int]]


@pytest.fixture
def world(fresh_database: Copy) -> Iterator[Copy]:
    with fresh_database.app.app_context():
        committed()
        db.session.remove()
    yield fresh_database


@dataclass(frozen=True)
class Counted:
    """How many rows each table has."""

    rows: dict[str, int]

    @classmethod
    def of(cls, copy: Copy) -> "Counted":
        with copy.app.app_context(), db.engine.connect() as connection:
            names = inspect(connection).get_table_names()
            return cls({name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0 for name in names})


def foreseen(copy: Copy, day: date) -> list[Foreseen]:
    with copied(copy.settings) as settings:
        return run_ahead(create_app(settings), NOW, day)


def what_comes(copy: Copy, days: Sequence[date]) -> dict[date, Said]:
    """Let time pass as the worker does, job by job, up to the last of these days; what was sent on each."""
    ahead = machine_now() - NOW
    with copy.app.app_context():
        for moment in sorted({moment for day in days for moment in moments(NOW, day)}):
            g.now = moment
            for job in (let_time_pass, look_out, close_due, send_due, remind_people):
                job(moment)
            while deliver(Nowhere(), moment, moment + ahead) != Tally():
                pass
        rows = (
            select(Message.recipient_id, Notification.notice, Notification.about_id, Message.sent_at)
            .join(Notification, Notification.message_id == Message.id)
            .where(Message.state == MessageState.SENT, Notification.dropped_at.is_(None))
        )
        sent = [row for row in db.session.execute(rows) if row.sent_at >= NOW]
        db.session.remove()
    return {
        day: {(row.recipient_id, row.notice, row.about_id) for row in sent if today(row.sent_at) == day} for day in days
    }


@pytest.mark.long
def test_what_is_foreseen_is_what_comes_and_nothing_is_changed_by_looking(world: Copy) -> None:
    """Of today and of tomorrow; `bench/year.py` looks at each day of a year."""
    days = [today(NOW), today(NOW) + DAY]
    before = Counted.of(world)
    seen = {day: foreseen(world, day) for day in days}
    assert Counted.of(world) == before
    came = what_comes(world, days)
    for day in days:
        assert all(today(each.at) == day for each in seen[day])
        assert {(each.recipient_id, each.notice, each.about_id) for each in seen[day]} == came[day]
        assert seen[day], "a world in which nobody is written to would prove nothing"


UNTIL_NINE = ("08:30", "08:59", "09:00", "09:05")


def test_what_happens_until_nine_is_in_the_mail_of_the_day(world: Copy) -> None:
    """As it is where a worker looks each minute: what happens once nine has struck waits for tomorrow."""
    day = date(2026, 10, 21)
    with world.app.app_context():
        lapsing = {at: make.offer(deadline_at=in_london(day, at)) for at in map(time.fromisoformat, UNTIL_NINE)}
        for offer in lapsing.values():
            make.run_role(RunRole.LEADER, make.person(), offer.enrolment.run)
        told = {(offer.id, in_london(day, time(9, 10))) for at, offer in lapsing.items() if at < time(9)}
        db.session.commit()
        db.session.remove()
    seen = [each for each in foreseen(world, day) if each.notice == "offers.student_lapsed"]
    assert {(each.about_id, each.at) for each in seen if each.due_at >= in_london(day, time(8))} == told


def test_what_a_worker_does_in_several_batches_is_foreseen_whole(world: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "BATCH", 1)
    with world.app.app_context():
        placed = [make.placement(state=PlacementState.ACTIVE).supervisor_id for _ in range(3)]
        db.session.commit()
        db.session.remove()
    told = {each.recipient_id for each in foreseen(world, today(NOW)) if each.notice == "attendance.your_page"}
    assert told >= set(placed)


@pytest.mark.long
def test_the_command_says_the_same(world: Copy) -> None:
    """It reads the clock itself, so only its form and what it leaves behind are looked at."""
    command = [sys.executable, "-m", "placements", "rehearse", "--on"]
    tomorrow = today(machine_now()) + DAY
    said = subprocess.run([*command, str(tomorrow)], env=world.environment, capture_output=True, text=True, check=True)
    lines: list[dict[str, Any]] = [json.loads(line) for line in said.stdout.splitlines()]
    assert all(set(line) == {"at", "message", "recipient_id", "notice", "about_id", "due_at"} for line in lines)
    refused = subprocess.run(
        [*command, "2020-01-01"], env=world.environment, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2
    assert "Give today or a day within the next 31" in refused.stderr


def test_a_copy_leaves_nothing_behind(world: Copy) -> None:
    with copied(world.settings) as settings:
        assert settings.database_url != world.settings.url
        with create_app(settings).app_context():
            db.session.execute(db.delete(Notification))
            db.session.commit()
            db.session.remove()
            db.engine.dispose()
    with world.app.app_context():
        assert db.session.scalar(select(db.func.count()).select_from(Notification)) is not None
        if db.engine.dialect.name == "postgresql":
            left = db.session.scalars(text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'rehearsal%'")).all()
            assert left == []
        db.session.remove()
