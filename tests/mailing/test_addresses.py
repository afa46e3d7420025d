"""Whom mail does not reach: who is told of it, and how it is put right."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.accounts.models import Account, GlobalRole
from placements.cohorts.models import RunRole
from placements.db import db
from placements.mail.models import Message, MessageState
from placements.partners.models import Contact, ContactRole
from placements.people.models import Person
from tests import factories as make
from tests.client import PageClient
from tests.databases import seeding
from tests.mailing.scene import AMINA, comes_back, message


@dataclass
class Cast:
    """Amina, whom mail does not reach, her colleague, and an officer who looks after organisations."""

    amina: Account
    contact: Contact
    organisation: str  # the address of its page
    colleague: Account
    officer: Account


@pytest.fixture
def people(database: Flask) -> Cast:
    with seeding(database):
        organisation = make.organisation(name="Food Bank")
        amina = make.person(given_name="Amina", family_name="Khan", email=AMINA)
        contact = make.contact(organisation, amina)
        colleague = make.contact(organisation, role=ContactRole.SUPERVISOR)
        comes_back(message(amina))
        officer = make.account(None, GlobalRole.ENGAGEMENT)
        page = f"/organisations/{organisation.public_id}"
        return Cast(make.account(amina), contact, page, make.account(colleague.person), officer)


def _of_amina(database: Flask) -> tuple[str, MessageState]:
    with database.app_context():
        person = db.session.scalars(select(Person).where(Person.given_name == "Amina")).one()
        return person.email, db.session.scalars(select(Message.state).where(Message.recipient_id == person.id)).one()


def test_engagement_is_told_at_home_and_on_the_organisations_page(client: PageClient, people: Cast) -> None:
    client.sign_in_as(people.officer)
    assert "Mail to 1 contact comes back by Thu 22 Oct 2026, 9am (in 2 days)" in client.page("/home").text
    page = client.page(people.organisation)
    assert "amina@example.org Mail comes back Put it right for Amina Khan" in page.text


def test_a_colleague_and_a_module_leader_are_not(database: Flask, client: PageClient, people: Cast) -> None:
    with seeding(database):
        leader = make.account()
        make.run_role(RunRole.LEADER, leader.person, make.run())
    for account in (people.colleague, leader):
        client.sign_in_as(account)
        page = client.page(people.organisation)
        assert AMINA in page.text
        assert "Mail comes back" not in page.text


def test_who_complained_is_known_to_engagement(database: Flask, client: PageClient, people: Cast) -> None:
    with seeding(database):
        comes_back(message(db.session.get_one(Person, people.colleague.person_id)), "complaint")
    client.sign_in_as(people.officer)
    page = client.page(people.organisation)
    assert "Called a mail of ours unwanted on Tue 20 Oct 2026, 9am" in page.text


def test_engagement_corrects_the_address_and_what_came_back_is_sent_again(
    database: Flask, client: PageClient, people: Cast
) -> None:
    client.sign_in_as(people.officer)
    page = client.page(f"/organisations/contacts/{people.contact.public_id}/address")
    said = "Mail to amina@example.org has come back since Tue 20 Oct 2026, 9am (now): there is no such mailbox."
    assert said in page.text
    page = client.submit(page.form(page.url), email="amina.khan@example.org")
    assert "Mail goes to amina.khan@example.org from now on. What did not arrive is sent again." in page.text
    assert "Mail comes back" not in page.text
    assert _of_amina(database) == ("amina.khan@example.org", MessageState.QUEUED)


def test_engagement_says_that_the_address_works_again(database: Flask, client: PageClient, people: Cast) -> None:
    client.sign_in_as(people.officer)
    page = client.page(f"/organisations/contacts/{people.contact.public_id}/address")
    page = client.submit(page.form(f"/organisations/contacts/{people.contact.public_id}/mail-again"))
    assert "Mail goes to amina@example.org again. What did not arrive is on its way." in page.text
    assert _of_amina(database) == (AMINA, MessageState.QUEUED)


def test_somebody_elses_address_is_refused_and_what_was_typed_stays(
    database: Flask, client: PageClient, people: Cast
) -> None:
    with seeding(database):
        taken = make.person().email
    client.sign_in_as(people.officer)
    page = client.page(f"/organisations/contacts/{people.contact.public_id}/address")
    page = client.submit(page.form(page.url), email=taken)
    assert "This address cannot be used. Check it, or ask us by “Help and contact”" in page.text
    assert page.form(page.url).values["email"] == [taken]
    assert _of_amina(database) == (AMINA, MessageState.FAILED)


def test_a_person_reads_at_home_that_their_mail_comes_back_and_puts_it_right(
    database: Flask, client: PageClient, people: Cast
) -> None:
    client.sign_in_as(people.amina)
    page = client.page("/home")
    assert "Mail to amina@example.org comes back" in page.text
    page = client.page("/me/address")
    page = client.submit(page.form("/me/address"), email="amina.khan@example.org")
    assert "Mail to amina@example.org comes back" not in page.text
    assert _of_amina(database) == ("amina.khan@example.org", MessageState.QUEUED)


def test_a_person_says_that_their_mailbox_works_again(database: Flask, client: PageClient, people: Cast) -> None:
    client.sign_in_as(people.amina)
    page = client.submit(client.page("/me/address").form("/me/mail-again"))
    assert "Mail to amina@example.org comes back" not in page.text
    assert _of_amina(database) == (AMINA, MessageState.QUEUED)


def test_who_is_reached_is_asked_nothing(client: PageClient, people: Cast) -> None:
    client.sign_in_as(people.officer)
    assert "Mail to you arrives, as far as we know." in client.page("/me/address", 409).text


@pytest.mark.parametrize("name", ["tutor", "leader"])
def test_tutor_and_leader_are_told_of_their_student(database: Flask, client: PageClient, name: str) -> None:
    with seeding(database):
        scene = _placed()
    client.sign_in_as(scene[name])
    assert "Mail comes back Mail does not reach Amina" in client.page(scene["page"]).text
    assert "amina@example.org Mail comes back" in client.page(scene["list"]).text


@pytest.mark.parametrize("name", ["student", "supervisor"])
def test_the_students_page_tells_nobody_else(database: Flask, client: PageClient, name: str) -> None:
    with seeding(database):
        scene = _placed()
    client.sign_in_as(scene[name])
    assert "Mail comes back" not in client.page(scene["page"]).text


def test_a_student_is_sent_to_the_universitys_records(database: Flask, client: PageClient) -> None:
    with seeding(database):
        scene = _placed()
    client.sign_in_as(scene["student"])
    page = client.page("/me/address")
    assert "Your address comes from the university’s records." in page.text
    assert "/me/address" not in [form.action for form in page.forms]
    page = client.submit(page.form("/me/mail-again"))
    assert _of_amina(database) == (AMINA, MessageState.QUEUED)


def _placed() -> dict[str, Any]:
    """A placed student whom mail does not reach, who follows the placement, and the pages that tell of it."""
    made = {name: make.account() for name in ("tutor", "leader", "supervisor")}
    student = make.person(given_name="Amina", family_name="Khan", email=AMINA)
    group = make.group(None, made["tutor"].person)
    make.run_role(RunRole.LEADER, made["leader"].person, group.run)
    organisation = make.organisation()
    make.contact(organisation, made["supervisor"].person, ContactRole.SUPERVISOR)
    challenge = make.challenge(organisation, supervisor=made["supervisor"].person)
    placement = make.placement(make.enrolment(group, student), challenge)
    comes_back(message(student))
    pages = {"page": f"/placements/{placement.public_id}", "list": f"/runs/{group.run.public_id}/students"}
    return {**made, **pages, "student": make.account(student)}
