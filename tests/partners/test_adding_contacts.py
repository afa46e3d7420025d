"""A contact adds colleagues, but nobody of the university's: that would give them a side, and tell their name."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.accounts.models import Account, GlobalRole
from placements.cohorts.models import RunRole, Theme
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import Notification
from placements.partners.actions import invite_contact
from placements.partners.models import Contact, Organisation
from placements.people.models import Person
from tests import factories as make
from tests.client import PageClient
from tests.conftest import Clock
from tests.databases import seeding
from tests.factories import DAY, NOW
from tests.page import Page

ADDRESS = "canary@university.example"
REFUSED = ["You cannot add this address yourself. Ask the engagement team to add it"]


@pytest.fixture
def contact(database: Flask) -> Account:
    """Amina of Holloway Larder."""
    return _kept(database, _amina)


def _amina() -> Account:
    account = make.account(make.person(given_name="Amina", family_name="Yusuf"))
    make.contact(make.organisation(name="Holloway Larder"), account.person)
    return account


def _kept(app: Flask, made_by: Callable[[], Account]) -> Account:
    with seeding(app):
        return made_by()


def _add(client: PageClient, who: Account, app: Flask) -> Page:
    """They add whoever has that address, in capitals."""
    with app.app_context():
        organisation = db.session.scalars(select(Organisation).where(Organisation.name == "Holloway Larder")).one()
        url = f"/organisations/{organisation.public_id}/contacts/add"
    client.sign_in_as(who)
    form = client.page(url).form(url)
    return client.submit(form, name="Somebody", email=ADDRESS.upper(), role="supervisor")


TIES: dict[str, Callable[[Person], object]] = {
    "an officer": lambda person: make.account(person, GlobalRole.ENGAGEMENT),
    "a champion": lambda person: make.run_role(RunRole.CHAMPION, person, make.run(), Theme.HEALTH),
    "a group's tutor": lambda person: make.group(tutor=person),
    "a student": lambda person: make.enrolment(who=person),
}


@pytest.mark.parametrize("tie", TIES)
def test_a_contact_adds_nobody_of_the_university_and_reads_no_name(
    database: Flask, client: PageClient, contact: Account, tie: str
) -> None:
    with database.app_context():
        TIES[tie](make.person(given_name="Zuleika", family_name="Canary", email=ADDRESS))
        db.session.commit()
    client.forbidden = {"Zuleika"}
    page = _add(client, contact, database)
    assert page.errors == REFUSED
    with database.app_context():
        assert db.session.scalar(select(func.count()).select_from(Contact)) == 1


def test_the_engagement_team_may_add_them(database: Flask, client: PageClient, contact: Account) -> None:
    with database.app_context():
        make.enrolment(who=make.person(given_name="Zuleika", family_name="Canary", email=ADDRESS))
        db.session.commit()
    officer = _kept(database, lambda: make.account(None, GlobalRole.ENGAGEMENT))
    assert "Zuleika Canary is added" in _add(client, officer, database).text


def test_a_contact_adds_somebody_known_from_another_organisation(
    database: Flask, client: PageClient, contact: Account
) -> None:
    with database.app_context():
        person = make.person(given_name="Dev", family_name="Patel", email=ADDRESS)
        make.account(person)
        make.contact(make.organisation(), person)
        db.session.commit()
    assert "Dev Patel is added" in _add(client, contact, database).text


def test_whom_a_list_brought_in_is_invited_later_once_a_day(
    database: Flask, client: PageClient, clock: Clock, contact: Account
) -> None:
    """Nobody is written to by an import; without this they could never sign in."""
    with database.app_context():
        there = db.session.scalars(select(Organisation)).one()
        dev = make.contact(there, make.person(given_name="Dev", family_name="Patel"))
        url = f"/organisations/contacts/{dev.public_id}"
        db.session.commit()
    client.sign_in_as(contact)
    button = client.page(url).form(f"{url}/invite")
    for _ in range(2):
        assert "An invitation is on its way" in client.submit(button).text
    clock.now += DAY
    client.submit(button)
    with database.app_context():
        notices = db.session.scalars(select(Notification.notice).order_by(Notification.id)).all()
        assert notices == ["accounts.invitation", "partners.contact_added"] * 2


def test_who_has_chosen_a_password_needs_no_invitation(database: Flask, client: PageClient, contact: Account) -> None:
    with database.app_context():
        mine = db.session.scalars(select(Contact)).one()
        url = f"/organisations/contacts/{mine.public_id}"
        db.session.get_one(Account, contact.id).password = "chosen"
        db.session.commit()
        with pytest.raises(Refused, match="Amina Yusuf can sign in already"):
            invite_contact(mine, actor=Principal(contact.person_id), now=NOW)
    client.sign_in_as(contact)
    assert "They have not chosen a password" not in client.page(url).text


def test_a_name_longer_than_we_keep_is_refused(database: Flask, client: PageClient, contact: Account) -> None:
    with database.app_context():
        url = f"/organisations/{db.session.scalars(select(Organisation)).one().public_id}/contacts/add"
    client.sign_in_as(contact)
    form = client.page(url).form(url)
    given = {"email": "dev@larder.example", "role": "supervisor"}
    page = client.submit(form, name="D" * 101, **given)
    assert page.errors == ["Their name: use at most 100 characters"]
    client.submit(page.form(url), name="D" * 100, **given)
    with database.app_context():
        added = select(Person).where(Person.email == "dev@larder.example")
        assert db.session.scalars(added).one().name.strip() == "D" * 100
