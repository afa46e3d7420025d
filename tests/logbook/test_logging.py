"""A student logs visits: what is kept, what is refused and where, what counts, and what a change reopens."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.confirming import actions as confirming
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.logbook import actions
from placements.logbook.hours import hours_of
from placements.logbook.ledger import Totals
from placements.logbook.models import Entry, How, LedgerEvent
from placements.logbook.rules import Visit
from placements.logbook.workflow import EntryState
from placements.mail.models import Notification
from placements.reading import actions as reading
from tests import factories as make
from tests.client import PageClient
from tests.factories import NOW
from tests.logbook.cast import WEDNESDAY, Cast, cast, committed, known, logged, queries_of
from tests.page import Page

VISIT = {"on": ["14", "10", "2026"], "starts": "1pm", "ends": "17:00", "break_minutes": "30", "mode": "on_site"}
WORDS = {"activity": "Counted the stock with two volunteers.", "reflection": "Much is in one head."}


@pytest.fixture
def people(database: Flask, client: PageClient) -> Cast:
    """Committed, and the student signed in."""
    with database.app_context():
        made = committed(cast())
    client.sign_in_as(made.student)
    return made


def entries() -> list[tuple[str, int]]:
    return [(each.state.value, each.minutes) for each in db.session.scalars(select(Entry).order_by(Entry.id))]


def send(client: PageClient, people: Cast, button: str = "Send to be confirmed", **changes: Any) -> Page:
    form = client.page(f"{people.url}/new").form("Send to be confirmed")
    return client.submit(form, {**VISIT, **WORDS, **changes}, button=button)


def test_the_form_starts_with_today_and_where_the_challenge_is_worked_on(client: PageClient, people: Cast) -> None:
    values = client.page(f"{people.url}/new").form("Send to be confirmed").values
    assert (values["on"], values["mode"], values["break_minutes"]) == (["20", "10", "2026"], ["on_site"], ["0"])
    assert values["is_reflection_shared"] == []


def test_a_visit_is_sent_and_waits(client: PageClient, people: Cast) -> None:
    page = send(client, people)
    assert "Sent. Sam Super will be asked to confirm it." in page.text
    assert "Wed 14 Oct 2026, 1pm to 5pm" in page.text
    assert "Waiting 3 h 30 min" in page.text
    with client.application.app_context():
        assert entries() == [("submitted", 210)]


def test_the_header_leads_straight_to_the_log(client: PageClient, people: Cast) -> None:
    home = client.page(people.url)
    assert client.get(home.link("Log hours")).location == people.url


def test_a_draft_is_nobody_elses_and_can_be_sent_later(client: PageClient, people: Cast) -> None:
    page = send(client, people, "Save as a draft")
    assert "Nobody else sees it until you send it." in page.text
    edit = client.page(page.link("Wed 14 Oct 2026, 1pm to 5pm"))
    client.sign_in_as(people.tutor)
    assert "Counted the stock" not in client.page(f"{people.url}/read").text
    client.page(edit.url.removesuffix("/edit"), status=404)
    client.sign_in_as(people.student)
    client.submit(client.page(edit.url).form("Send to be confirmed"), ends="16:00")
    with client.application.app_context():
        assert entries() == [("submitted", 150)]
        assert [each.minutes for each in db.session.scalars(select(LedgerEvent))] == [150]


def test_a_form_sent_twice_is_one_visit(client: PageClient, people: Cast) -> None:
    form = client.page(f"{people.url}/new").form("Send to be confirmed")
    for _ in range(2):
        client.submit(form, {**VISIT, **WORDS}, button="Send to be confirmed")
    with client.application.app_context():
        assert entries() == [("submitted", 210)]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"on": ["21", "10", "2026"]}, "Enter a day that has already come. You can log a visit once it is over."),
        ({"on": ["1", "1", "0001"]}, "Enter the day of your visit, with its year: 2001 is more than a year ago."),
        ({"on": ["31", "2", "2026"]}, "Enter a real date as day, month and year, like 14 10 2026"),
        (
            {"ends": "12:59"},
            "Enter the time you finished: it comes after 1pm. "
            "If it was after midnight, say that you finished the next day.",
        ),
        ({"break_minutes": "240"}, "Enter a break that is shorter than the visit, in minutes."),
        ({"starts": ""}, "Enter the time you started"),
        ({"activity": " "}, "Write a line or two about what you did"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_with_everything_kept(
    client: PageClient, people: Cast, changes: dict[str, Any], sentence: str
) -> None:
    page = send(client, people, **changes)
    assert page.errors == [sentence]
    assert page.status == 422
    assert page.form("Send to be confirmed").values["reflection"] == ["Much is in one head."]
    with client.application.app_context():
        assert entries() == []


def test_a_visit_may_cross_midnight(client: PageClient, people: Cast) -> None:
    page = send(client, people, starts="22:00", ends="2am", ends_next_day=True, break_minutes="0")
    assert "10pm to 2am the next day" in page.text
    with client.application.app_context():
        assert entries() == [("submitted", 240)]


def test_an_overlap_is_refused_on_whatever_placement(session: Any) -> None:
    people = cast()
    logged(people)
    second = make.placement(make.enrolment(make.group(), people.student.person))
    visit = Visit(WEDNESDAY, time(15, 59), time(18))
    words = {"form_key": "", "mode": "on_site", "activity": "Elsewhere.", "actor": known(people)["student"]}
    with pytest.raises(Refused) as refusal:
        actions.log(second, visit, **words, now=NOW)
    assert refusal.value.field == "starts"
    assert refusal.value.sentence == (
        "You have already logged Wed 14 Oct 2026, 1pm to 4pm. Enter times that do not overlap it, or change that entry."
    )
    actions.log(second, Visit(WEDNESDAY, time(16), time(18)), **words, now=NOW)


def test_hours_before_the_agreement_are_kept_not_counted_and_the_tutor_hears_of_them(
    database: Flask, client: PageClient
) -> None:
    with database.app_context():
        people = committed(cast(is_agreed=False))
    client.sign_in_as(people.student)
    assert "Hours do not count yet." in client.page(f"{people.url}/new").text
    page = send(client, people)
    assert (
        "Your visit is kept, but 3 hours 30 minutes of it do not count: "
        "This was before the Challenge Agreement was in force. Your tutor has been told." in page.text
    )
    assert "Not counted" in page.text
    with database.app_context():
        told = db.session.scalars(select(Notification)).all()
        assert [(each.notice, each.recipient_id) for each in told] == [("logbook.not_counted", people.tutor.person_id)]
        assert hours_of([people.placement.id])[people.placement.id] == Totals(0, 0, 0, 210, to_go=2700)


def test_hours_past_the_ceiling_also_tell_the_module_leader(session: Any) -> None:
    people = cast()
    people.run.minutes_minimum, people.run.minutes_target, people.run.minutes_ceiling = 120, 180, 240
    logged(people, 0, 3)
    logged(people, 1, 3)
    told = session.scalars(select(Notification.recipient_id).where(Notification.notice == "logbook.not_counted"))
    assert set(told) == {people.tutor.person_id, people.leader.person_id}
    assert hours_of([people.placement.id])[people.placement.id] == Totals(0, 240, 0, 120, to_go=0)


@pytest.mark.parametrize("how", ["paused", "ended"])
def test_hours_in_a_pause_or_after_the_end_are_not_counted(session: Any, how: str) -> None:
    people = cast(ended_on=WEDNESDAY) if how == "ended" else cast()
    if how == "paused":
        make.pause(people.placement, from_at=NOW - timedelta(days=5, hours=8))
    logged(people, 0)
    logged(people, 1)
    assert hours_of([people.placement.id])[people.placement.id] == Totals(0, 180, 0, 180, to_go=2520)


def confirmed(people: Cast) -> Entry:
    entry = logged(people)
    confirming.answer({entry.id: 1}, {}, how=How.LINK, actor=known(people)["supervisor"], now=NOW)
    assert entry.state is EntryState.CONFIRMED
    return entry


def change(people: Cast, entry: Entry, visit: Visit | None = None, **words: Any) -> None:
    words = {"mode": entry.mode, "activity": entry.activity, **words}
    actions.edit(entry, visit or entry.visit, **words, actor=Principal(people.student.person_id), now=NOW)


def test_a_changed_confirmed_visit_waits_again_alone_and_the_old_line_stays(session: Any) -> None:
    people = cast()
    entry, other = confirmed(people), logged(people, 1)
    change(people, entry, Visit(WEDNESDAY, time(13), time(14)))
    assert (entry.state, entry.version, entry.minutes) == (EntryState.SUBMITTED, 2, 60)
    session.refresh(entry, ["events"])
    lines = [(each.kind.value, each.entry_version, each.minutes) for each in entry.events]
    assert lines == [("submitted", 1, 180), ("confirmed", 1, 180), ("reopened", 2, 60)]
    assert (other.state, other.version) == (EntryState.SUBMITTED, 1)
    assert hours_of([people.placement.id])[people.placement.id] == Totals(0, 240, 0, 0, to_go=2460)


def test_a_reflection_can_be_added_without_reopening_what_was_confirmed(session: Any) -> None:
    people = cast()
    entry = confirmed(people)
    change(people, entry, reflection="Now I see why.", is_reflection_shared=True)
    assert (entry.state, entry.version, entry.reflection) == (EntryState.CONFIRMED, 1, "Now I see why.")


def test_what_the_tutor_decided_stays_but_its_reflection_may_change(session: Any) -> None:
    people = cast()
    entry = logged(people)
    reading.decide(entry, False, "The rota says otherwise.", actor=known(people)["tutor"], now=NOW)
    change(people, entry, reflection="I was wrong about the day.")
    with pytest.raises(Refused, match="Your tutor decided about this visit"):
        change(people, entry, Visit(WEDNESDAY, time(13), time(14)))
    assert entry.state is EntryState.NOT_COUNTED


def test_the_form_of_a_confirmed_visit_warns_and_lines_that_only_end_differently_change_nothing(
    database: Flask, client: PageClient
) -> None:
    with database.app_context():
        people = cast()
        entry = logged(people, activity="One line.\nAnother.")
        confirming.answer({entry.id: 1}, {}, how=How.LINK, actor=known(people)["supervisor"], now=NOW)
        url = f"/log/{entry.public_id}/edit"
        people = committed(people)
    client.sign_in_as(people.student)
    page = client.page(url)
    assert "3 h wait to be confirmed again" in page.text
    client.submit(page.form("Save changes"), reflection="Later thoughts.")
    with database.app_context():
        assert entries() == [("confirmed", 180)]


def test_a_discarded_visit_is_gone_from_the_pages_and_stays_on_the_ledger(client: PageClient, people: Cast) -> None:
    page = send(client, people)
    entry = client.page(page.link("Wed 14 Oct 2026, 1pm to 5pm"))
    edit = client.page(entry.link("Change this visit"))
    page = client.submit(edit.form("Discard this visit"))
    assert "Nothing is logged yet" in page.text
    client.page(edit.url, status=404)
    with client.application.app_context():
        kinds = [each.kind.value for each in db.session.scalars(select(LedgerEvent))]
        assert kinds == ["submitted", "removed"]
    assert send(client, people).status == 200  # its time is free again


def test_another_students_log_does_not_exist(client: PageClient, people: Cast, database: Flask) -> None:
    with database.app_context():
        other = committed(cast())
    client.page(other.url, status=404)
    client.page(f"{other.url}/new", status=404)


def test_a_log_takes_as_many_queries_for_one_visit_as_for_three(database: Flask, client: PageClient) -> None:
    client.page("/help")  # the first page of all also asks whether this is a demonstration
    counts = []
    for visits in (1, 3):
        with database.app_context():
            people = cast()
            for day in range(visits):
                make.entry(people.placement, on=date(2026, 10, 6 + day))
            people = committed(people)
        client.sign_in_as(people.student)
        counts.append(queries_of(client, people.url))
    assert counts == [9, 9]
