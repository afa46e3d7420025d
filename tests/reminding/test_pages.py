"""Staff read what we write; a leader says it the run's own way; a day is seen ahead by who may see it."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from placements.accounts.models import GlobalRole
from placements.core.clock import today
from placements.db import db
from placements.mail.models import OwnNotice
from placements.reminding.foreseeing import foresee_due
from placements.reminding.models import Forecast, ForecastLine
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.cohorts.people import Cohort, cohort
from tests.databases import seeding
from tests.factories import NOW

DAY = timedelta(days=1)
NAME = "offers.unanswered"
SAVE = "Save for this run"


@pytest.fixture
def made(database: Flask, clock: Any) -> Cohort:
    with seeding(database):
        return cohort()


@pytest.fixture
def url(made: Cohort) -> str:
    return f"/runs/{made.run.public_id}/notices/{NAME}"


def kept(app: Flask) -> list[tuple[bool, str | None, str | None, str | None]]:
    with app.app_context():
        return [(each.is_off, each.steps, each.subject, each.words) for each in db.session.query(OwnNotice)]


def test_every_notice_is_listed_with_who_gets_it_why_and_what_stops_it(
    made: Cohort, client: PageClient, database: Flask
):
    client.sign_in_as(made.leader)
    names = [each.name for each in database.extensions["placements.notices"].values()]
    first = client.page("/notices").text
    assert "Every mail that Placements sends by itself" in first
    assert f"of {len(names)}" in first
    for name in names:
        page = client.page(f"/notices/{name}").text
        assert all(part in page for part in ("Who gets it", "Why", "What stops it", "How soon"))


def test_a_notice_is_shown_as_it_reads(made: Cohort, client: PageClient):
    client.sign_in_as(made.leader)
    page = client.page(f"/notices/{NAME}").text
    assert "You have not yet said whether you take the place in “…” with …." in page
    assert "[See your offer]" in page
    assert "3 and 1 days before" in page


def test_a_leader_says_a_thing_at_other_times_and_in_other_words(made, url, client: PageClient, database: Flask):
    client.sign_in_as(made.leader)
    page = client.page(url)
    words = "Dear {given_name},\n\nplease answer."
    client.submit(page.form(SAVE), {"steps": "-5, -1", "subject": "Your offer", "words": words}, button=SAVE)
    assert kept(database) == [(False, "-5 -1", "Your offer", words)]
    again = client.page(url).text
    assert "5 and 1 days before" in again
    assert "Dear {given_name}," in again
    listed = client.page(f"/runs/{made.run.public_id}/notices").text
    assert "Own way" in listed


def test_a_notice_is_found_by_its_words_and_by_what_a_run_changed(made, url, client: PageClient, database: Flask):
    client.sign_in_as(made.leader)
    mine = f"/runs/{made.run.public_id}/notices"

    def titles(address: str) -> list[str]:
        return [row[0] for row in client.page(address).rows]

    assert titles("/notices?q=offer+WAITS") == ["An offer waits for an answer", "A student’s offer waits for an answer"]
    assert titles("/notices?q=moment+offer&show=reminders") == titles("/notices?q=offer+waits")
    assert "An offer is taken back" in titles(mine + "?q=offer")
    assert "An offer is taken back" not in titles(mine + "?q=offer&show=reminders")
    assert "Nothing fits all of that" in client.page(mine + "?show=own").text
    client.submit(client.page(url).form(SAVE), {"subject": "Your offer"}, button=SAVE)
    assert titles(mine + "?show=own") == ["An offer waits for an answer"]
    assert client.page(mine + "?q=zebra").rows == []


def test_the_page_says_how_the_run_says_it_and_which_words_of_ours_it_may_replace(made, url, client: PageClient):
    client.sign_in_as(made.leader)
    page = client.page(url)
    assert "This run says it as usual." in page.text
    ours = page.text.partition("Our words, which yours take the place of")[2].partition(SAVE)[0]
    assert "You have not yet said whether you take the place in “…” with …." in ours
    assert "[See your offer]" not in ours
    shown = client.submit(page.form(SAVE), {"words": "Tell us."}, button="See how it reads first")
    assert "Nothing is saved yet" in shown.text
    client.submit(shown.form(SAVE), {"is_sent": "no"}, button=SAVE)
    assert "This run does not send it to anybody." in client.page(url).text


@pytest.mark.parametrize(
    ("name", "when", "asked"),
    [
        ("clearing.nothing_chosen", "On the day of the closing of choices", ("in days", "0 the very day")),
        ("proposals.last_call", "3 working days before the closing of choices", ("in working days", "0 the very day")),
        ("assessment.draft_waits", "3 hours before the student’s own deadline", ("in hours", "0 the very moment")),
    ],
)
def test_what_the_steps_are_counted_in_is_said_where_they_are_listed_and_changed(
    made, client: PageClient, name: str, when: str, asked: tuple[str, str]
):
    client.sign_in_as(made.leader)
    address = f"/runs/{made.run.public_id}/notices"
    listed = [row for number in (1, 2, 3, 4) for row in client.page(f"{address}?page={number}").rows]
    title = client.page(f"{address}/{name}").h1
    assert [row[2] for row in listed if row[0] == title] == [when]
    page = client.page(f"{address}/{name}").text
    counted, zero = asked
    assert f"When: {counted}, counted from" in page
    assert zero in page


def test_how_it_would_read_is_shown_before_anything_is_saved(made, url, client: PageClient, database: Flask):
    client.sign_in_as(made.leader)
    page = client.page(url)
    shown = client.submit(page.form(SAVE), {"words": "Tell us, {given_name}."}, button="See how it reads first")
    assert "Tell us, {given_name}." in shown.text
    assert kept(database) == []


def test_what_is_not_known_in_braces_and_odd_steps_are_said_at_the_field(
    made, url, client: PageClient, database: Flask
):
    client.sign_in_as(made.leader)
    for typed, said in (
        ({"words": "Dear {surname}"}, "Nothing is called {surname} here"),
        ({"subject": "For {who}"}, "Nothing is called {who} here"),
        ({"steps": "soon"}, "Enter whole numbers with commas between them"),
        ({"steps": "1 2 3 4 5 6 7"}, "Enter at most 6 of them"),
        ({"steps": "-999"}, "Enter numbers from −180 to 180"),
    ):
        shown = client.submit(client.page(url).form(SAVE), typed, button=SAVE)
        assert said in shown.text
    assert kept(database) == []


def test_it_is_said_as_usual_again(made, url, client: PageClient, database: Flask):
    client.sign_in_as(made.leader)
    client.submit(client.page(url).form(SAVE), {"is_sent": "no"}, button=SAVE)
    assert kept(database) == [(True, None, None, None)]
    assert "Not sent" in client.page(f"/runs/{made.run.public_id}/notices").text
    page = client.page(url)
    client.submit(page.form("Say it as usual again"))
    assert kept(database) == [(False, None, None, None)]
    assert "Not sent" not in client.page(f"/runs/{made.run.public_id}/notices").text


def test_two_leaders_lose_neither_text(made, url, client: PageClient, database: Flask):
    client.sign_in_as(made.leader)
    page = client.page(url)
    with database.app_context():
        db.session.add(OwnNotice(run_id=made.run.id, notice=NAME, words="The other one’s words."))
        db.session.commit()
    shown = client.submit(page.form(SAVE), {"words": "Mine."}, button=SAVE)
    assert "Somebody changed this while you wrote" in shown.text
    assert "Mine." in shown.text
    assert [row[3] for row in kept(database)] == ["The other one’s words."]


def test_only_reminders_may_be_left_out(made, client: PageClient, database: Flask):
    client.sign_in_as(made.leader)
    told = {each.notice.name for each in database.extensions["placements.reminders"]}
    with_run = {name: each for name, each in database.extensions["placements.notices"].items() if each.run}
    once = next(name for name in with_run if name not in told)
    assert "Is it sent?" not in client.page(f"/runs/{made.run.public_id}/notices/{once}").text
    assert "Is it sent?" in client.page(f"/runs/{made.run.public_id}/notices/{NAME}").text


def line(recipient: Any, notice: str, about_id: int = 1) -> dict[str, Any]:
    moment = (NOW + DAY).isoformat()
    return {
        "at": moment,
        "message": 1,
        "recipient_id": recipient.id,
        "notice": notice,
        "about_id": about_id,
        "due_at": moment,
    }


def looked_ahead(app: Flask, lines: list[dict[str, Any]]) -> date:
    """Somebody asked for tomorrow, and the worker has worked it out so."""
    day = today(NOW) + DAY
    with app.app_context():
        db.session.add(Forecast(on=day, asked_at=NOW, is_asked=True))
        db.session.commit()
        assert foresee_due(NOW, lambda asked: lines if asked == day else []) == 1
        db.session.remove()
    return day


def test_a_day_is_asked_for_worked_out_and_read(made, client: PageClient, database: Flask):
    client.sign_in_as(made.leader)
    page = client.page("/mail-ahead")
    assert "Nobody has looked ahead to this day yet" in page.text
    client.submit(page.form(), button="Look ahead")
    day = today(NOW) + DAY
    assert "This is being worked out" in client.page(f"/mail-ahead?day={day}").text
    with seeding(database):
        student = make.enrolment(db.session.merge(made.a), make.person(given_name="Amina", family_name="Khan")).person
    with database.app_context():
        foresee_due(NOW, lambda _: [line(student, NAME)])
        db.session.remove()
    shown = client.page(f"/mail-ahead?day={day}").text
    assert "Amina Khan" in shown
    assert "It would stop once the offer is answered" in shown


def test_who_may_not_see_somebodys_mail_does_not_see_it_coming(made, client: PageClient, database: Flask):
    with seeding(database):
        mine = make.enrolment(db.session.merge(made.a), make.person(given_name="Amina", family_name="Khan")).person
        other = make.enrolment(None, make.person(given_name="Ben", family_name="Cole")).person
    private = next(each.name for each in database.extensions["placements.notices"].values() if each.private)
    lines = [line(mine, NAME), line(other, NAME), line(mine, private, 2)]
    day = looked_ahead(database, lines)
    client.sign_in_as(made.leader)
    shown = client.page(f"/mail-ahead?day={day}").text
    assert shown.count("Amina Khan") == 1  # and nothing of what is private
    assert "Ben Cole" not in shown


def test_a_day_names_each_thing_once_with_all_who_are_told(made: Cohort, client: PageClient, database: Flask):
    with seeding(database):
        told = [make.person(given_name=each, family_name="Khan") for each in ("Amina", "Bilal", "Chen")]
        people = [make.enrolment(db.session.merge(made.a), each).person for each in told]
    other = "offers.accepted"
    lines = [line(people[0], NAME), line(people[1], other), line(people[2], NAME)]
    day = looked_ahead(database, lines)
    client.sign_in_as(made.leader)
    shown = client.page(f"/mail-ahead?day={day}").text
    assert shown.count("An offer waits for an answer") == 1
    offered = shown.partition("An offer waits for an answer")[2]
    assert offered.partition("It would stop once")[2].partition(".")[2].split()[:4] == ["Amina", "Khan", "Chen", "Khan"]
    assert "It is sent once. Bilal Khan" in shown


def test_engagement_sees_mail_coming_to_contacts_but_not_to_students_who_also_work_somewhere(
    made: Cohort, client: PageClient, database: Flask
):
    with seeding(database):
        officer = make.account(make.person(), GlobalRole.ENGAGEMENT)
        contact = make.contact(who=make.person(given_name="Con", family_name="Tact")).person
        both = make.enrolment(db.session.merge(made.a), make.person(given_name="Amina", family_name="Khan")).person
        make.contact(who=both)
    day = looked_ahead(database, [line(contact, NAME), line(both, NAME, 2)])
    client.sign_in_as(officer)
    shown = client.page(f"/mail-ahead?day={day}").text
    assert "Con Tact" in shown
    assert "Amina Khan" not in shown


def test_what_could_not_be_worked_out_is_said_and_days_that_are_over_are_forgotten(made, client, database: Flask):
    day = today(NOW) + DAY
    with database.app_context():
        db.session.add_all(
            [Forecast(on=day, asked_at=NOW), Forecast(on=today(NOW) - 9 * DAY, asked_at=NOW, is_asked=False)]
        )
        db.session.commit()

        def fails(_day: date) -> Any:
            raise RuntimeError("no disk")

        foresee_due(NOW, fails)
        assert [(each.on, each.problem) for each in db.session.query(Forecast)] == [(day, "no disk")]
        db.session.remove()
    client.sign_in_as(made.leader)
    assert "It could not be worked out" in client.page(f"/mail-ahead?day={day}").text


@pytest.mark.parametrize("typed", [("1", "1", "2020"), ("1", "1", "2099"), ("31", "2", "2026")])
def test_a_day_that_cannot_be_looked_at_is_said(made, client: PageClient, typed: tuple[str, str, str]):
    client.sign_in_as(made.leader)
    page = client.page("/mail-ahead?day=nonsense")
    client.submit(page.form(), {"day": [*typed]}, button="Look ahead")


def test_the_list_asks_the_same_number_of_queries_for_one_and_for_many(made, client: PageClient, database: Flask):
    with seeding(database):
        people = [make.enrolment(db.session.merge(made.a)).person for _ in range(3)]
    client.sign_in_as(made.leader)
    asked = []
    for number in (1, 3):
        day = looked_ahead(database, [line(each, NAME) for each in people[:number]])
        client.page(f"/mail-ahead?day={day}")
        with counting_queries() as count:
            client.page(f"/mail-ahead?day={day}")
        asked.append(count.count)
        with database.app_context():
            db.session.query(ForecastLine).delete()
            db.session.query(Forecast).delete()
            db.session.commit()
    assert asked[0] == asked[1]
