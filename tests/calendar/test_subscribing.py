"""Calendar programs that people really use subscribe to a real server, and show what was moved once, where it is now."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.request import urlopen

import pytest

from placements.attendance.actions import cancel, move_day, restore
from placements.attendance.models import PlannedDay
from placements.calendar.views import FEED, LASTS
from placements.cohorts.actions import set_dates
from placements.cohorts.models import ModuleRun
from placements.cohorts.queries import key_dates
from placements.core.policy import Principal
from placements.db import begin_to_write, db
from placements.links.actions import token, working_link
from tests.calendar.everybody import everybody
from tests.calendar.strict import events
from tests.calendar.subscriber import Subscriber
from tests.databases import Copy
from tests.factories import NOW
from tests.serving import Served
from tests.serving import serving as served

BEFORE = [
    "2026-10-26 09:00 Sign the Challenge Agreement",
    "2026-10-26 First day of your placement",
    "2026-10-28 Placement day",
    "2026-11-05 13:00 Placement day",
    "2026-11-09 10:30 Your tutor visits",
    "2027-01-13 Have your logbook up to date: Mid-point",
    "2027-03-17 15:00 Hand in: Final Project Portfolio",
    "2027-04-07 15:00 Mark and feedback due: Final Project Portfolio",
    "2027-04-30 Last day of your placement",
]


def serving(copy: Copy) -> AbstractContextManager[Served]:
    words = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind"]
    return served(copy, lambda port: [*words, f"127.0.0.1:{port}"])


def changed(lines: list[str], was: str, now: str | None) -> list[str]:
    """The lines with one of them in its new place, or gone."""
    rest = [each for each in lines if each != was]
    assert len(rest) == len(lines) - 1
    return sorted([*rest, *([now] if now else [])])


def read(address: str) -> bytes:
    with urlopen(address, timeout=30) as answer:
        return bytes(answer.read())


def deadline(text: bytes) -> int:
    """The SEQUENCE of the portfolio's deadline."""
    [found] = [each["SEQUENCE"] for uid, each in events(text).items() if uid.startswith("due-")]
    return int(found)


@pytest.mark.long
def test_what_is_moved_shows_once_where_it_is_now_and_what_is_off_is_gone(fresh_database: Copy, tmp_path: Path) -> None:
    with fresh_database.app.app_context():
        there = everybody()
        student, leader = (Principal(each.person_id) for each in (there.of.students[0], there.of.leader))
        link = working_link(FEED, student.person_id or 0, student.person_id or 0, now=NOW, lasts=LASTS)
        db.session.commit()
        run_id, day_id, path = there.of.run.id, there.days[1].id, f"/calendar/{token(link)}.ics"

    def does(act: Callable[[], object]) -> list[str]:
        """What the calendar shows once that was done and the address read anew."""
        with fresh_database.app.app_context():
            begin_to_write()
            act()
            db.session.commit()
        theirs.sync()
        return theirs.shown()

    def move_deadline() -> None:
        run = db.session.get_one(ModuleRun, run_id)
        said = vars(key_dates(run)) | {"portfolio_due_at": datetime(2027, 5, 12, 14, tzinfo=UTC)}
        set_dates(run, type(key_dates(run))(**said), actor=leader, now=NOW)

    def day() -> PlannedDay:
        return db.session.get_one(PlannedDay, day_id)

    with serving(fresh_database) as (port, _):
        address = f"http://127.0.0.1:{port}{path}"
        theirs = Subscriber(tmp_path / "theirs", address)
        theirs.sync()
        first = read(address)
        theirs.read_in(first)
        assert theirs.shown() == theirs.shown("read_in") == BEFORE

        shown = changed(BEFORE, BEFORE[6], "2027-05-12 15:00 Hand in: Final Project Portfolio")
        shown = changed(shown, BEFORE[7], "2027-06-02 15:00 Mark and feedback due: Final Project Portfolio")
        assert does(move_deadline) == shown
        second = read(address)
        theirs.read_in(second)
        assert theirs.shown("read_in") == shown
        assert deadline(second) == deadline(first) + 1

        moved = changed(shown, BEFORE[3], "2026-11-06 Placement day")
        assert does(lambda: move_day(day(), date(2026, 11, 6), None, None, actor=student, now=NOW)) == moved
        gone = changed(moved, "2026-11-06 Placement day", None)
        assert does(lambda: cancel(day(), "Ill.", actor=student, now=NOW)) == gone
        assert does(lambda: restore(day(), actor=student, now=NOW)) == moved
