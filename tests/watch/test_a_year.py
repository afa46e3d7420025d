"""A simulated year: 300 placements, the worker's own jobs on London's days, and four patterns of failure among them.

Each failure is noticed by the day that was typed, nobody else is ever warned about, and nobody is written to too often.
It asks a database, and all that it asks is asked on PostgreSQL by other tests: it runs once, on SQLite.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time

import pytest
from sqlalchemy import select

from placements import worker
from placements.core.clock import in_london, today
from placements.db import db
from placements.mail import delivery
from placements.mail.models import Message
from placements.mail.rendering import Rendered
from placements.watch import rules
from placements.watch.models import EarlyWarning
from placements.watch.rules import Kind
from tests.watch.year import DAY, FIRST, LAST, NOTICED_BY, STUDENTS, WEEK, Failures, Year, monday_of

pytestmark = pytest.mark.pure

Warned = list[tuple[Kind, int, date]]


class Mailbox:
    """Keeps to whom each mail went, and in which week."""

    def __init__(self) -> None:
        self.weeks: Counter[tuple[int, date]] = Counter()
        self.now = in_london(FIRST - WEEK, time(9))

    def send(self, message: Message, mail: Rendered) -> None:
        day = today(self.now)
        self.weeks[message.recipient_id, day - day.weekday() * DAY] += 1


class Calendar:
    """What the worker takes for now. Whether a mail is still true is asked as ever; its words are not put together."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.mailbox = Mailbox()
        monkeypatch.setattr(worker, "story_now", lambda: self.mailbox.now)
        monkeypatch.setattr(worker, "is_demonstration", lambda: True)
        monkeypatch.setattr(worker, "MailboxTransport", lambda: self.mailbox)
        monkeypatch.setattr(delivery, "render", lambda *_: Rendered("", "", ""))

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        self.mailbox.now = in_london(day, time(hour, minute))
        return self.mailbox.now


def live(calendar: Calendar, failures: Failures, until: date, students: int = STUDENTS) -> Year:
    """Play the days up to `until`: the worker early, at nine and after people have acted in the evening."""
    year = Year(failures, students)
    for day in days(until):
        year.morning(day, calendar.at(day, 8))
        calendar.at(day, 9, 1)
        worker.let_time_pass()
        worker.remind_people()
        worker.watch_students()
        calendar.at(day, 9, 11)  # when the day's mail goes out
        worker.deliver_mail()
        if day.weekday() == 0:
            worker.look_at_tables()
        year.evening(day, calendar.at(day, 18, 30))
        worker.deliver_mail()
        db.session.expunge_all()
    return year


def days(until: date) -> Iterator[date]:
    """Working days: nobody acts, and nothing falls due, on any other."""
    for ahead in range((until - FIRST).days + 1):
        day = FIRST + ahead * DAY
        if day.weekday() < 5:
            yield day


def warned(year: Year) -> Warned:
    """Every warning there ever was, with the student's number and the day it was opened."""
    numbers = {party.enrolment: number for number, party in enumerate(year.parties)}
    rows = db.session.execute(select(EarlyWarning.kind, EarlyWarning.enrolment_id, EarlyWarning.opened_at))
    return [(kind, numbers[enrolment_id], today(at)) for kind, enrolment_id, at in rows]


def amiss(found: Warned, expected: dict[tuple[Kind, int], date]) -> list[str]:
    """What was not noticed in time, and whom there was no reason to warn about."""
    first: dict[tuple[Kind, int], date] = {}
    for kind, number, day in sorted(found, key=lambda each: each[2]):
        first.setdefault((kind, number), day)
    failing = {number for _, number in expected}
    missed = [
        f"missed: {kind} of {number}"
        for (kind, number), by in expected.items()
        if first.get((kind, number), date.max) > by
    ]
    false = [f"false alarm: {kind} of {number} on {day}" for kind, number, day in found if number not in failing]
    return sorted(missed + false)


def at_percent(counts: list[int], percent: int) -> int:
    """The smallest number that so many percent of the counts do not exceed."""
    return sorted(counts)[-(-len(counts) * percent // 100) - 1]


def test_each_failure_is_noticed_by_its_week_and_nobody_else_and_nobody_is_written_to_too_often(
    session: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mails are counted over the weeks in which a person got any at all: quiet weeks would only flatter us."""
    calendar = Calendar(monkeypatch)
    year = live(calendar, Failures(), LAST + WEEK)
    assert amiss(warned(year), NOTICED_BY) == []
    counts = list(calendar.mailbox.weeks.values())
    assert len(counts) > 5000
    assert at_percent(counts, 50) <= 2
    assert at_percent(counts, 99) <= 5


FEW = Failures(silent={7: 3}, slow={}, never_answers={1: 2}, runs_out={})
OF_FEW = {(Kind.SILENT, 7): monday_of(5), **{(Kind.UNANSWERED, number): monday_of(5) for number in (3, 4, 5)}}


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ({}, []),
        ({"OF_PLACEMENT": [rules.OF_PLACEMENT[0]]}, [f"missed: unanswered of {number}" for number in (3, 4, 5)]),
        ({"ANSWERED_WITHIN": (20, 25)}, [f"missed: unanswered of {number}" for number in (3, 4, 5)]),
    ],
    ids=["none", "a kind forgotten", "too late"],
)
def test_the_year_tells_what_is_missed(
    session: object, monkeypatch: pytest.MonkeyPatch, fault: dict[str, object], seen: list[str]
) -> None:
    for name, value in fault.items():
        monkeypatch.setattr(rules, name, value)
    assert amiss(warned(live(Calendar(monkeypatch), FEW, monday_of(5), 12)), OF_FEW) == seen


def test_the_year_tells_of_a_false_alarm(session: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were nobody given the time to write a visit up, those who do so a day late would be warned about."""
    monkeypatch.setattr(rules, "LOGGED_WITHIN", 0)
    found = amiss(warned(live(Calendar(monkeypatch), FEW, monday_of(3), 12)), {})
    assert {line.split(" on ")[0] for line in found} == {f"false alarm: silent of {number}" for number in (0, 4, 8)}


def test_too_many_mails_would_be_told() -> None:
    assert [at_percent([1] * 98 + [5, 9], percent) for percent in (50, 98, 99, 100)] == [1, 1, 5, 9]
