"""An organisation writes to us on the public site, and nothing that should not happen does."""

from flask import Flask
from sqlalchemy import func, select

from placements.accounts.models import GlobalRole
from placements.db import db
from placements.enquiries.models import Enquiry
from placements.enquiries.workflow import EnquiryState
from placements.mail.models import Notification
from tests import factories as make
from tests.client import PageClient
from tests.databases import seeding

SENT = "Thank you. Now look for our email"
ANSWERS = {
    "organisation_name": "Holloway Larder",
    "name": "Amina Yusuf",
    "email": "amina@larder.example",
    "challenges_faced": "We have more food than we can sort.",
    "thoughts": "Some afternoons?",
}


def test_an_enquiry_is_kept_and_only_its_writer_is_told(database: Flask, client: PageClient) -> None:
    with database.app_context():
        make.account(None, GlobalRole.ENGAGEMENT)
        db.session.commit()
    page = client.submit(client.page("/enquire").form("/enquire"), ANSWERS, wants_newsletter=True)
    assert page.h1 == SENT
    assert "Only then do we read your enquiry." in page.text
    assert "answers you by" not in page.text
    with database.app_context():
        enquiry = db.session.scalars(select(Enquiry)).one()
        assert (enquiry.organisation_name, enquiry.writer.name, enquiry.writer.email) == (
            "Holloway Larder",
            "Amina Yusuf",
            "amina@larder.example",
        )
        assert (enquiry.state, enquiry.wants_newsletter, enquiry.thoughts) == (
            EnquiryState.RECEIVED,
            True,
            "Some afternoons?",
        )
        assert enquiry.confirmed_at is None
        told = db.session.execute(select(Notification.notice, Notification.recipient_id)).all()
        assert [(notice, person) for notice, person in told] == [("enquiries.received", enquiry.writer_id)]


def test_who_is_signed_in_and_writes_as_themselves_need_confirm_nothing(database: Flask, client: PageClient) -> None:
    with seeding(database):
        officer = make.account(None, GlobalRole.ENGAGEMENT).person_id
        make.account(None, GlobalRole.SAFEGUARDING)
        amina = make.account(make.person(given_name="Amina", family_name="Yusuf", email="amina@larder.example"))
    client.sign_in_as(amina)
    page = client.submit(client.page("/enquire").form("/enquire"), ANSWERS)
    assert page.h1 == "Thank you. We have your enquiry"
    assert "answers you by Tue 27 Oct 2026 (in 7 days)" in page.text
    with database.app_context():
        told = db.session.execute(select(Notification.notice, Notification.recipient_id)).all()
        assert sorted((notice, person) for notice, person in told) == [
            ("enquiries.received", amina.person_id),
            ("enquiries.waiting", officer),
        ]
    page = client.submit(client.page("/enquire").form("/enquire"), {**ANSWERS, "email": "somebody@else.example"})
    assert page.h1 == SENT


def test_who_is_signed_in_finds_their_name_and_address_filled_in_and_can_change_them(
    database: Flask, client: PageClient
) -> None:
    with seeding(database):
        amina = make.account(make.person(given_name="Amina", family_name="Yusuf", email="amina@larder.example"))
    values = client.page("/enquire").form("/enquire").values
    assert [values[name] for name in ("name", "email")] == [[""], [""]]
    client.sign_in_as(amina)
    form = client.page("/enquire").form("/enquire")
    told = {name: form.values[name] for name in form.values if name not in ("form_key", "csrf_token")}
    filled_in = {"name": ["Amina Yusuf"], "email": ["amina@larder.example"]}
    assert {name: said for name, said in told.items() if said not in ([""], [])} == filled_in
    page = client.submit(form, {**ANSWERS, "name": "", "email": "other@larder.example"})
    assert page.errors == ["Enter your name"]
    values = page.form("/enquire").values
    assert [values[name] for name in ("name", "email")] == [[""], ["other@larder.example"]]


def test_the_same_form_sent_twice_is_one_enquiry(database: Flask, client: PageClient) -> None:
    form = client.page("/enquire").form("/enquire")
    for _ in range(2):
        assert client.submit(form, ANSWERS).h1 == SENT
    with database.app_context():
        assert db.session.scalar(select(func.count(Enquiry.id))) == 1
        assert db.session.scalar(select(func.count(Notification.id))) == 1


def test_two_forms_without_a_key_are_two_enquiries(database: Flask, client: PageClient) -> None:
    form = client.page("/enquire").form("/enquire")
    for _ in range(2):
        client.submit(form, {**ANSWERS, "form_key": ""})
    with database.app_context():
        assert db.session.scalar(select(func.count(Enquiry.id))) == 2


def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(client: PageClient) -> None:
    page = client.submit(
        client.page("/enquire").form("/enquire"), {**ANSWERS, "email": "amina", "challenges_faced": ""}
    )
    assert page.errors == [
        "Enter an email address in the correct format, like name@example.org",
        "Tell us about a challenge that you face",
    ]
    assert page.form("/enquire").values["thoughts"] == ["Some afternoons?"]


def test_a_name_longer_than_we_keep_is_refused(client: PageClient) -> None:
    page = client.submit(client.page("/enquire").form("/enquire"), {**ANSWERS, "name": "A" * 101})
    assert page.errors == ["Your name: use at most 100 characters"]
    assert client.submit(page.form("/enquire"), {"name": "A" * 100}).h1 == SENT


def test_a_machine_that_fills_every_box_is_kept_out(database: Flask, client: PageClient) -> None:
    page = client.submit(client.page("/enquire").form("/enquire"), {**ANSWERS, "website": "https://spam.example"})
    assert page.errors == ["Leave the last box empty: it is there to keep machines out"]
    with database.app_context():
        assert db.session.scalar(select(func.count(Enquiry.id))) == 0


def test_a_stranger_s_address_is_not_written_to_again_and_again(database: Flask, client: PageClient) -> None:
    form = client.page("/enquire").form("/enquire")
    for _ in range(5):
        assert client.submit(form, {**ANSWERS, "form_key": ""}).h1 == SENT
    page = client.submit(form, {**ANSWERS, "form_key": ""})
    assert page.errors == ["We have several enquiries from this address today. We will answer those first."]
    with database.app_context():
        assert db.session.scalar(select(func.count(Notification.id))) == 5


def test_a_known_person_is_never_changed_by_an_enquiry(database: Flask, client: PageClient) -> None:
    with database.app_context():
        make.person(given_name="Real", family_name="Name", email="amina@larder.example")
        db.session.commit()
    client.submit(client.page("/enquire").form("/enquire"), ANSWERS)
    with database.app_context():
        assert db.session.scalars(select(Enquiry)).one().writer.name == "Real Name"


def test_the_twenty_first_enquiry_of_an_hour_is_refused_and_mistakes_do_not_count(client: PageClient) -> None:
    page = client.page("/enquire")

    def send(email: str) -> int:
        sent = page.form("/enquire").filled({**ANSWERS, "form_key": "", "email": email})
        return client.post("/enquire", data=sent).status_code

    assert {send("") for _ in range(25)} == {422}
    assert [send(f"a{number}@example.org") for number in range(20)] == [302] * 20
    assert send("b@example.org") == 429
    assert client.page("/enquire").h1 == "Tell us about a challenge"
