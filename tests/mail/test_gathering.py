"""What is sent at once, and what waits for the one mail of the day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import literal, select, union_all
from sqlalchemy.exc import IntegrityError

from placements.attendance.models import HostClosedDay
from placements.cohorts.models import ClosedDay
from placements.core.clock import in_london
from placements.db import UTCDateTime, db
from placements.mail.actions import remind, tell
from placements.mail.delivery import Tally, deliver
from placements.mail.models import MailChoice, Message, Mute, Notification, OwnNotice
from placements.mail.notices import Notice, Pace, TimedReminder, init_notices
from placements.people.models import Person
from tests import factories as make
from tests.mail.test_outbox import Recorder

TUESDAY = date(2026, 10, 13)
HOUR = timedelta(hours=1)


def at(hour: int, minute: int = 0, day: date = TUESDAY) -> datetime:
    return in_london(day, time(hour, minute))


@dataclass
class Post:
    """What was sent, and what is true: a notice about `n` is, unless it is in `done`."""

    recorder: Recorder
    done: set[int]
    notices: dict[Pace, Notice]

    def tell(self, pace: Pace, about: int, to: Person, due_at: datetime) -> None:
        tell(self.notices[pace], about, [to.id], due_at)
        db.session.commit()

    def at(self, now: datetime) -> list[tuple[str, str]]:
        """Let the worker send at that moment; whom it wrote to, and the subjects."""
        before = len(self.recorder.sent)
        while deliver(self.recorder, now, now) != Tally():
            pass
        return [(address, mail.subject) for address, mail in self.recorder.sent[before:]]


def _value(value: Any) -> Any:
    return literal(value, UTCDateTime()) if isinstance(value, datetime) else literal(value)


ABOUT_RUNS = 1_000_000  # what is about this and a run’s key is of that run, however many runs other tests had
BLOCKS = ("title", "to", "because", "until")
TEMPLATE = (
    "{% block subject %}{{ pace }} {{ n }}{% endblock %}{% block body %}{% block words %}<p>Ours.</p>{% endblock %}\
<p>Fact {{ n }}.</p>{% endblock %}"
    + "".join("{% block " + each + " %}it is so{% endblock %}" for each in BLOCKS)
)


@pytest.fixture
def post(database: Flask, session: Any, monkeypatch: Any) -> Iterator[Post]:
    done: set[int] = set()

    def context(pace: Pace) -> Callable[..., Any]:
        return lambda n, to, now: None if n in done else {"n": n, "pace": pace.value, "run_id": n % ABOUT_RUNS}

    notices = {
        pace: Notice(
            f"some.{pace.value}",
            context(pace),
            pace,
            may_mute=pace is Pace.DAILY,
            run="run_id",
            fills={"number": "n", "double": "n * 2"},
        )
        for pace in Pace
    }
    templates = {notice.template: TEMPLATE for notice in notices.values()}
    monkeypatch.setattr(database, "jinja_loader", ChoiceLoader([DictLoader(templates), database.jinja_loader]))
    monkeypatch.setattr(database.jinja_env, "loader", database.jinja_loader)
    before = database.extensions["placements.notices"], database.extensions["placements.reminders"]
    init_notices(database, [*before[0].values(), *notices.values()], before[1])
    yield Post(Recorder(), done, notices)
    database.extensions["placements.notices"], database.extensions["placements.reminders"] = before
    database.jinja_env.cache.clear()


@pytest.fixture
def ada(session: Any) -> Person:
    person = make.person(given_name="Ada", email="ada@example.org")
    session.commit()
    return person


def test_all_of_a_day_is_one_mail_at_nine(post: Post, ada: Person) -> None:
    post.tell(Pace.DAILY, 1, ada, at(7))
    post.tell(Pace.DAILY, 2, ada, at(9))
    assert post.at(at(9)) == []
    assert post.at(at(9, 10)) == [("ada@example.org", "2 things from Placements: daily 1")]
    post.tell(Pace.DAILY, 3, ada, at(9))  # what came late for it waits for the next
    post.tell(Pace.DAILY, 4, ada, at(11))
    assert post.at(at(20)) == []
    wednesday = TUESDAY + timedelta(days=1)
    assert post.at(at(9, 10, wednesday)) == [("ada@example.org", "2 things from Placements: daily 3")]


def test_everybody_has_it_at_the_hour_of_their_choice(post: Post, ada: Person, session: Any) -> None:
    bob, early = (make.person(given_name=name, email=f"{name.lower()}@example.org") for name in ("Bob", "Early"))
    session.add_all([MailChoice(person_id=bob.id, hour=17), MailChoice(person_id=early.id, hour=12)])
    for person in (ada, bob, early):
        post.tell(Pace.DAILY, 1, person, at(8))
    said = [(address, "daily 1") for address in ("ada@example.org", "early@example.org", "bob@example.org")]
    assert [post.at(at(hour, 10)) for hour in (9, 12, 17, 20)] == [[each] for each in said] + [[]]


def test_what_cannot_wait_is_sent_at_once_but_the_less_urgent_not_at_night(post: Post, ada: Person) -> None:
    post.tell(Pace.NOW, 1, ada, at(23))
    post.tell(Pace.SOON, 2, ada, at(23))
    assert post.at(at(23)) == [("ada@example.org", "now 1")]
    wednesday = TUESDAY + timedelta(days=1)
    assert post.at(at(6, 59, wednesday)) == []
    assert post.at(at(7, 0, wednesday)) == [("ada@example.org", "soon 2")]


def test_what_cannot_wait_takes_the_days_mail_along_when_that_is_due_too(post: Post, ada: Person) -> None:
    post.tell(Pace.DAILY, 1, ada, at(9))
    post.tell(Pace.SOON, 2, ada, at(9, 5))
    assert post.at(at(9, 10)) == [("ada@example.org", "2 things from Placements: daily 1")]


def test_weekends_and_closed_days_have_no_days_mail(post: Post, ada: Person, session: Any) -> None:
    friday, monday, tuesday = (TUESDAY + timedelta(days=ahead) for ahead in (3, 6, 7))
    session.add(ClosedDay(day=monday, name="A holiday"))
    post.tell(Pace.DAILY, 1, ada, at(11, 0, friday))
    days = [friday + timedelta(days=ahead) for ahead in range(4)]
    assert [post.at(at(hour, 10, day)) for day in days for hour in (9, 17)] == [[]] * 8
    assert post.at(at(9, 10, tuesday)) == [("ada@example.org", "daily 1")]


def test_who_works_where_it_is_closed_is_left_alone_until_it_opens(post: Post, session: Any) -> None:
    contact = make.contact()
    here = {"organisation_id": contact.organisation_id, "from_on": TUESDAY, "to_on": TUESDAY + timedelta(days=1)}
    session.add(HostClosedDay(**here))
    post.tell(Pace.DAILY, 1, contact.person, at(8))
    post.tell(Pace.SOON, 2, contact.person, at(8))
    days = [TUESDAY + timedelta(days=ahead) for ahead in range(3)]
    assert [[subject for _, subject in post.at(at(9, 10, day))] for day in days] == [["soon 2"], [], ["daily 1"]]


def test_a_deadline_that_comes_before_the_next_mail_is_not_kept_back(post: Post, ada: Person, session: Any) -> None:
    session.add(MailChoice(person_id=ada.id, hour=17))
    wednesday = TUESDAY + timedelta(days=1)
    for about, deadline_at in ((1, at(15)), (2, at(18))):  # 18: after this day's mail
        values = {"about_id": about, "recipient_id": ada.id, "due_at": at(9), "deadline_at": deadline_at}
        session.add(Notification(notice="some.daily", pace=Pace.DAILY, **values))
    session.commit()
    assert post.at(at(9, 10)) == [("ada@example.org", "daily 1")]
    assert post.at(at(17, 10)) == [("ada@example.org", "daily 2")]
    late = {"about_id": 3, "recipient_id": ada.id, "due_at": at(18), "deadline_at": at(12, 0, wednesday)}
    session.add(Notification(notice="some.daily", pace=Pace.DAILY, **late))
    session.commit()
    assert post.at(at(18)) == [("ada@example.org", "daily 3")]


def test_there_is_no_second_mail_of_a_day(post: Post, ada: Person, session: Any) -> None:
    """What comes after it goes with the next day's; two workers that gather at once are refused by the database."""
    post.tell(Pace.DAILY, 1, ada, at(8))
    post.at(at(9, 10))
    assert session.scalars(select(Message.digest_on)).all() == [TUESDAY]
    post.tell(Pace.DAILY, 2, ada, at(8))
    assert post.at(at(12, 10)) == []
    assert session.scalars(select(Notification.message_id).where(Notification.about_id == 2)).one() is None
    session.add(Message(recipient_id=ada.id, created_at=at(12), next_try_at=at(12), digest_on=TUESDAY))
    with pytest.raises(IntegrityError):
        session.flush()


def test_what_is_muted_is_not_said_unless_it_may_not_be(post: Post, ada: Person, session: Any) -> None:
    session.add_all([Mute(person_id=ada.id, notice=f"some.{pace}") for pace in ("daily", "soon")])
    post.tell(Pace.DAILY, 1, ada, at(8))
    post.tell(Pace.SOON, 2, ada, at(8))
    assert post.at(at(9, 10)) == [("ada@example.org", "soon 2")]
    assert session.scalars(select(Notification.about_id).where(Notification.dropped_at.is_not(None))).all() == [1]


def test_a_run_says_a_thing_its_own_way_or_not_at_all(post: Post, ada: Person, session: Any) -> None:
    mine, other = make.run().id, make.run().id
    session.add_all(
        [
            OwnNotice(
                run_id=mine, notice="some.soon", subject="For {given_name}", words="Two of {number}:\n\n{double} <b>"
            ),
            OwnNotice(run_id=mine, notice="some.now", is_off=True),
        ]
    )
    session.commit()
    post.tell(Pace.SOON, ABOUT_RUNS + mine, ada, at(8))
    post.tell(Pace.NOW, ABOUT_RUNS + mine, ada, at(8))
    assert post.at(at(8)) == [("ada@example.org", "For Ada")]
    [(_, mail)] = post.recorder.sent
    number = ABOUT_RUNS + mine
    assert f"Two of {number}:\n\n{2 * number} <b>\n\nFact {number}." in mail.text
    assert "Ours." not in mail.text
    post.tell(Pace.SOON, ABOUT_RUNS + other, ada, at(8))
    assert post.at(at(8)) == [("ada@example.org", f"soon {ABOUT_RUNS + other}")]


def test_a_run_times_its_reminders_its_own_way(post: Post, ada: Person, session: Any, database: Flask) -> None:
    usual, own, reader = make.run().id, make.run().id, ada.id
    session.add(OwnNotice(run_id=own, notice="some.soon", steps="-3 -1"))
    session.commit()
    deadline = at(15, 0, TUESDAY + timedelta(days=10))

    def due(now: datetime, steps: tuple[int, ...]) -> Any:
        rows = [
            select(
                *(
                    _value(value)
                    for value in (ABOUT_RUNS + run_id, reader, deadline + timedelta(days=step), run_id, deadline)
                )
            )
            for run_id in (usual, own)
            for step in steps
        ]
        return union_all(*rows)

    reminder = TimedReminder(post.notices[Pace.SOON], due, (-7, -2), "the deadline")
    database.extensions["placements.reminders"] = (reminder,)
    said = {}
    for ahead in range(11):
        now = at(16, 0, TUESDAY + timedelta(days=ahead))
        remind(now)
        db.session.commit()
        said[ahead] = [subject for _, subject in post.at(now)]
    days = {ahead: subjects for ahead, subjects in said.items() if subjects}
    assert days == {
        3: [f"soon {ABOUT_RUNS + usual}"],
        7: [f"soon {ABOUT_RUNS + own}"],
        8: [f"soon {ABOUT_RUNS + usual}"],
        9: [f"soon {ABOUT_RUNS + own}"],
    }
