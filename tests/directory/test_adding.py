"""An organisation that did not write to us is added by hand, once, and nobody hears of it unless they are invited."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import false, func, select

from placements.accounts.models import Account, GlobalRole
from placements.core.policy import Principal
from placements.db import db
from placements.directory import adding
from placements.mail.models import Notification
from placements.partners.models import Contact, ContactRole, Organisation
from tests import factories as make
from tests.client import PageClient
from tests.databases import Copy, seeding
from tests.factories import NOW
from tests.races import at_once

LARDER = {"name": "Holloway Larder", "type": "charity", "borough": "Islington"}


@pytest.fixture
def officer(database: Flask, client: PageClient) -> Account:
    with seeding(database):
        made = make.account(None, GlobalRole.ENGAGEMENT)
    client.sign_in_as(made)
    return made


@pytest.mark.parametrize(("invites", "told"), [(None, []), (True, ["accounts.invitation", "partners.contact_added"])])
def test_its_contact_hears_of_it_only_when_invited(
    database: Flask, client: PageClient, officer: Account, invites: bool | None, told: list[str]
) -> None:
    page = client.page(client.page("/organisations").link("Add an organisation"))
    form = page.form("Add it")
    who = {"contact_name": "Amina Yusuf", "contact_email": "amina@larder.example", "invites": invites}
    for _ in range(2):  # a double click
        page = client.submit(form, **LARDER, **who)
        assert (page.h1, "Holloway Larder is added." in page.text) == ("Holloway Larder", True)
    with database.app_context():
        contact = db.session.scalars(select(Contact)).one()
        assert (contact.person.name, contact.role) == ("Amina Yusuf", ContactRole.PRIMARY)
        assert contact.organisation.owner_id == officer.person_id
        assert sorted(db.session.scalars(select(Notification.notice))) == told


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"contact_name": "Amina"}, ["Enter their email address too, or leave both empty"]),
        (
            {"contact_name": "A" * 101, "contact_email": "a@larder.example"},
            ["Who answers there: use at most 100 characters"],
        ),
        ({"contact_email": "a@larder.example"}, ["Enter their name too, or leave both empty"]),
        ({"invites": True}, ["Enter whom to invite"]),
    ],
)
def test_half_a_contact_is_nobody(
    client: PageClient, officer: Account, given: dict[str, Any], errors: list[str]
) -> None:
    form = client.page("/organisations/new").form("Add it")
    assert client.submit(form, **LARDER, **given).errors == errors


def test_of_two_presses_that_both_saw_nothing_the_second_is_told(
    client: PageClient, officer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = client.page("/organisations/new").form("Add it")
    client.submit(form, **LARDER)
    monkeypatch.setattr(adding, "select", lambda model: select(model).where(false()))
    page = client.submit(form, **LARDER)
    assert page.errors == ["It is added already: find it in the list of organisations."]


def test_pressed_twice_at_once_it_is_there_once(fresh_database: Copy) -> None:
    def press() -> None:
        facts = {**LARDER, "form_key": "the-same-form"}
        adding.add_organisation(facts, invites=False, actor=Principal(None), now=NOW)

    at_once(fresh_database, press, press, press)
    with fresh_database.app.app_context():
        assert db.session.scalar(select(func.count(Organisation.id))) == 1
