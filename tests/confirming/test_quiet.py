"""A supervisor who answers none of two mails gets no more; their tutor telephones, and then all comes in one mail."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.cohorts.models import RunRole
from placements.confirming import actions as confirming
from placements.confirming import notices, telephoning
from placements.confirming.models import SupervisorCall
from placements.confirming.rules import Spoken
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.links.models import Link
from placements.logbook.models import Entry, How
from placements.mail.models import Notification
from tests import factories as make
from tests.client import PageClient
from tests.conftest import Clock
from tests.databases import seeding
from tests.golden import check_golden
from tests.logbook.cast import Cast, cast, committed, logged, queries_of
from tests.logbook.mails import check, named_cast, reminded, said, visit

MONDAY = datetime(2026, 10, 26, 9, 0, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
THIRD = MONDAY + 2 * WEEK
ON_QUIET = "confirming.please_telephone"
ON_LATE = "confirming.not_telephoned"


def mailed_twice() -> Cast:
    """A supervisor was mailed on two Mondays, about a visit each, and the student has logged a third."""
    made = named_cast()
    visit(made)
    assert ask(MONDAY) == 1
    logged(made, 1, 2, now=MONDAY + HOUR)
    assert ask(MONDAY + WEEK) == 1
    logged(made, 2, 1, now=MONDAY + WEEK + HOUR)
    return made


@pytest.fixture
def people(session: Any) -> Cast:
    return mailed_twice()


def ask(now: datetime) -> int:
    return confirming.ask_supervisors(now=now)


def spoke(people: Cast, outcome: Spoken, now: datetime) -> None:
    actor = Principal(people.tutor.person_id)
    telephoning.spoke(people.supervisor.person, [people.placement], outcome, actor=actor, now=now)


def newest() -> Link:
    return db.session.scalars(select(Link).order_by(Link.id.desc())).first()


def mailed(people: Cast, notice: str = "confirming.week_to_confirm") -> list[datetime]:
    rows = select(Notification.due_at).where(Notification.notice == notice).order_by(Notification.due_at)
    return list(db.session.scalars(rows.where(Notification.recipient_id == people.supervisor.person_id)))


def to_call(people: Cast, now: datetime) -> str:
    return said(notices.PLEASE_TELEPHONE, people.supervisor.person, people.tutor.person, now)


def test_after_two_unanswered_mails_no_more_comes_and_the_tutor_is_asked_to_telephone_once(people: Cast) -> None:
    names = (ON_QUIET, "confirming.confirmation_outstanding")
    assert reminded(THIRD - 2 * HOUR, ON_QUIET) == []
    assert ask(THIRD) == 0
    assert reminded(THIRD, *names) == [(ON_QUIET, people.tutor.person_id, THIRD - HOUR)]
    assert reminded(THIRD + HOUR, *names) == []
    assert ask(THIRD + WEEK) == 0
    assert mailed(people) == [MONDAY, MONDAY + WEEK]


def test_an_answer_to_anything_starts_the_mails_again_with_all_weeks_in_one(people: Cast) -> None:
    first = db.session.scalars(select(Entry).order_by(Entry.id)).first()
    actor = Principal(people.supervisor.person_id)
    assert to_call(people, THIRD) != ""
    confirming.answer({first.id: 1}, {}, how=How.LINK, actor=actor, now=THIRD + HOUR)
    assert to_call(people, THIRD + WEEK) == ""
    assert ask(THIRD + WEEK) == 1
    text = said(notices.WEEK_TO_CONFIRM, newest(), people.supervisor.person, THIRD + WEEK)
    assert "Amina Rahman: 3 hours, 2 visits" in text
    assert ask(THIRD + WEEK + HOUR) == 0


def test_whoever_will_answer_is_asked_again_on_monday_and_again_telephoned_if_they_do_not(people: Cast) -> None:
    assert ask(THIRD) == 0
    reminded(THIRD, ON_QUIET)
    spoke(people, Spoken.WILL_ANSWER, THIRD + DAY)
    assert to_call(people, THIRD + DAY) == ""
    assert ask(THIRD + WEEK) == 1
    assert ask(THIRD + WEEK) == 0
    assert mailed(people) == [MONDAY, MONDAY + WEEK, THIRD + WEEK]
    again = THIRD + 3 * WEEK
    assert ask(again) == 0
    assert reminded(again, ON_QUIET) == [(ON_QUIET, people.tutor.person_id, again - HOUR)]


def test_they_are_asked_again_though_nothing_came_in_since(session: Any) -> None:
    people = named_cast()
    visit(people)
    assert (ask(MONDAY), ask(MONDAY + WEEK), ask(THIRD)) == (1, 0, 0)
    spoke(people, Spoken.WILL_ANSWER, THIRD + DAY)
    assert ask(THIRD + WEEK) == 1


def test_whoever_wants_a_new_link_gets_it_at_once(people: Cast) -> None:
    spoke(people, Spoken.NEW_LINK, THIRD + DAY)
    assert mailed(people, "confirming.link") == [THIRD + DAY]
    check(notices.LINK, newest(), people.supervisor.person, THIRD + DAY)
    assert ask(THIRD + WEEK) == 0, "the link is about all that waits"


def test_whoever_cannot_answer_is_not_asked_again_until_somebody_else_is_named(people: Cast) -> None:
    spoke(people, Spoken.SOMEBODY_ELSE, THIRD + DAY)
    assert ask(THIRD + WEEK) == 0
    people.placement.supervisor = make.person()
    db.session.flush()
    assert ask(THIRD + WEEK) == 1


def test_a_week_later_the_module_leader_hears_unless_somebody_has_talked_to_them(people: Cast) -> None:
    late, leader = THIRD + WEEK, people.leader.person_id
    assert reminded(late - 2 * HOUR, ON_LATE) == []
    assert reminded(late, ON_LATE) == [(ON_LATE, leader, late - HOUR)]
    assert reminded(late + DAY, ON_LATE) == []
    assert said(notices.NOT_TELEPHONED, people.run, people.leader.person, late) != ""
    spoke(people, Spoken.SOMEBODY_ELSE, late + DAY)
    assert said(notices.NOT_TELEPHONED, people.run, people.leader.person, late + DAY) == ""


def test_the_leader_hears_nothing_where_somebody_talked_in_time(people: Cast) -> None:
    spoke(people, Spoken.SOMEBODY_ELSE, THIRD + DAY)
    assert reminded(MONDAY + 4 * WEEK, ON_LATE) == []


def test_nobody_else_is_told(people: Cast) -> None:
    stranger = make.person()
    make.placement(make.enrolment(make.group(people.run, stranger)), make.challenge())
    make.run_role(RunRole.MODERATOR, make.person(), people.run)
    rows = reminded(MONDAY + 4 * WEEK, ON_QUIET, ON_LATE)
    assert {recipient for _, recipient, _ in rows} == {people.tutor.person_id, people.leader.person_id}
    assert said(notices.PLEASE_TELEPHONE, people.supervisor.person, stranger, THIRD) == ""


def test_what_tutor_and_leader_read(people: Cast) -> None:
    people.supervisor.person.phone, people.leader.person.given_name = "020 7946 0000", "Lea"
    text = to_call(people, THIRD).replace(people.supervisor.person.public_id, "ADDRESS")
    check_golden("confirming/please_telephone", text)
    check(notices.NOT_TELEPHONED, people.run, people.leader.person, THIRD + WEEK)


def test_the_tutor_says_what_came_of_it(client: PageClient, database: Flask, clock: Clock) -> None:
    with seeding(database):
        people = committed(mailed_twice())
    clock.now = THIRD + DAY
    client.sign_in_as(people.tutor)
    assert "1 supervisor does not answer about hours: telephone them" in client.page("/home").text
    placement = f"/placements/{people.placement.public_id}"
    assert "Hours wait, and our mails about them are not answered: telephone" in client.page(placement).text
    page = client.page(client.page("/reading").link("Supervisors to telephone"))
    assert "6 hours of Amina Rahman wait." in page.text
    there = page.link("Say what came of it with Sam Super")
    form = client.page(there).form("Keep what came of it")
    assert "Say what you agreed" in client.submit(form).text
    done = client.submit(form, outcome="new_link")
    assert "Sam Super has been mailed a new link." in done.text
    assert "Nobody to telephone" in done.text
    assert "Nothing waits for a call" in client.submit(form, outcome="new_link").text
    told = client.page(placement).text
    assert "telephone" not in told
    assert "Spoke to the supervisor about hours that wait: they were mailed a new link" in told
    verb = "spoke to the supervisor about hours that wait"
    with database.app_context():
        calls = db.session.execute(select(SupervisorCall.by_id, SupervisorCall.outcome, SupervisorCall.at)).all()
        assert calls == [(people.tutor.person_id, Spoken.NEW_LINK, THIRD + DAY)]
        assert len(db.session.scalars(select(History).where(History.verb == verb)).all()) == 1


def test_the_leaders_home_leads_to_whom_nobody_has_telephoned_for_a_week(
    client: PageClient, database: Flask, clock: Clock
) -> None:
    with seeding(database):
        people = committed(mailed_twice())
    client.sign_in_as(people.leader)
    said_there = "1 supervisor is still to telephone about hours"
    clock.now = THIRD + DAY
    assert said_there not in client.page("/home").text
    clock.now = THIRD + WEEK
    home = client.page("/home")
    assert said_there in home.text
    assert "Supervisors to telephone" in client.page(home.link("See whom")).h1


def test_whoever_has_no_student_there_finds_no_such_supervisor(
    client: PageClient, database: Flask, clock: Clock
) -> None:
    with seeding(database):
        people = committed(mailed_twice())
        stranger = make.account(make.person())
        make.group(people.run, stranger.person)
        db.session.commit()
        db.session.refresh(stranger)
    clock.now = THIRD + DAY
    client.sign_in_as(stranger)
    assert "Nobody to telephone" in client.page("/reading/to-telephone").text
    client.page(f"/reading/to-telephone/{people.supervisor.person.public_id}", 404)


def with_quiet_supervisors(count: int) -> Cast:
    people = cast()
    for _ in range(count):
        enrolled = make.enrolment(people.placement.enrolment.group)
        make.entry(make.placement(enrolled, make.challenge(supervisor=make.person())), submitted_at=MONDAY - DAY)
    assert ask(MONDAY) == count
    return committed(people)


def test_the_page_takes_as_many_queries_for_three_as_for_one(client: PageClient, database: Flask, clock: Clock) -> None:
    clock.now = THIRD + DAY
    client.page("/help")
    counts = []
    for size in (1, 3):
        with seeding(database):
            people = with_quiet_supervisors(size)
        client.sign_in_as(people.tutor)
        counts.append(queries_of(client, "/reading/to-telephone"))
    assert counts == [3, 3]
