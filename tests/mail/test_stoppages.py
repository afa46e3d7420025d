"""Everything stood still for 72 hours: what is still true goes out once, oldest first; what is not is dropped; and it is said."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements import worker
from placements.accounts import notices
from placements.accounts.models import GlobalRole
from placements.leases import Lease
from placements.links.actions import add_link
from placements.mail.actions import tell
from placements.mail.models import Message, MessageState, Notification, Stoppage
from placements.mail.queries import last_stoppages
from placements.mail.rendering import Rendered
from placements.mail.stoppages import untold
from placements.mailing.notices import STOOD_STILL
from placements.worker import CLOCK, Job, Worker
from tests import factories as make
from tests.factories import DAY, NOW
from tests.golden import check_golden, said

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Post:
    """Where mail goes, in order."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def send(self, message: Message, mail: Rendered) -> None:
        self.sent.append((message.recipient.given_name, mail.subject))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    """What the machine and the story take for now: its only item."""
    now = [NOW]
    for name in ("machine_now", "story_now"):
        monkeypatch.setattr(worker, name, lambda: now[0])
    yield now


def led(app: Flask) -> Worker:
    """A worker that does nothing by itself."""
    return Worker(app, [Job("nothing", 60, lambda: None, is_for_each=True)])


def link_for(name: str, due_at: datetime, lasts: timedelta) -> None:
    account = make.account(make.person(given_name=name))
    add_link("accounts.sign_in_by_link", account.id, account.person_id, now=due_at, lasts=lasts)
    tell(notices.SIGN_IN_LINK, account.id, [account.person_id], due_at)


def ticked(
    session: Any, at: datetime, clock: list[datetime], app: Flask
) -> list[tuple[datetime, datetime, int | None]]:
    """Whoever leads says so at that moment; every stoppage by then."""
    clock[0] = at
    assert led(app).hold() is not None
    return [(each.began_at, each.ended_at, each.late) for each in session.scalars(select(Stoppage))]


def test_after_72_hours_what_is_still_true_goes_out_once_oldest_first(
    database: Flask,
    session: Any,
    clock: list[datetime],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    post = Post()
    monkeypatch.setattr(worker, "is_demonstration", lambda: False)
    monkeypatch.setattr(worker, "deliver_mail", lambda: worker.deliver(post, clock[0], clock[0]))
    assert ticked(session, NOW, clock, database) == []
    make.account(make.person(given_name="Root"), GlobalRole.ADMINISTRATOR)
    link_for("Before", NOW - MINUTE, 4 * DAY)
    session.commit()
    worker.deliver_mail()
    link_for("Second", NOW + 30 * HOUR, 4 * DAY)
    link_for("Over", NOW + 2 * HOUR, HOUR)
    link_for("First", NOW + HOUR, 4 * DAY)
    group = make.group(tutor=make.person(given_name="Tutor"))
    student = make.person(given_name="Reminded")
    make.offer(make.enrolment(group, student), made_at=NOW - 9 * DAY, deadline_at=NOW + 4 * DAY + 2 * HOUR)
    session.commit()

    later = NOW + 72 * HOUR
    with caplog.at_level(logging.WARNING, "placements"):
        assert ticked(session, later, clock, database) == [(NOW, later, None)]
        worker.remind_people()
    assert "the clock stood still from 2026-10-20 08:00:00+00:00 to 2026-10-23 08:00:00+00:00" in caplog.text
    worker.deliver_mail()
    worker.remind_people()
    worker.deliver_mail()

    links = [name for name, subject in post.sent if subject == "Your link to sign in"]
    assert links == ["Before", "First", "Second"]
    dropped = session.scalars(select(Message).where(Message.state == MessageState.DROPPED)).one()
    assert dropped.recipient.given_name == "Over"
    reminded = session.scalars(select(Notification.due_at).where(Notification.notice == "offers.unanswered")).all()
    assert reminded == [NOW + 26 * HOUR]  # three days before; that it is the last day is not due yet
    [stoppage] = last_stoppages(5)
    assert stoppage.late == 3 + 3  # three links; the student's two reminders, and the tutor's
    assert (stoppage.told_at, list(untold())) == (later, [])
    assert [name for name, subject in post.sent if "stood still" in subject] == ["Root"]


def test_the_words_that_say_so(database: Flask, session: Any) -> None:
    root = make.account(make.person(given_name="Root"), GlobalRole.ADMINISTRATOR).person
    stoppage = Stoppage(began_at=NOW, ended_at=NOW + 72 * HOUR, late=6)
    session.add(stoppage)
    session.flush()
    text = said(STOOD_STILL, stoppage.id, root)
    assert text is not None
    check_golden("mailing/stood_still", text)
    assert said(STOOD_STILL, stoppage.id, make.person()) is None


@pytest.mark.parametrize(("gap", "is_long"), [(15 * MINUTE, False), (15 * MINUTE + timedelta(seconds=1), True)])
def test_a_clock_that_ticks_again_within_a_quarter_of_an_hour_stood_still_for_nobody(
    database: Flask, session: Any, clock: list[datetime], gap: timedelta, is_long: bool
) -> None:
    ticked(session, NOW, clock, database)
    assert ticked(session, NOW + gap, clock, database) == ([(NOW, NOW + gap, None)] if is_long else [])
    assert session.get_one(Lease, CLOCK).ticked_at == NOW + gap


def test_a_worker_that_comes_back_itself_says_so_too(database: Flask, session: Any, clock: list[datetime]) -> None:
    one = led(database)
    one.hold()
    clock[0] = NOW + HOUR
    one.hold()
    clock[0] += MINUTE
    one.hold()
    assert len(last_stoppages(5)) == 1


def test_a_demonstration_may_sleep(
    database: Flask, session: Any, clock: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "is_demonstration", lambda: True)
    ticked(session, NOW, clock, database)
    assert ticked(session, NOW + DAY, clock, database) == []


def test_only_what_fell_due_while_it_stood_still_is_late(
    database: Flask, session: Any, clock: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    ticked(session, NOW, clock, database)
    for due_at in (NOW, NOW + HOUR, NOW + 2 * HOUR, NOW + 2 * HOUR + MINUTE):
        link_for("Any", due_at, DAY)
    session.commit()
    ticked(session, NOW + 2 * HOUR, clock, database)
    worker.deliver(Post(), NOW + 2 * HOUR, NOW + 2 * HOUR)  # another worker is faster than the count
    worker.remind_people()
    assert session.scalars(select(Stoppage.late)).all() == [2]
