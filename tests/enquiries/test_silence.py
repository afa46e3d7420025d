"""Nothing is silent for more than five working days without somebody being told, once, at 9am in London."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.accounts.models import Account, GlobalRole
from placements.core.policy import Principal
from placements.db import db
from placements.enquiries import actions, notices
from placements.enquiries.models import Enquiry
from placements.enquiries.rules import mornings, next_working_day, overdue_before, working_days_later
from placements.enquiries.workflow import EnquiryState
from placements.mail.actions import remind
from placements.mail.models import Notification
from tests import factories as make
from tests.factories import NOW

MONDAY = datetime(2026, 10, 19, 13, tzinfo=UTC)  # London is an hour ahead until Sunday 25 October
MINUTE = timedelta(minutes=1)
ANNOUNCED = ("enquiries.unconfirmed", "enquiries.silent", "enquiries.unacknowledged", "enquiries.nobody_has_it")


def reminded(until: datetime, since: datetime = MONDAY) -> list[tuple[str, str, str]]:
    """What the worker queues, twice a day: the notice, to whom, and the day and hour (UTC) that it was due."""
    while since <= until:
        remind(since)
        since += timedelta(hours=12)
    remind(until)
    rows = db.session.scalars(
        select(Notification).where(Notification.notice.in_(ANNOUNCED)).order_by(Notification.due_at, Notification.id)
    )
    names = {each.person_id: each.person.given_name for each in db.session.scalars(select(Account)).unique()}
    return [
        (row.notice.partition(".")[2], names.get(row.recipient_id, "them"), f"{row.due_at:%a %d %H:%M}") for row in rows
    ]


@pytest.fixture(autouse=True)
def only_these(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all reminders of the product those of enquiries."""
    monkeypatch.setitem(app.extensions, "placements.reminders", notices.REMINDERS)


@pytest.fixture
def team(session: Any) -> Iterator[dict[str, Account]]:
    """Ngozi and Zoe of the team; Max has left it."""
    made = {name: make.account(make.person(given_name=name), GlobalRole.ENGAGEMENT) for name in ("Ngozi", "Zoe", "Max")}
    made["Max"].active = False
    session.flush()
    yield made


def open_enquiry(owner: Account | None, **said: Any) -> Enquiry:
    about = {"state": EnquiryState.IN_CONVERSATION, "received_at": MONDAY, "owner": owner.person if owner else None}
    return make.enquiry(**{**about, **said})


def test_its_owner_is_told_on_the_fifth_working_day_and_once(team: dict[str, Account]) -> None:
    open_enquiry(team["Ngozi"])
    assert reminded(datetime(2026, 10, 26, 9, tzinfo=UTC) - MINUTE) == []
    assert reminded(MONDAY + timedelta(days=30)) == [("silent", "Ngozi", "Mon 26 09:00")]


@pytest.mark.parametrize("name", [None, "Max"])
def test_with_nobody_to_look_after_it_the_whole_team_is_told(team: dict[str, Account], name: str | None) -> None:
    open_enquiry(team[name] if name else None, state=EnquiryState.RECEIVED)
    assert reminded(MONDAY + timedelta(days=9)) == [
        ("silent", "Ngozi", "Mon 26 09:00"),
        ("silent", "Zoe", "Mon 26 09:00"),
    ]


def test_not_whoever_wrote_it(team: dict[str, Account]) -> None:
    make.enquiry(team["Zoe"].person, received_at=MONDAY)
    assert reminded(MONDAY + timedelta(days=9)) == [("silent", "Ngozi", "Mon 26 09:00")]


def test_when_the_next_step_s_day_is_over_they_are_told_then_and_not_again(team: dict[str, Account]) -> None:
    open_enquiry(team["Ngozi"], next_step="Ring", next_step_on=date(2026, 10, 23))  # a Friday
    assert reminded(MONDAY + timedelta(days=30)) == [("silent", "Ngozi", "Mon 26 09:00")]
    open_enquiry(team["Zoe"], next_step="Ring", next_step_on=date(2026, 10, 20))
    assert reminded(MONDAY + timedelta(days=30))[0] == ("silent", "Zoe", "Wed 21 08:00")


def test_a_step_that_is_far_off_is_no_excuse_for_silence(team: dict[str, Account]) -> None:
    open_enquiry(team["Ngozi"], next_step="Visit", next_step_on=date(2026, 11, 4))
    assert reminded(MONDAY + timedelta(days=30)) == [
        ("silent", "Ngozi", "Mon 26 09:00"),
        ("silent", "Ngozi", "Thu 05 09:00"),
    ]


def test_an_act_after_the_step_s_day_is_followed_by_no_silence_either(team: dict[str, Account]) -> None:
    enquiry = open_enquiry(team["Ngozi"], next_step="Ring", next_step_on=date(2026, 10, 20))
    thursday = MONDAY + timedelta(days=3)
    actions.note(enquiry, "They are away", "", actor=Principal(team["Ngozi"].person_id), now=thursday)
    assert reminded(MONDAY + timedelta(days=30)) == [
        ("silent", "Ngozi", "Wed 21 08:00"),
        ("silent", "Ngozi", "Thu 29 09:00"),
    ]


def test_every_act_begins_the_count_anew(team: dict[str, Account]) -> None:
    enquiry = open_enquiry(None, state=EnquiryState.RECEIVED)
    officer = Principal(team["Ngozi"].person_id)
    later = MONDAY + timedelta(days=1)
    actions.take_up(enquiry, actor=officer, now=later)
    assert enquiry.touched_at == later
    actions.note(enquiry, "They are away", "", actor=officer, now=later + MINUTE)
    assert enquiry.touched_at == later + MINUTE
    step = {"owner": team["Ngozi"].person, "step": "Ring", "step_on": date(2026, 11, 20)}
    actions.plan(enquiry, **step, actor=officer, now=later + 2 * MINUTE)
    assert enquiry.touched_at == later + 2 * MINUTE
    assert reminded(MONDAY + timedelta(days=14)) == [("silent", "Ngozi", "Tue 27 09:00")]


def test_what_is_answered_or_not_confirmed_is_not_silent(team: dict[str, Account]) -> None:
    open_enquiry(team["Ngozi"], state=EnquiryState.CLOSED, outcome="No")
    open_enquiry(team["Ngozi"], state=EnquiryState.RECEIVED, confirmed_at=None)
    assert [notice for notice, _, _ in reminded(MONDAY + timedelta(days=14))] == ["unconfirmed"]


def test_whoever_did_not_confirm_is_reminded_once_on_the_next_working_day(team: dict[str, Account]) -> None:
    friday = MONDAY + timedelta(days=4)
    make.enquiry(received_at=friday, confirmed_at=None)
    make.enquiry(received_at=MONDAY, confirmed_at=None, state=EnquiryState.CLOSED)
    assert reminded(friday + timedelta(days=20)) == [("unconfirmed", "them", "Mon 26 09:00")]


def test_a_receiver_is_reminded_twice_then_the_sender_is_told(team: dict[str, Account]) -> None:
    make.referral(sent_by=team["Ngozi"].person, sent_at=MONDAY)
    make.referral(sent_by=team["Ngozi"].person, sent_at=MONDAY, acknowledged_at=MONDAY)
    assert reminded(MONDAY + timedelta(days=30)) == [
        ("unacknowledged", "them", "Wed 21 08:00"),
        ("unacknowledged", "them", "Fri 23 08:00"),
        ("nobody_has_it", "Ngozi", "Mon 26 09:00"),
    ]


def test_whoever_asks_does_not_hear_that_nobody_has_it(team: dict[str, Account]) -> None:
    make.referral(asker=team["Zoe"].person, sent_by=team["Max"].person, sent_at=MONDAY)
    told = [(notice, name) for notice, name, _ in reminded(MONDAY + timedelta(days=30))]
    assert told[2:] == [("nobody_has_it", "Ngozi")]


@pytest.mark.pure
def test_mornings_are_of_the_last_fortnight() -> None:
    found = dict(mornings(working_days_later(5), NOW))
    assert found[date(2026, 10, 12)] == datetime(2026, 10, 19, 8, tzinfo=UTC)
    assert found[date(2026, 10, 13)] == NOW  # 9am: it has just come
    assert min(found) == date(2026, 9, 30)
    assert date(2026, 10, 14) not in found
    assert next_working_day(date(2026, 10, 23)) == next_working_day(date(2026, 10, 24)) == date(2026, 10, 26)


@pytest.mark.pure
def test_what_is_overdue_has_had_all_its_working_days() -> None:
    assert overdue_before(8, NOW.date()) == datetime(
        2026, 10, 8, 23, tzinfo=UTC
    )  # sent on Thursday 8: eight days to Tuesday 20
