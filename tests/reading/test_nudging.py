"""Several are written to at once: whom there is to choose, the preview, and that just those get just that, once."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.db import db
from placements.history.models import History
from placements.logbook.workflow import EntryState
from placements.mail.asking import Said
from placements.mail.models import Notification
from placements.mail.rendering import render
from placements.reading import desk, notices
from placements.reading.models import Nudge
from placements.reading.nudging import candidates
from placements.reading.rules import Why
from tests import factories as make
from tests.client import PageClient
from tests.factories import NOW
from tests.golden import check_golden
from tests.logbook.cast import Cast, cast, committed, known, queries_of

LONG_AGO = date(2026, 10, 5)


@pytest.fixture
def people(database: Flask) -> Cast:
    """Two students of one tutor who have been silent since 5 October, Amina and Bo; and a third who has not."""
    with database.app_context():
        made = cast(starts_on=LONG_AGO)
        group = made.placement.enrolment.group
        bo = make.person(given_name="Bo", family_name="Zola", email="bo@example.org")
        make.placement(make.enrolment(group, bo), starts_on=LONG_AGO, supervisor=made.supervisor.person)
        make.entry(make.placement(make.enrolment(group)), on=date(2026, 10, 19))
        return committed(made)


def names(people: Cast, why: Why) -> list[str]:
    return [each.person.given_name for each in candidates(known(people)["tutor"], why, NOW)]


def test_there_is_to_choose_who_has_that_reason(session: Any) -> None:
    people = cast(starts_on=LONG_AGO)
    assert [names(people, why) for why in Why] == [["Amina"], ["Amina"], [], []]
    entry = make.entry(
        people.placement, on=date(2026, 10, 19), submitted_at=NOW - timedelta(days=8), starts=time(9), ends=time(10)
    )
    assert [names(people, why) for why in Why] == [[], ["Amina"], [], ["Sam"]]
    entry.submitted_at = NOW - timedelta(days=6)
    assert names(people, Why.UNANSWERED) == []
    entry.state = EntryState.QUERIED
    assert names(people, Why.QUERIED) == ["Amina"]


def test_just_those_who_are_chosen_get_what_the_preview_showed(
    database: Flask, client: PageClient, people: Cast
) -> None:
    client.sign_in_as(people.tutor)
    page = client.page("/reading/nudge?why=silent")
    form = page.form("Look at what is sent")
    assert len(form.offers("people") or []) == 2
    assert client.submit(form, people=[]).errors == ["Choose at least one person to write to"]
    page = client.submit(form, people=[people.placement.public_id], text="How is it going?")
    assert page.h1 == "Check what you send"
    assert [row[0] for row in page.rows] == ["Amina Rahman"]
    assert "How is it going?" in page.text
    with database.app_context():
        assert db.session.query(Nudge).count() == 0
    send = page.form("Send to 1 person")
    assert "Sent to 1 person." in client.submit(send).text
    assert "This was sent already." in client.submit(send).text
    with database.app_context():
        sent = db.session.scalars(select(Nudge)).one()
        assert [each.person_id for each in sent.recipients] == [people.student.person_id]
        told = [(each.notice, each.recipient_id) for each in db.session.scalars(select(Notification))]
        assert told == [("reading.nudge", people.student.person_id)]
        [line] = db.session.scalars(select(History).where(History.verb == "wrote to the student"))
        assert (line.actor_id, line.reason) == (people.tutor.person_id, None)


def test_what_changed_since_the_preview_is_previewed_again(database: Flask, client: PageClient, people: Cast) -> None:
    client.sign_in_as(people.tutor)
    page = client.submit(client.page("/reading/nudge").form("Look at what is sent"))
    assert [row[0] for row in page.rows] == ["Amina Rahman", "Bo Zola"]
    with database.app_context():
        make.entry(db.session.merge(people.placement), on=date(2026, 10, 19))
        db.session.commit()
    page = client.submit(page.form("Send to 2 people"))
    assert "Something has changed since you looked. 1 person gets this email" in page.text
    with database.app_context():
        assert db.session.query(Nudge).count() == 0


def test_nobody_writes_to_other_tutors_students(database: Flask, client: PageClient, people: Cast) -> None:
    with database.app_context():
        other = committed(cast(starts_on=LONG_AGO))
    client.sign_in_as(people.tutor)
    form = client.page("/reading/nudge").form("Look at what is sent")
    url, token = form.action, form.values["csrf_token"]
    theirs = {"people": other.placement.public_id, "text": "Hello.", "csrf_token": token, "form_key": "key"}
    page = client.post(url, data=theirs).text
    assert "Choose at least one person to write to" in page


def test_the_page_takes_as_many_queries_for_one_as_for_three(database: Flask, client: PageClient) -> None:
    client.page("/help")
    counts = []
    for students in (1, 3):
        with database.app_context():
            made = cast(starts_on=LONG_AGO)
            for _ in range(students - 1):
                make.placement(make.enrolment(made.placement.enrolment.group), starts_on=LONG_AGO)
            made = committed(made)
        client.sign_in_as(made.tutor)
        counts.append((queries_of(client, "/reading/nudge"), queries_of(client, "/reading/nudge?why=behind")))
    assert counts == [(9, 5), (9, 5)]  # two of them for who is asking, six for who is silent


@pytest.mark.parametrize(
    ("why", "name"), [(Why.SILENT, "reading/nudge"), (Why.UNANSWERED, "reading/nudge_of_a_supervisor")]
)
def test_what_they_read(session: Any, why: Why, name: str) -> None:
    people = cast(starts_on=LONG_AGO)
    people.placement.public_id = "placementpub"
    people.tutor.person.email = "tessa@example.org"
    make.entry(people.placement, submitted_at=NOW - timedelta(days=8)) if why is Why.UNANSWERED else None
    chosen = candidates(known(people)["tutor"], why, NOW)
    sent = desk.nudge(why, chosen, "One.\n\nTwo.", form_key="key", actor=known(people)["tutor"], now=NOW)
    assert sent is not None
    to = people.supervisor.person if why is Why.UNANSWERED else people.student.person
    to.email = "reader@example.org"
    context = notices.NUDGE.context(sent.id, to, NOW)
    assert context is not None
    mail = render([Said(notices.NUDGE, context)], to)
    check_golden(name, f"{mail.subject}\n\n{mail.text}")
