"""An enquiry's page: all that happened on one line, whom it may be from, and the way in for whoever wrote."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.accounts.actions import ask_for_new_password
from placements.accounts.models import Account, GlobalRole
from placements.db import db
from placements.enquiries import notices, story
from placements.enquiries.models import Enquiry, EnquiryNote
from placements.enquiries.workflow import EnquiryState
from placements.links.actions import token
from placements.mail.actions import tell
from placements.mail.models import Message, MessageState, Notification
from placements.mail.queries import Fate, sent_about
from placements.partners.models import Contact, Organisation
from placements.people.models import Person
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.conftest import Clock
from tests.enquiries.scene import link_to, only_enquiry, signed_in
from tests.factories import DAY, NOW


@pytest.fixture
def officer(database: Flask) -> Account:
    return signed_in(database)


def enquiry(app: Flask, **said: Any) -> str:
    with app.app_context():
        writer = make.person(given_name="Amina", family_name="Yusuf", email="amina@larder.example")
        made = make.enquiry(writer, **{"organisation_name": "Holloway Larder", **said})
        db.session.commit()
        return f"/enquiries/{made.public_id}"


def test_acts_notes_and_mails_are_on_one_line_the_newest_first(
    database: Flask, client: PageClient, clock: Clock, officer: Account
) -> None:
    url = enquiry(database)
    with database.app_context():
        kept = only_enquiry()
        tell(notices.RECEIVED, kept.id, [kept.writer_id], NOW - 2 * DAY)
        tell(notices.WAITING, kept.id, [officer.person_id], NOW - DAY)
        first, second = db.session.scalars(select(Notification).order_by(Notification.id))
        sent = Message(
            recipient_id=kept.writer_id, created_at=NOW, next_try_at=NOW, state=MessageState.SENT, sent_at=NOW - DAY
        )
        db.session.add(sent)
        db.session.flush()
        first.message_id = sent.id
        assert (first.notice, second.message_id) == ("enquiries.received", None)
        db.session.commit()
    client.sign_in_as(officer)
    client.submit(client.page(url).form(f"{url}/take-up"))
    clock.now += DAY
    page = client.page(client.page(url).link("Add a note"))
    form = page.form(f"{url}/note")
    for _ in range(2):
        page = client.submit(form, text="They close in August.")
    said = page.text.partition("What happened")[2]
    lines = (
        "Note: They close in August. Ngozi Adeyemi",
        "Taken up Ngozi Adeyemi",
        "Mail to Ngozi Adeyemi: a new enquiry (waiting to be sent)",
        "Mail to Amina Yusuf: we have your enquiry (sent)",
    )
    places = [said.index(line) for line in lines]
    assert places == sorted(places)
    assert said.count("They close in August.") == 1
    with database.app_context():
        assert [each.text for each in db.session.scalars(select(EnquiryNote))] == ["They close in August."]


def test_mails_are_told_with_how_far_they_came_and_those_never_said_are_not(session: Any) -> None:
    kept, other = make.enquiry(), make.enquiry()
    for state in (MessageState.FAILED, MessageState.QUEUED):
        to = make.person(given_name=state.value)
        message = Message(recipient_id=to.id, created_at=NOW, next_try_at=NOW, state=state)
        session.add(message)
        session.flush()
        session.add(
            Notification(
                notice="enquiries.silent", about_id=kept.id, recipient_id=to.id, due_at=NOW, message_id=message.id
            )
        )
    dropped = {"due_at": NOW, "dropped_at": NOW, "recipient_id": make.person().id}
    session.add(Notification(notice="enquiries.silent", about_id=kept.id, **dropped))
    session.add(Notification(notice="enquiries.silent", about_id=other.id, due_at=NOW, recipient_id=make.person().id))
    session.flush()
    found = sent_about((["enquiries.silent", "enquiries.waiting"], kept.id))
    assert [(each.to.partition(" ")[0], each.fate) for each in found] == [
        ("queued", Fate.WAITING),
        ("failed", Fate.FAILED),
    ]


def test_every_notice_has_its_words_on_the_line() -> None:
    about = {*story.ABOUT_ENQUIRY, *story.ABOUT_REFERRAL, notices.NEWSLETTER.name}
    assert about == {notice.name for notice in notices.NOTICES}


@pytest.mark.parametrize("many", [1, 3])
def test_its_page_asks_as_few_queries_for_one_of_each_as_for_three(
    database: Flask, client: PageClient, officer: Account, many: int
) -> None:
    url = enquiry(database)
    with database.app_context():
        kept = only_enquiry()
        for number in range(many):
            make.enquiry_note(kept)
            make.organisation(name=f"Holloway Larder {number}")
            make.enquiry(organisation_name=f"Larder of Holloway {number}")
            tell(notices.RECEIVED, kept.id, [kept.writer_id], NOW + number * DAY)
        db.session.commit()
    client.sign_in_as(officer)
    client.page("/me")
    with counting_queries() as asked:
        page = client.page(url)
    assert page.text.count("Accept as part of") == many
    assert asked.count == 9  # account, roles, enquiry, referral, two kinds of likeness, acts, notes, mails


def test_who_may_be_the_same_is_shown_and_accepted_in_one_press(
    database: Flask, client: PageClient, officer: Account
) -> None:
    url = enquiry(database)
    with database.app_context():
        make.contact(make.organisation(name="The Holloway Larder CIC"))
        make.enquiry(make.person(email="bea@larder.example"), organisation_name="Food and friends")
        make.enquiry(make.person(email="x@other.example"), organisation_name="Quite another")
        make.enquiry(organisation_name="Holloway Larder", state=EnquiryState.CLOSED, outcome="No")
        db.session.commit()
    client.sign_in_as(officer)
    page = client.page(url)
    assert "Other enquiries that may be theirs" in page.text
    assert "Food and friends" in page.text
    assert "Quite another" not in page.text
    page = client.submit(page.form(f"{url}/accept"))
    assert page.h1 == "The Holloway Larder CIC"
    with database.app_context():
        amina = db.session.scalars(select(Person).where(Person.email == "amina@larder.example")).one()
        assert db.session.scalars(select(Enquiry.state).where(Enquiry.writer_id == amina.id)).one() == "accepted"
        assert len(db.session.scalars(select(Organisation)).all()) == 1


def test_a_number_that_another_has_is_refused_with_its_name(
    database: Flask, client: PageClient, officer: Account
) -> None:
    url = enquiry(database)
    with database.app_context():
        house = make.organisation(name="Larder House", charity_number="1234567", company_number="01234567").public_id
        db.session.commit()
    client.sign_in_as(officer)
    form = client.page(f"{url}/accept").form(f"{url}/accept")
    new = {"match": "new", "type": "charity", "borough": "Islington"}
    page = client.submit(form, **new, charity_number="123 4567")
    assert page.errors == ["Larder House has this charity number. If it is the same organisation, choose it above."]
    assert page.form(f"{url}/accept").offers("match") == [house, "new"]
    page = client.submit(form, **new, company_number="1234567")
    assert page.errors == ["Larder House has this company number. If it is the same organisation, choose it above."]
    assert page.form(f"{url}/accept").offers("match") == [house, "new"]
    page = client.submit(form, **new, charity_number="12", company_number="x")
    assert page.errors == [
        "Enter a charity number like 1234567, SC012345 or NIC123456",
        "Enter a company number of eight characters, like 01234567 or OC301234",
    ]
    assert client.submit(form, **new, charity_number="SC 012345", company_number="7654321").h1 == "Holloway Larder"
    with database.app_context():
        kept = db.session.scalars(select(Contact)).one().organisation
        assert (kept.charity_number, kept.company_number) == ("SC012345", "07654321")


def test_whoever_has_the_number_that_was_typed_can_be_chosen(
    database: Flask, client: PageClient, officer: Account
) -> None:
    url = enquiry(database)
    with database.app_context():
        house = make.organisation(name="Quite another name", charity_number="1234567").public_id
        db.session.commit()
    client.sign_in_as(officer)
    form = client.page(f"{url}/accept").form(f"{url}/accept")
    page = client.submit(form, match="new", type="charity", borough="Islington", charity_number="1234567")
    assert client.submit(page.form(f"{url}/accept"), match=house).h1 == "Quite another name"


def test_one_mail_leads_from_a_password_to_the_start_of_a_brief(
    database: Flask, client: PageClient, officer: Account
) -> None:
    url = enquiry(database)
    client.sign_in_as(officer)
    form = client.page(f"{url}/accept").form(f"{url}/accept")
    client.submit(form, match="new", type="charity", borough="Islington")
    client.sign_out()
    with database.app_context():
        account = (
            db.session.scalars(select(Account).where(Account.person_id == only_enquiry().writer_id)).unique().one()
        )
        context = notices.ACCEPTED.context(only_enquiry().id, account.person, NOW)
        assert context is not None
        address = context["address"].partition("://")[2].partition("/")[2]
        assert token(link_to("accounts.set_password", account, account.person_id)) in address
        begin = f"/challenges/new/{db.session.scalars(select(Organisation.public_id)).one()}"
    page = client.page(f"/{address}")
    words = "three words together"
    page = client.submit(page.form(f"/{address}"), password=words, again=words)
    assert page.url == begin


def test_a_place_to_go_on_to_is_always_ours(database: Flask, client: PageClient) -> None:
    with database.app_context():
        account = make.account(make.person(), GlobalRole.ENGAGEMENT)
        db.session.commit()
        ask_for_new_password(account, now=NOW)
        db.session.commit()
        address = f"/password/{token(link_to('accounts.set_password', account, account.person_id))}"
    for elsewhere in ("https://evil.example", "//evil.example", "/\\evil.example"):
        assert client.get(f"{address}?next={elsewhere}").status_code == 400
