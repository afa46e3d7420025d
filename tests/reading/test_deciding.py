"""Visits that student and supervisor do not settle come to the tutor: what comes, when, who is told, who decides."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from placements.cohorts.models import ClosedDay
from placements.confirming import actions as confirming
from placements.db import db
from placements.logbook import actions as logbook
from placements.logbook.models import Entry, How
from placements.placing.models import Placement
from placements.reading import notices
from placements.reading.deciding import to_decide
from tests import factories as make
from tests.client import PageClient
from tests.conftest import Clock
from tests.databases import seeding
from tests.factories import DAY, NOW
from tests.logbook.cast import Cast, cast, committed, known, logged, queries_of
from tests.logbook.mails import check, reminded

# Sent on Tuesday 20 October, fifteen working days later is Tuesday 10 November.
DUE = datetime(2026, 11, 10, 0, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def waiting(people: Cast, now: datetime) -> list[tuple[date, date, bool]]:
    """The day of each visit that waits for the tutor, by when to decide, and whether it is disputed."""
    tutor = known(people)["tutor"]
    rows, total = to_decide(tutor, now, size=20, number=1)
    assert total == len(rows)
    return [(row.entry.on, row.decide_by, row.is_disputed) for row in rows]


def query(people: Cast, entry: Entry, now: datetime) -> None:
    by = {"how": How.LINK, "actor": known(people)["supervisor"], "now": now}
    confirming.answer({entry.id: entry.version}, {entry.id: "Was it four hours?"}, **by)


def send_again(people: Cast, entry: Entry, now: datetime) -> None:
    words = {"mode": entry.mode, "activity": entry.activity, "reflection": entry.reflection}
    logbook.edit(entry, entry.visit, **words, actor=known(people)["student"], now=now)


def test_unanswered_for_fifteen_working_days_it_is_the_tutors(session: Any) -> None:
    people = cast()
    logged(people)
    assert waiting(people, DUE - SECOND) == []
    assert waiting(people, DUE) == [(date(2026, 10, 14), date(2026, 11, 17), False)]


def test_closed_days_are_nobodys_fault(session: Any) -> None:
    people = cast()
    logged(people)
    session.add(ClosedDay(day=date(2026, 11, 2), name="A closed Monday"))
    assert waiting(people, DUE) == []
    assert waiting(people, DUE + DAY) == [(date(2026, 10, 14), date(2026, 11, 18), False)]


def test_a_question_that_the_student_leaves_unanswered_comes_too_counted_from_the_question(session: Any) -> None:
    people = cast()
    entry = logged(people)
    query(people, entry, NOW + DAY)
    assert waiting(people, DUE) == []
    assert waiting(people, DUE + DAY) == [(date(2026, 10, 14), date(2026, 11, 18), False)]


def test_a_visit_asked_about_again_is_disputed_and_comes_at_once(session: Any) -> None:
    people = cast()
    entry = logged(people)
    query(people, entry, NOW)
    send_again(people, entry, NOW)
    assert waiting(people, NOW) == []
    query(people, entry, NOW)
    assert waiting(people, NOW) == [(date(2026, 10, 14), date(2026, 10, 27), True)]
    send_again(people, entry, NOW + DAY)
    assert waiting(people, NOW + DAY) == []


def test_whatever_is_answered_goes(session: Any) -> None:
    people = cast()
    first, second = logged(people), logged(people, 1)
    by = {"actor": known(people)["supervisor"], "now": DUE}
    confirming.answer({first.id: 1}, {}, how=How.LINK, **by)
    logbook.discard(second, actor=known(people)["student"], now=DUE)
    assert waiting(people, DUE) == []


def test_the_tutor_is_told_once_on_the_monday_after(session: Any) -> None:
    people = cast()
    logged(people)
    logged(people, 1)
    tutor = people.tutor.person_id
    assert reminded(DUE, "reading.to_decide") == []
    assert reminded(MONDAY - SECOND, "reading.to_decide") == []
    assert reminded(MONDAY, "reading.to_decide") == [("reading.to_decide", tutor, MONDAY)]
    assert reminded(MONDAY + DAY, "reading.to_decide") == []
    assert reminded(MONDAY + 7 * DAY, "reading.to_decide") == []
    people.tutor.person.email = "tessa@example.org"
    check(notices.TO_DECIDE, people.tutor.person, people.tutor.person, MONDAY)


def test_where_nobody_is_the_tutor_the_module_leader_is_told(session: Any) -> None:
    people = cast()
    logged(people)
    people.placement.tutor = None
    leader = people.leader.person_id
    assert reminded(MONDAY, "reading.to_decide") == [("reading.to_decide", leader, MONDAY)]


@pytest.fixture
def people(database: Flask, clock: Clock) -> Cast:
    """Two visits that have waited for long enough; it is that Tuesday."""
    clock.now = DUE
    with database.app_context():
        made = cast()
        logged(made)
        logged(made, 1, 2)
        return committed(made)


def test_the_tutor_decides_one_after_the_other_from_the_queue(client: PageClient, people: Cast) -> None:
    client.sign_in_as(people.tutor)
    page = client.page("/reading/to-decide")
    assert "Sam Super has not answered since Tue 20 Oct 2026." in page.text
    assert "Decide by Tue 17 Nov 2026 (in 7 days)." in page.text
    form = client.page(page.link("Decide about Amina Rahman, Wed 14 Oct 2026, 1pm to 4pm")).form(
        "Decide and tell Amina"
    )
    page = client.submit(form, {"counts": "yes", "reason": "I saw the rota."})
    assert page.h1 == "Visits to decide"
    assert "Wed 14 Oct 2026" not in page.text
    form = client.page(page.link("Decide about Amina Rahman, Thu 15 Oct 2026, 1pm to 3pm")).form(
        "Decide and tell Amina"
    )
    assert "Nothing for you to decide" in client.submit(form, {"counts": "no", "reason": "It was a lecture."}).text


def test_whoever_has_a_side_there_sees_it_and_leaves_it_to_another(
    database: Flask, client: PageClient, people: Cast
) -> None:
    with seeding(database):
        placement = db.session.get_one(Placement, people.placement.id)
        make.interest(placement.challenge.organisation, placement.tutor)
    client.sign_in_as(people.tutor)
    assert "You have declared a side here, so the module leader decides." in client.page("/reading/to-decide").text


def test_the_queue_takes_as_many_queries_for_many_as_for_one(database: Flask, client: PageClient, clock: Clock) -> None:
    clock.now = DUE
    client.page("/help")
    counts = []
    for visits in (1, 3):
        with database.app_context():
            people = cast()
            for day in range(visits):
                logged(people, day)
            people = committed(people)
        client.sign_in_as(people.tutor)
        counts.append(queries_of(client, "/reading/to-decide"))
    assert counts == [8, 8]
