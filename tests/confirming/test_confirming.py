"""A supervisor answers for a week, by the link of a mail or signed in: once a visit, and never by opening a page."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.confirming import actions as confirming
from placements.core.errors import NotAllowed
from placements.db import db
from placements.links.actions import token
from placements.links.models import Link
from placements.logbook import actions
from placements.logbook.hours import hours_of
from placements.logbook.models import Entry, How, LedgerEvent
from placements.logbook.workflow import EntryState
from placements.mail.models import Notification
from placements.placing import endings
from placements.placing.models import EndedBy
from tests import factories as make
from tests.client import PageClient
from tests.conftest import Clock
from tests.factories import NOW
from tests.logbook.cast import Cast, cast, committed, known, logged, queries_of

MONDAY = timedelta(days=6)  # from NOW, a Tuesday, to next Monday, 9am in London (its clocks have gone back by then)
WEEK = NOW + MONDAY + timedelta(hours=1)


@pytest.fixture
def people(database: Flask) -> Cast:
    """Two visits of three hours wait."""
    with database.app_context():
        made = cast()
        logged(made, 0)
        logged(made, 1)
        return committed(made)


def link_url(app: Flask, clock: Clock) -> str:
    """Move to the next Monday, let the worker ask, and give the address in the mail."""
    clock.now = WEEK
    with app.app_context():
        assert confirming.ask_supervisors(now=clock.now) == 1
        db.session.commit()
        link = db.session.scalars(select(Link).order_by(Link.id.desc())).first()
        return f"/confirm/{token(link)}"


def states(app: Flask) -> list[str]:
    with app.app_context():
        return [each.state.value for each in db.session.scalars(select(Entry).order_by(Entry.id))]


def kinds(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        lines = db.session.scalars(select(LedgerEvent).order_by(LedgerEvent.id)).all()
        return [(each.kind.value, each.how.value) for each in lines if each.kind.value != "submitted"]


def entry_ids(app: Flask) -> list[int]:
    with app.app_context():
        return list(db.session.scalars(select(Entry.id).order_by(Entry.id)))


def test_one_button_says_what_it_confirms_and_confirms_it(
    database: Flask, client: PageClient, clock: Clock, people: Cast
) -> None:
    url = link_url(database, clock)
    page = client.page(url)
    assert page.h1 == "Confirm hours"
    assert "1 student has sent 2 visits." in page.text
    assert "Wed 14 Oct 2026, 1pm to 4pm" in page.text
    page = client.submit(page.form("Confirm 6 hours"))
    assert "You confirmed 6 hours." in page.text
    assert "Nothing waits for you" in page.text
    assert page.rows == [["Amina Rahman", "6 h", "0 h", "45 h"]]
    assert states(database) == ["confirmed", "confirmed"]
    assert kinds(database) == [("confirmed", "by mail link"), ("confirmed", "by mail link")]


def test_opening_the_link_any_number_of_times_does_nothing(
    database: Flask, client: PageClient, clock: Clock, people: Cast
) -> None:
    url = link_url(database, clock)
    for _ in range(5):
        client.page(url)
        client.head(url)
    assert states(database) == ["submitted", "submitted"]
    assert client.page(url).form("Confirm 6 hours")


def test_the_same_post_again_finds_it_done(database: Flask, client: PageClient, clock: Clock, people: Cast) -> None:
    form = client.page(link_url(database, clock)).form("Confirm 6 hours")
    client.submit(form)
    assert client.submit(form).status == 200
    assert kinds(database) == [("confirmed", "by mail link")] * 2


def test_ticking_one_lets_the_button_say_so_before_anything_happens(
    database: Flask, client: PageClient, clock: Clock, people: Cast
) -> None:
    url, (first, _) = link_url(database, clock), entry_ids(database)
    word = {f"ask_{first}": True, f"word_{first}": "Was it not Thursday?"}
    page = client.submit(client.page(url).form("Confirm 6 hours"), word)
    assert "Look once more, please." in page.text
    assert states(database) == ["submitted", "submitted"]
    page = client.submit(page.form("Confirm 3 hours and ask about 1 visit"))
    assert "You confirmed 3 hours. You asked about 1 visit, and the student is told." in page.text
    assert "You asked: Was it not Thursday?" in page.text
    assert states(database) == ["queried", "confirmed"]
    with database.app_context():
        told = db.session.scalars(select(Notification).where(Notification.notice == "confirming.answers")).one()
        assert told.recipient_id == people.student.person_id


def test_a_tick_needs_its_word(database: Flask, client: PageClient, clock: Clock, people: Cast) -> None:
    url, (first, _) = link_url(database, clock), entry_ids(database)
    page = client.submit(client.page(url).form("Confirm 6 hours"), {f"ask_{first}": True})
    assert page.errors == ["Write what they should look at"]
    assert states(database) == ["submitted", "submitted"]


def test_a_visit_that_changed_since_the_page_was_opened_is_shown_again_first(
    database: Flask, client: PageClient, clock: Clock, people: Cast
) -> None:
    form = client.page(link_url(database, clock)).form("Confirm 6 hours")
    with database.app_context():
        entry = db.session.scalars(select(Entry).order_by(Entry.id)).first()
        words = {"mode": entry.mode, "activity": "Something else that took as long."}
        actions.edit(entry, entry.visit, **words, actor=known(people)["student"], now=WEEK)
        db.session.commit()
    page = client.submit(form)
    assert "Look once more, please." in page.text
    assert "Something else that took as long." in page.text
    assert states(database) == ["submitted", "submitted"]


def test_a_visit_sent_meanwhile_is_not_confirmed_unseen(
    database: Flask, client: PageClient, clock: Clock, people: Cast
) -> None:
    form = client.page(link_url(database, clock)).form("Confirm 6 hours")
    with database.app_context():
        logged(people_here(people), 2, now=WEEK)
        db.session.commit()
    page = client.submit(form)
    assert states(database) == ["submitted"] * 3
    client.submit(page.form("Confirm 9 hours"))
    assert states(database) == ["confirmed"] * 3


def people_here(people: Cast) -> Cast:
    """The cast with its placement in the session that is open now."""
    people.placement = db.session.merge(people.placement)
    return people


def test_what_was_queried_can_be_settled_between_the_two(
    database: Flask, client: PageClient, clock: Clock, people: Cast
) -> None:
    url, (first, second) = link_url(database, clock), entry_ids(database)
    form = client.page(url).form("Confirm 6 hours")
    ticked = {f"ask_{each}": True for each in (first, second)} | {f"word_{each}": "Why?" for each in (first, second)}
    page = client.submit(client.submit(form, ticked).form("Ask about 2 visits"))
    settle = next(form for form in page.forms if form.values.get("settle") == [str(first)])
    assert "You confirmed 3 hours." in client.submit(settle).text
    assert states(database) == ["confirmed", "queried"]
    client.submit(settle)
    assert kinds(database).count(("confirmed", "by mail link")) == 1


def test_a_queried_visit_sent_again_waits_again_behind_the_same_link(
    database: Flask, client: PageClient, clock: Clock, people: Cast
) -> None:
    url, (first, _) = link_url(database, clock), entry_ids(database)
    page = client.submit(client.page(url).form("Confirm 6 hours"), {f"ask_{first}": True, f"word_{first}": "Why?"})
    client.submit(page.form("Confirm 3 hours and ask about 1 visit"))
    student = PageClient(database)
    student.sign_in_as(people.student)
    log = student.page(people.url)
    edit = student.page(student.page(log.link("Wed 14 Oct 2026, 1pm to 4pm")).link("Answer and send again"))
    assert "Sam Super asks: Why?" in edit.text
    student.submit(edit.form("Send again"))
    page = client.page(url)
    assert "You asked: Why? Amina has looked at it and sent it again." in page.text
    client.submit(page.form("Confirm 3 hours"))
    assert states(database) == ["confirmed", "confirmed"]


def test_a_link_that_has_run_out_explains_itself_and_mails_another(
    database: Flask, client: PageClient, clock: Clock, people: Cast
) -> None:
    url = link_url(database, clock)
    form = client.page(url).form("Confirm 6 hours")
    clock.now = WEEK + timedelta(days=21)
    page = client.submit(form)
    assert page.h1 == "This link has run out"
    assert states(database) == ["submitted", "submitted"]
    for _ in range(2):
        page = client.submit(page.form("Email me a new link"))
    assert f"We have sent an email with a new link to {people.supervisor.person.email}." in page.text
    with database.app_context():
        links = db.session.scalars(select(Link).order_by(Link.id)).all()
        assert [link.is_open(clock.now) for link in links] == [False, True]
        assert len(db.session.scalars(select(Notification).where(Notification.about_id == links[1].id)).all()) == 1
        fresh = f"/confirm/{token(links[1])}"
    client.submit(client.page(fresh).form("Confirm 6 hours"))
    assert "Nothing waits for you at the moment." in client.page(url).text


def test_no_other_token_opens_it(client: PageClient, people: Cast) -> None:
    client.page("/confirm/1.made-up", status=404)


def test_signed_in_the_same_page_waits_and_the_ledger_says_how(
    database: Flask, client: PageClient, people: Cast
) -> None:
    client.sign_in_as(people.supervisor)
    page = client.page(client.get("/confirm").location)
    client.submit(page.form("Confirm 6 hours"))
    assert kinds(database) == [("confirmed", "signed in")] * 2


def test_reflections_show_only_where_they_are_shared(database: Flask, client: PageClient, people: Cast) -> None:
    with database.app_context():
        logged(people_here(people), 2, reflection="A private thought.")
        logged(people, 3, reflection="A shared thought.", is_reflection_shared=True)
        db.session.commit()
    client.sign_in_as(people.supervisor)
    text = client.page("/confirm/hours").text
    assert "Amina shares a reflection: A shared thought." in text
    assert "A private thought." not in text


def test_nobody_confirms_for_another_supervisor_or_for_themselves(session: Any) -> None:
    people, others = cast(), cast()
    entry = logged(people)
    for actor in (known(others)["supervisor"], known(people)["student"], known(people)["tutor"]):
        with pytest.raises(NotAllowed):
            confirming.answer({entry.id: 1}, {}, how=How.ACCOUNT, actor=actor, now=NOW)
    people.placement.supervisor = people.student.person
    session.flush()
    with pytest.raises(NotAllowed):
        confirming.answer({entry.id: 1}, {}, how=How.ACCOUNT, actor=known(people)["student"], now=NOW)
    assert entry.state is EntryState.SUBMITTED


def test_supervisors_are_asked_once_a_week_about_all_that_waits(session: Any) -> None:
    people = cast()
    logged(people)
    sunday, monday = WEEK - timedelta(hours=1), WEEK
    assert confirming.ask_supervisors(now=sunday) == 0  # an hour too early; and what came in today is for next week
    assert confirming.ask_supervisors(now=monday) == 1
    assert confirming.ask_supervisors(now=monday + timedelta(days=6)) == 0
    assert confirming.ask_supervisors(now=monday + timedelta(days=7)) == 0  # reminders see to what is old
    logged(people, 1, now=monday + timedelta(days=1))
    assert confirming.ask_supervisors(now=monday + timedelta(days=2)) == 0
    assert confirming.ask_supervisors(now=monday + timedelta(days=7)) == 1
    links = session.scalars(select(Link).order_by(Link.id)).all()
    assert [(link.created_at, link.expires_at) for link in links] == [
        (monday, monday + timedelta(days=21)),
        (monday + timedelta(days=7), monday + timedelta(days=28)),
    ]


def test_a_page_for_many_students_takes_as_many_queries_as_for_one(database: Flask, client: PageClient) -> None:
    client.page("/help")
    counts = []
    for students in (1, 3):
        with database.app_context():
            people = cast()
            for _ in range(students - 1):
                make.entry(make.placement(at=people.placement.challenge, supervisor=people.supervisor.person))
            make.entry(people.placement)
            people = committed(people)
        client.sign_in_as(people.supervisor)
        counts.append(queries_of(client, "/confirm/hours"))
    assert counts == [9, 9]


def test_totals_count_what_was_confirmed(session: Any) -> None:
    people = cast()
    entry = logged(people)
    logged(people, 1, 2)
    confirming.answer({entry.id: 1}, {}, how=How.LINK, actor=known(people)["supervisor"], now=NOW)
    totals = hours_of([people.placement.id])[people.placement.id]
    assert (totals.confirmed, totals.waiting, totals.to_go) == (180, 120, 2400)


def test_an_early_end_before_a_confirmed_visit_leaves_its_hours_to_the_student(session: Any) -> None:
    people = cast()
    who = known(people)
    early, confirmed, waiting = logged(people, -2), logged(people), logged(people, 1, 2)
    seen = {early.id: 1, confirmed.id: 1}
    confirming.answer(seen, {}, how=How.LINK, actor=who["supervisor"], now=NOW)
    by = {"by": EndedBy.ORGANISATION, "reason": "No time.", "needs_another": True}
    endings.end_early(people.placement, last_on=date(2026, 10, 12), **by, actor=who["tutor"], now=NOW)
    totals = hours_of([people.placement.id])[people.placement.id]
    assert (totals.confirmed, totals.waiting, totals.not_counted) == (360, 0, 120)
    confirming.answer({waiting.id: 1}, {}, how=How.LINK, actor=who["supervisor"], now=NOW)
    assert hours_of([people.placement.id])[people.placement.id].confirmed == 480
    after = logged(people, 6, now=NOW + timedelta(days=2))  # nobody took it to go on any more
    confirming.answer({after.id: 1}, {}, how=How.LINK, actor=who["supervisor"], now=NOW + timedelta(days=2))
    assert hours_of([people.placement.id])[people.placement.id].confirmed == 480


def test_a_long_list_is_answered_twenty_visits_at_a_time(database: Flask, client: PageClient) -> None:
    with database.app_context():
        people = cast()
        for day in range(21):
            make.entry(people.placement, on=date(2026, 9, 20) + timedelta(days=day))
        people = committed(people)
    client.sign_in_as(people.supervisor)
    page = client.page("/confirm/hours")
    assert "1 more visit follows once you have answered these." in page.text
    page = client.submit(page.form("Confirm 70 hours"))
    assert states(database).count("confirmed") == 20
    client.submit(page.form("Confirm 3 hours 30 minutes"))
    assert states(database).count("confirmed") == 21
