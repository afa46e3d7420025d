"""The Agreement's pages as student, supervisor, tutor and module leader meet them."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask

from placements.agreements.models import Agreement, Party
from placements.agreements.rules import SECTIONS
from placements.agreements.workflow import AgreementState
from placements.db import db
from tests import factories as make
from tests.agreements.scene import WORDS, drafted, in_force, proposed, sign
from tests.client import PageClient, counting_queries
from tests.factories import DAY
from tests.page import Page
from tests.placing.scene import Scene, scene_in

G = AgreementState


@pytest.fixture
def scene(database: Flask) -> Callable[..., Scene]:
    return partial(scene_in, database)


def latest(database: Flask) -> Agreement:
    with database.app_context():
        found = db.session.scalars(db.select(Agreement).order_by(Agreement.id.desc()).limit(1)).one()
        db.session.refresh(found, ["signatures"])
        db.session.expunge_all()
        return found


def form_to(page: Page, ending: str) -> Any:
    return next(form for form in page.forms if form.action.endswith(ending))


def test_the_student_writes_checks_sends_and_signs(
    database: Flask, scene: Callable[..., Scene], client: PageClient
) -> None:
    made = scene()
    client.sign_in_as(made.student)
    page = client.page(f"{made.url}/agreement")
    assert "Write the Challenge Agreement now" in page.text
    page = client.submit(form_to(page, "/agreement/start"))
    assert page.h1 == "Write the Challenge Agreement"
    assert "You agreed to 45 hours between Mon 16 Nov 2026 and Fri 30 Apr 2027." in page.text
    form = form_to(page, "/edit")
    assert form.values["challenge"] == ["Our food bank counts stock on paper and runs out of what people need."]
    objectives = {"objective_1": "Count it.", "objective_3": " Leave a guide. "}
    page = client.submit(form, {**WORDS, **objectives}, button="Save, then plan the weeks")
    assert (
        "These weeks come to 45 hours; you agreed to 45 hours. Anything from 40 hours to 70 hours can be planned."
        in page.text
    )
    page = client.submit(form_to(page, "/weeks"))
    assert page.h1 == "Check the Agreement before it is signed"
    assert "Sue Supervisor, supervisor: by a link in the email, with no account" in page.text
    page = client.submit(form_to(page, "/check"))
    assert page.h1 == "Sign the Challenge Agreement"
    page = client.submit(form_to(page, "/sign"), {"has_read": True, "typed_name": "Ada Okoro"})
    assert "You have signed this. It waits for Sue Supervisor and Tom Tutor to sign." in page.text
    signed = latest(database)
    assert [(each.party, each.address) for each in signed.signatures] == [(Party.STUDENT, "127.0.0.1")]
    text = client.page(f"/agreements/{signed.public_id}").text
    assert "1. Count it. 2. Leave a guide." in text
    assert "16 Nov 2026 to 13 Dec 2026" not in text


def test_a_sum_that_cannot_be_agreed_is_said_and_nothing_typed_is_lost(
    database: Flask, scene: Callable[..., Scene], client: PageClient
) -> None:
    made = scene(drafted)
    client.sign_in_as(made.student)
    address = f"/agreements/{latest(database).public_id}/weeks"
    form = form_to(client.page(address), "/weeks")
    weeks = [name for name in form.values if name.startswith("week_")]
    page = client.submit(form, {**dict.fromkeys(weeks, "0"), weeks[0]: "2,5", weeks[1]: "30"})
    assert page.status == 422
    assert "Your weeks come to 32.5 hours. Between 40 and 70 hours can be agreed. Add at least 7.5 hours." in page.text
    again = form_to(page, "/weeks")
    assert (again.values[weeks[0]], again.values[weeks[1]]) == (["2,5"], ["30"])
    page = client.submit(again, {weeks[1]: "2.1"})
    assert "Enter hours from 0 to 80, in quarters: for example 2, 2.5 or 2.75" in page.text
    page = client.submit(form_to(page, "/weeks"), {weeks[1]: "40.25"})
    assert page.h1 == "Check the Agreement before it is signed"
    assert "42.75" not in page.text
    assert "16 Nov 2026 to 22 Nov 2026: 2.5 hours 23 Nov 2026 to 29 Nov 2026: 40.25 hours" in page.text


def test_a_draft_is_saved_however_little_is_written(
    database: Flask, scene: Callable[..., Scene], client: PageClient
) -> None:
    made = scene(drafted)
    client.sign_in_as(made.student)
    address = f"/agreements/{latest(database).public_id}"
    page = client.submit(form_to(client.page(f"{address}/edit"), "/edit"), dict.fromkeys(WORDS, ""))
    assert "Your draft is saved." in page.text
    page = client.page(f"{address}/check")
    assert "Write every part first. Still empty: The challenge" in page.text
    assert page.forms == [form for form in page.forms if not form.action.endswith("/check")]


def test_lines_are_kept_with_one_character_for_each_end(
    database: Flask, scene: Callable[..., Scene], client: PageClient
) -> None:
    made = scene(drafted)
    client.sign_in_as(made.student)
    form = form_to(client.page(f"/agreements/{latest(database).public_id}/edit"), "/edit")
    client.submit(form, {"activities": "First.\r\nThen."})
    assert latest(database).activities == "First.\nThen."


def test_two_who_write_at_once_lose_nothing(database: Flask, scene: Callable[..., Scene], client: PageClient) -> None:
    made = scene(drafted)
    client.sign_in_as(made.student)
    address = f"/agreements/{latest(database).public_id}/edit"
    first, second = form_to(client.page(address), "/edit"), form_to(client.page(address), "/edit")
    client.submit(first, {"output": "What the phone wrote."})
    page = client.submit(second, {"output": "What the laptop wrote."})
    assert page.status == 422
    assert "This was changed somewhere else since you opened it." in page.text
    assert "What the phone wrote." in page.text
    again = form_to(page, "/edit")
    assert again.values["output"] == ["What the laptop wrote."]
    assert latest(database).output == "What the phone wrote."
    client.submit(again)
    assert latest(database).output == "What the laptop wrote."


def test_what_changed_while_it_was_checked_does_not_go_out(
    database: Flask, scene: Callable[..., Scene], client: PageClient
) -> None:
    made = scene(drafted)
    client.sign_in_as(made.student)
    address = f"/agreements/{latest(database).public_id}"
    check = form_to(client.page(f"{address}/check"), "/check")
    client.submit(form_to(client.page(f"{address}/edit"), "/edit"), {"output": "Something else."})
    page = client.submit(check)
    assert page.status == 422
    assert latest(database).state is G.DRAFT
    client.submit(form_to(page, "/check"))
    assert latest(database).state is G.SIGNING


@pytest.mark.parametrize("name", ["supervisor", "tutor"])
def test_supervisor_and_tutor_read_the_draft_and_comment(
    database: Flask, scene: Callable[..., Scene], client: PageClient, name: str
) -> None:
    made = scene(drafted)
    client.sign_in_as(getattr(made, name))
    address = f"/agreements/{latest(database).public_id}"
    page = client.page(address)
    assert "Ada Okoro is writing this. Say below what should be different." in page.text
    page = client.submit(form_to(page, "/comment"), {"text": "Thursdays are better.\nOr Fridays."})
    assert "Thursdays are better." in page.text
    assert client.get(f"{address}/edit").status_code == 403
    page = client.submit(form_to(page, "/comment"), {"text": ""})
    assert (page.status, page.h1) == (422, "Comment on the Agreement")


@pytest.mark.parametrize("name", ["supervisor", "tutor"])
def test_supervisor_and_tutor_sign_with_their_account(
    database: Flask, scene: Callable[..., Scene], client: PageClient, name: str
) -> None:
    made = scene(proposed)
    client.sign_in_as(getattr(made, name))
    address = f"/agreements/{latest(database).public_id}"
    assert "Read this Agreement, then sign it." in client.page(address).text
    form = form_to(client.page(f"{address}/sign"), "/sign")
    page = client.submit(form, {"has_read": True, "typed_name": "Ada Okoro"})
    own = getattr(made, name).person.name
    assert f"Type your own name as it stands in the Agreement: {own}" in page.text
    page = client.submit(form, {"typed_name": own})
    assert "Tick the box once you have read the Agreement" in page.text
    page = client.submit(form, {"has_read": True, "typed_name": own})
    assert "You have signed this." in page.text
    page = client.submit(form, {"has_read": True, "typed_name": own})  # the button pressed again
    assert (page.status, page.url) == (200, address)
    assert len(latest(database).signatures) == 1


def test_with_the_last_signature_it_is_in_force(
    database: Flask, scene: Callable[..., Scene], client: PageClient
) -> None:
    def two_have_signed(made: Scene) -> None:
        agreement = proposed(made)
        for party in (Party.STUDENT, Party.SUPERVISOR):
            sign(made, agreement, party)

    made = scene(two_have_signed)
    client.sign_in_as(made.tutor)
    form = form_to(client.page(f"/agreements/{latest(database).public_id}/sign"), "/sign")
    page = client.submit(form, {"has_read": True, "typed_name": "tom tutor"})
    assert "This Agreement is in force since Tue 20 Oct 2026, 9am. Nothing needs to be done." in page.text
    assert "The placement is to start on Mon 16 Nov 2026" in client.page(made.url).text


def test_who_asks_for_changes_gives_the_student_a_new_draft(
    database: Flask, scene: Callable[..., Scene], client: PageClient
) -> None:
    made = scene(proposed)
    client.sign_in_as(made.tutor)
    form = form_to(client.page(f"/agreements/{latest(database).public_id}/changes"), "/changes")
    page = client.submit(form, {"text": "Say when you come."})
    assert "This version was taken back before all had signed, so its signatures are void." in page.text
    client.sign_in_as(made.student)
    page = client.get(f"{made.url}/agreement", follow_redirects=True)
    text = page.get_data(as_text=True)
    assert "Say when you come." in text
    assert "Write every part, then check it" in text


def test_the_student_takes_it_back(database: Flask, scene: Callable[..., Scene], client: PageClient) -> None:
    made = scene(lambda made: sign(made, proposed(made), Party.TUTOR))
    client.sign_in_as(made.student)
    page = client.page(f"/agreements/{latest(database).public_id}/take-back")
    assert "Tom Tutor has signed already; that signature is void then, and kept." in page.text
    page = client.submit(form_to(page, "/take-back"))
    assert page.h1 == "Write the Challenge Agreement"
    assert (latest(database).number, latest(database).state) == (2, G.DRAFT)


def test_changed_dates_are_told_to_whoever_reads_it(
    database: Flask, scene: Callable[..., Scene], client: PageClient
) -> None:
    def moved(made: Scene) -> None:
        proposed(made)
        made.placement.ends_on += DAY

    made = scene(moved)
    address = f"/agreements/{latest(database).public_id}"
    client.sign_in_as(made.student)
    assert "Take this back and send it again: dates or people" in client.page(address).text
    client.sign_in_as(made.tutor)
    assert "Ada Okoro has to send this round again" in client.page(address).text
    assert "it cannot be signed as it is" in client.page(f"{address}/sign").text


def test_a_new_version_is_written_beside_the_one_in_force(
    database: Flask, scene: Callable[..., Scene], client: PageClient
) -> None:
    made = scene(in_force)
    client.sign_in_as(made.student)
    old = f"/agreements/{latest(database).public_id}"
    page = client.submit(form_to(client.page(old), "/agreement/start"))
    assert page.h1 == "Write the Challenge Agreement"
    page = client.page(old)
    assert "This Agreement is in force since" in page.text
    assert "All versions" in page.text


READERS = ("student", "supervisor", "tutor", "leader")


@pytest.mark.parametrize("name", [*READERS, "contact", "engagement", "other_student", "other_tutor"])
def test_who_may_read_it_and_to_whom_it_does_not_exist(
    database: Flask, scene: Callable[..., Scene], client: PageClient, name: str
) -> None:
    made = scene(in_force)
    address = f"/agreements/{latest(database).public_id}"
    client.sign_in_as(getattr(made, name))
    found = {client.get(path).status_code for path in (address, f"{made.url}/agreement")}
    assert found == ({200, 302} if name in READERS else {404})


def test_the_page_shows_every_word_the_hash_and_who_has_signed(
    database: Flask, scene: Callable[..., Scene], client: PageClient
) -> None:
    made = scene(in_force)
    client.sign_in_as(made.leader)
    agreement = latest(database)
    text = client.page(f"/agreements/{agreement.public_id}").text
    for section in SECTIONS:
        assert section.title in text
        assert f"Our words about {section.name}." in text
    digits = agreement.sha256 or ""
    assert f"{digits[:4]} {digits[4:8]} {digits[8:12]}" in text
    assert digits not in text
    assert text.count("Tue 20 Oct 2026, 9am") >= 4


@pytest.mark.parametrize(("students", "queries"), [(1, 6), (3, 6)])
def test_the_tutors_queue_puts_what_waits_for_them_first(
    scene: Callable[..., Scene], client: PageClient, students: int, queries: int
) -> None:
    def more(made: Scene) -> None:
        in_force(made)
        for number in range(students):
            student = make.person(given_name="Zoe", family_name=f"Zulu{number}")
            agreement = make.placement(make.enrolment(made.group, student), made.challenge)
            make.agreement(agreement, Party.STUDENT, state=G.SIGNING)

    made = scene(more)
    client.sign_in_as(made.tutor)
    with counting_queries() as counted:
        page = client.page("/agreements")
    assert counted.count == queries
    assert page.text.index("Zoe Zulu0") < page.text.index("Ada Okoro")
    assert page.text.count("Read and sign") == students + 1
    assert f"{students} Agreement" in page.text


def test_the_queue_says_who_must_act(scene: Callable[..., Scene], client: PageClient) -> None:
    made = scene(lambda made: sign(made, proposed(made), Party.TUTOR))
    client.sign_in_as(made.tutor)
    page = client.page("/agreements")
    assert "No Agreement waits for your signature now." in page.text
    assert "Ada Okoro and Sue Supervisor" in page.text


def test_an_empty_queue_says_what_will_come(scene: Callable[..., Scene], client: PageClient) -> None:
    made = scene()
    client.sign_in_as(made.other_tutor)
    assert "When a student of yours accepts a place" in client.page("/agreements").text


def test_students_have_no_queue(scene: Callable[..., Scene], client: PageClient) -> None:
    made = scene()
    client.sign_in_as(made.student)
    assert client.get("/agreements").status_code == 403
