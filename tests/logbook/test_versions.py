"""What a visit said before it was changed is kept, every time; which objective it is about; what is typed and not sent."""

import json
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.agreements.workflow import AgreementState
from placements.confirming import actions as confirming
from placements.core.errors import Refused
from placements.db import db
from placements.logbook import actions
from placements.logbook.models import Entry, EntryDraft, EntryVersion, How
from placements.logbook.rules import Visit
from tests import factories as make
from tests.client import PageClient
from tests.factories import NOW
from tests.logbook.cast import WEDNESDAY, Cast, cast, committed, known, logged
from tests.logbook.test_logging import VISIT, WORDS, change


def versions(session: Any) -> list[tuple[int, str, str, int]]:
    kept = session.scalars(select(EntryVersion).order_by(EntryVersion.entry_id, EntryVersion.number))
    return [(each.number, each.activity, each.reflection, each.visit.minutes) for each in kept]


def test_each_change_of_what_was_sent_is_kept_and_no_change_is_not(session: Any) -> None:
    people = cast()
    entry = logged(people, activity="First.", reflection="Hm.")
    change(people, entry, reflection="Hm.")
    confirming.answer({entry.id: 1}, {}, how=How.LINK, actor=known(people)["supervisor"], now=NOW)
    change(people, entry, Visit(WEDNESDAY, time(13), time(14)), activity="Second.", reflection="Hm.")
    change(people, entry, reflection="Aha.")
    assert versions(session) == [
        (1, "First.", "Hm.", 180),
        (2, "Second.", "Hm.", 60),
        (3, "Second.", "Aha.", 60),
    ]


def test_a_draft_has_no_version_until_it_is_sent(session: Any) -> None:
    people = cast()
    entry = logged(people, activity="Half.", is_draft=True)
    change(people, entry, activity="Whole.", is_draft=True)
    assert versions(session) == []
    change(people, entry)
    assert versions(session) == [(1, "Whole.", "", 180)]


def test_student_and_tutor_see_what_it_said_and_a_module_leader_not_the_reflection(
    database: Flask, client: PageClient
) -> None:
    with database.app_context():
        people = cast()
        entry = logged(people, activity="I was there from one.", reflection="Secret thoughts.")
        change(people, entry, Visit(WEDNESDAY, time(14), time(16)), activity="From two.", reflection="Better thoughts.")
        url = f"/log/{entry.public_id}"
        committed(people)
    for somebody, sees_reflections in ((people.student, True), (people.tutor, True), (people.leader, False)):
        client.sign_in_as(somebody)
        text = client.page(url).text
        assert "Changed on Tue 20 Oct 2026, 9am – what it said before Wed 14 Oct 2026, 1pm to 4pm · 3 h" in text
        assert "I was there from one." in text
        assert ("Secret thoughts." in text) is sees_reflections


def agreed(people: Cast, *texts: str, **said: Any) -> list[int]:
    """An Agreement in force with these objectives; their keys."""
    return [each.id for each in make.agreement(people.placement, objectives=texts, **said).objectives]


def test_a_visit_may_name_an_objective_of_the_agreement_in_force(database: Flask, client: PageClient) -> None:
    with database.app_context():
        people = cast(is_agreed=False)
        agreed(people, "Of the old one", number=1, state=AgreementState.SUPERSEDED)
        _, second = agreed(people, "Find out what runs out", "Write it down", number=2)
        committed(people)
    client.sign_in_as(people.student)
    form = client.page(f"{people.url}/new").form("Send to be confirmed")
    assert len(form.offers("objective_id") or []) == 3  # none, and two
    page = client.submit(form, {**VISIT, **WORDS, "objective_id": str(second)}, button="Send to be confirmed")
    entry = client.page(page.link("Wed 14 Oct 2026, 1pm to 5pm"))
    assert "Objective Write it down" in entry.text
    again = client.page(f"{people.url}/new").form("Send to be confirmed")
    assert again.values["objective_id"] == [str(second)]  # as last time
    client.submit(client.page(entry.link("Change this visit")).form("Save changes"), objective_id="")
    with database.app_context():
        entries = db.session.scalars(select(Entry)).one()
        assert (entries.objective_id, entries.version, entries.state.value) == (None, 1, "submitted")
        assert [each.objective_id for each in db.session.scalars(select(EntryVersion))] == [second, None]


def test_where_the_agreement_lists_none_nothing_is_asked(database: Flask, client: PageClient) -> None:
    with database.app_context():
        people = cast(is_agreed=False)
        make.agreement(people.placement, objectives=[])
        committed(people)
    client.sign_in_as(people.student)
    assert "objective" not in client.page(f"{people.url}/new").text.lower()


def test_a_new_visit_begins_as_the_last_one_was(database: Flask, client: PageClient) -> None:
    with database.app_context():
        people = cast()
        make.entry(people.placement, on=date(2026, 10, 1), starts=time(9), ends=time(10))
        make.entry(
            people.placement, on=date(2026, 10, 8), starts=time(22), ends=time(2), break_minutes=15, mode="remote"
        )
        committed(people)
    client.sign_in_as(people.student)
    values = client.page(f"{people.url}/new").form("Send to be confirmed").values
    asked = ("on", "starts", "ends", "ends_next_day", "break_minutes", "mode", "activity")
    assert [values[name] for name in asked] == [
        ["20", "10", "2026"],
        ["22:00"],
        ["02:00"],
        ["y"],
        ["15"],
        ["remote"],
        [""],
    ]


@pytest.fixture
def people(database: Flask, client: PageClient) -> Cast:
    """Committed, and the student signed in."""
    with database.app_context():
        made = committed(cast())
    client.sign_in_as(made.student)
    return made


def autosave(client: PageClient, people: Cast, **said: str) -> Any:
    data = {"csrf_token": client.token(), "form_key": "key", **said}
    answer = client.post(f"{people.url}/draft", data=data, checked=False)
    return json.loads(answer.data) if answer.is_json else answer.status_code


def test_what_is_typed_is_kept_as_it_is_and_offered_until_it_is_sent(client: PageClient, people: Cast) -> None:
    assert autosave(client, people, activity="Half a", starts="quarter") == {"saved_at": "09:00", "is_sent": False}
    assert autosave(client, people, activity="Half a sent\0", starts="quarter to") == {
        "saved_at": "09:00",
        "is_sent": False,
    }
    assert "You began a visit on Tue 20 Oct 2026, 9am" in client.page(f"{people.url}/new").text
    form = client.page(client.page(f"{people.url}/new").link("Go on with it")).form("Send to be confirmed")
    assert (form.values["activity"], form.values["starts"]) == (["Half a sent"], ["quarter to"])
    client.submit(form, {**VISIT, "activity": "Whole."}, button="Send to be confirmed")
    assert autosave(client, people, activity="Late") == {"saved_at": "09:00", "is_sent": True}
    assert "Begun and not sent" not in client.page(people.url).text
    with client.application.app_context():
        assert [each.activity for each in db.session.scalars(select(Entry))] == ["Whole."]
        assert db.session.scalars(select(EntryDraft)).all() == []


def test_a_draft_that_was_saved_is_sent_by_the_same_form(client: PageClient, people: Cast) -> None:
    form = client.page(f"{people.url}/new").form("Send to be confirmed")
    for button in ("Save as a draft", "Send to be confirmed", "Send to be confirmed"):
        client.submit(form, {**VISIT, **WORDS}, button=button)
    with client.application.app_context():
        assert [each.state.value for each in db.session.scalars(select(Entry))] == ["submitted"]


def test_nobody_writes_into_anothers_draft_and_there_is_an_end_to_them(session: Any) -> None:
    mine, theirs = cast().placement, cast().placement
    actions.keep_draft(theirs, {"form_key": ["key"], "activity": ["Theirs."]}, now=NOW)
    for key in ("key", "", "k" * 41):
        with pytest.raises(Refused, match="Open this form again"):
            actions.keep_draft(mine, {"form_key": [key], "activity": ["Mine."]}, now=NOW)
    assert [each.typed["activity"] for each in session.scalars(select(EntryDraft))] == [["Theirs."]]
    for n in range(20):
        actions.keep_draft(mine, {"form_key": [f"mine-{n}"]}, now=NOW)
    actions.keep_draft(mine, {"form_key": ["mine-3"], "activity": ["Still open."]}, now=NOW)
    with pytest.raises(Refused, match="Throw away a visit"):
        actions.keep_draft(mine, {"form_key": ["mine-20"]}, now=NOW)
