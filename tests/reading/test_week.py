"""The week's reading: what is unread first, marked as read in the version shown, and what is said of a visit."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.db import db
from placements.logbook import actions as logbook
from placements.logbook.models import Entry, EntryComment
from placements.logbook.rules import Visit
from placements.mail.models import Notification
from placements.placing.workflow import PlacementState
from placements.reading import desk
from placements.reading.fresh import week
from placements.reading.models import CommentPhrase, EntryRead
from tests import factories as make
from tests.client import PageClient
from tests.factories import NOW
from tests.logbook.cast import Cast, cast, committed, known, logged, queries_of


@pytest.fixture
def people(database: Flask) -> Cast:
    """Two visits, on Wednesday 14 and Friday 16 October; it is Tuesday 20 October."""
    with database.app_context():
        made = cast()
        logged(made, reflection="A private thought.")
        logged(made, 2, activity="Asked the cook.")
        return committed(made)


def shown(people: Cast) -> list[tuple[date, bool]]:
    tutor = known(people)["tutor"]
    rows, _, _ = week(tutor, NOW, size=20, number=1)
    return [(row.logged.entry.on, row.is_read) for row in rows]


def test_unread_comes_first_and_what_was_changed_is_unread_again(session: Any) -> None:
    people = cast()
    first, second, third = (logged(people, day) for day in (0, 1, 2))
    tutor, student = known(people)["tutor"], known(people)["student"]
    desk.mark_read([(first.id, 1), (second.id, 1)], actor=tutor, now=NOW)
    assert shown(people) == [
        (date(2026, 10, 16), False),
        (date(2026, 10, 14), True),
        (date(2026, 10, 15), True),
    ]
    was = first.visit
    words = {"mode": first.mode, "activity": "Counted it twice.", "actor": student, "now": NOW}
    logbook.edit(first, Visit(was.on, was.starts, was.ends), **words)
    assert shown(people)[-1] == (date(2026, 10, 15), True)
    assert (date(2026, 10, 14), False) in shown(people)
    assert third.version == 1


def test_what_shows_a_visit_is_at_hand_wherever_it_is_read(people: Cast, client: PageClient, database: Flask) -> None:
    with database.app_context():
        make.entry_evidence(db.session.scalars(select(Entry).order_by(Entry.id)).first(), name="Rota of May.pdf")
        db.session.commit()
    client.sign_in_as(people.tutor)
    for url in ("/reading/week", f"{people.url}/read"):
        assert client.get(client.page(url).link("Rota of May.pdf")).status_code == 200


def test_last_weeks_visits_stay_until_they_are_read_while_the_placement_goes_on(session: Any) -> None:
    people = cast(starts_on=date(2026, 9, 1))
    old = make.entry(people.placement, on=date(2026, 10, 13))
    assert shown(people) == [(date(2026, 10, 13), False)]
    people.placement.state = PlacementState.COMPLETED
    assert shown(people) == []
    people.placement.state = PlacementState.ACTIVE
    desk.mark_read([(old.id, old.version)], actor=known(people)["tutor"], now=NOW)
    assert shown(people) == []


def test_drafts_and_other_tutors_students_are_not_among_them(session: Any) -> None:
    people, others = cast(), cast()
    logged(people, is_draft=True)
    logged(others)
    assert shown(people) == []
    assert shown(others) == [(date(2026, 10, 14), False)]


def test_a_tutor_marks_one_and_then_all_that_is_shown_as_read(
    database: Flask, client: PageClient, people: Cast
) -> None:
    client.sign_in_as(people.tutor)
    page = client.page("/reading/week")
    assert "2 visits are unread" in page.text
    assert "A private thought." in page.text
    stale = page.form("Mark all shown as read")
    page = client.submit(page.form("Mark as read Amina Rahman, Wed 14 Oct 2026, 1pm to 4pm"))
    assert "1 visit marked as read." in page.text
    assert "1 visit is unread" in page.text
    page = client.submit(stale)
    assert "You have read everything." in page.text
    with database.app_context():
        assert db.session.query(EntryRead).count() == 2


def test_a_visit_changed_since_it_was_shown_stays_unread(database: Flask, client: PageClient, people: Cast) -> None:
    client.sign_in_as(people.tutor)
    form = client.page("/reading/week").form("Mark as read Amina Rahman, Wed 14 Oct 2026, 1pm to 4pm")
    with database.app_context():
        entry = db.session.scalars(select(Entry).order_by(Entry.id)).first()
        words = {"mode": entry.mode, "activity": "Something else.", "actor": known(people)["student"], "now": NOW}
        logbook.edit(entry, entry.visit, **words)
        db.session.commit()
    assert "2 visits are unread" in client.submit(form).text


def test_nobody_marks_other_tutors_visits_as_read(database: Flask, client: PageClient, people: Cast) -> None:
    with database.app_context():
        other = cast()
        logged(other)
        other = committed(other)
        key = f"{db.session.scalars(select(Entry)).first().public_id}.1"
    client.sign_in_as(other.tutor)
    form = next(each for each in client.page("/reading/week").forms if "shown" in each.names)
    page = client.submit(form, shown=[key, "nonsense", "x.99999999999999999999"])
    assert "No visits marked as read." in page.text
    with database.app_context():
        assert db.session.query(EntryRead).count() == 0


def test_the_week_takes_as_many_queries_for_one_visit_as_for_three(database: Flask, client: PageClient) -> None:
    client.page("/help")
    counts = []
    for visits in (1, 3):
        with database.app_context():
            people = cast()
            for day in range(visits):
                logged(people, day)
            people = committed(people)
        client.sign_in_as(people.tutor)
        counts.append(queries_of(client, "/reading/week"))
    assert counts == [10, 10]  # two of them for who is asking


def test_one_press_asks_and_tells_the_student(database: Flask, client: PageClient, people: Cast) -> None:
    client.sign_in_as(people.tutor)
    page = client.page("/reading/week")
    form = next(each for each in page.forms if "is_kept" in each.names)
    page = client.submit(form, button="What did you decide, and why?")
    assert page.h1 == "This week’s visits"
    assert "Tessa Tutor Tue 20 Oct 2026, 9am What did you decide, and why?" in page.text
    assert "1 visit is unread" in page.text
    with database.app_context():
        told = [(each.notice, each.recipient_id) for each in db.session.scalars(select(Notification))]
        assert told == [("logbook.comment", people.student.person_id)]


def test_words_are_kept_as_a_phrase_and_put_before_what_is_typed(
    database: Flask, client: PageClient, people: Cast
) -> None:
    client.sign_in_as(people.tutor)
    form = next(each for each in client.page("/reading/week").forms if "is_kept" in each.names)
    client.submit(form, text="Link it to your objectives.", is_kept="y")
    page = client.page("/reading/phrases")
    assert "Link it to your objectives." in page.text
    client.submit(page.form("Keep this phrase"), text="Well observed.")
    with database.app_context():
        keys = {each.text: each.public_id for each in db.session.scalars(select(CommentPhrase))}
    form = next(each for each in client.page("/reading/week").forms if "is_kept" in each.names)
    client.submit(form, text="Friday too?", phrase=keys["Well observed."])
    with database.app_context():
        said = [each.text for each in db.session.scalars(select(EntryComment).order_by(EntryComment.id))]
    assert said == ["Link it to your objectives.", "Well observed.\n\nFriday too?"]
    page = client.submit(client.page("/reading/phrases").form("Remove “Well observed.”"))
    assert "Well observed." not in page.text


def test_a_module_leader_who_says_something_sees_no_reflection(
    database: Flask, client: PageClient, people: Cast
) -> None:
    with database.app_context():
        url = f"/log/{db.session.scalars(select(Entry).order_by(Entry.id)).first().public_id}/say"
    client.sign_in_as(people.leader)
    client.page("/reading/week", status=403)
    page = client.page(url)
    assert "A private thought." not in page.text
    assert client.submit(page.form("Comment, and tell Amina")).errors == ["Write your comment"]
    client.sign_in_as(people.tutor)
    assert "A private thought." in client.page(url).text
