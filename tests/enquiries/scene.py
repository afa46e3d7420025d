"""What several tests of enquiries begin with."""

from typing import Any

from flask import Flask
from sqlalchemy import select

from placements.accounts.models import Account, GlobalRole
from placements.db import db
from placements.enquiries.models import Enquiry
from placements.links.actions import latest_link, token
from placements.links.models import Link
from placements.mail.models import Notification
from placements.people.models import Person
from tests import factories as make
from tests.client import PageClient
from tests.databases import seeding

ANSWERS = {
    "organisation_name": "Holloway Larder",
    "name": "Amina Yusuf",
    "email": "amina@larder.example",
    "challenges_faced": "We have more food than we can sort.",
}


def signed_in(app: Flask, who: Person | None = None, *roles: GlobalRole) -> Account:
    """An account, committed and detached; of Ngozi of the engagement team where nothing is said."""
    with seeding(app):
        who = who or make.person(given_name="Ngozi", family_name="Adeyemi")
        return make.account(who, *(roles or (GlobalRole.ENGAGEMENT,)))


def enquires(client: PageClient, **said: Any) -> None:
    """Amina fills in the form on the public site."""
    client.submit(client.page("/enquire").form("/enquire"), ANSWERS, **said)


def only_enquiry() -> Enquiry:
    """The one that there is."""
    return db.session.scalars(select(Enquiry)).one()


def link_to(purpose: str, about: Any, holder_id: int) -> Link:
    """The newest link of that purpose to that holder."""
    found = latest_link(purpose, about.id, holder_id)
    assert found is not None
    return found


def token_to(purpose: str, about: Any, holder_id: int) -> str:
    """What stands in its address."""
    return token(link_to(purpose, about, holder_id))


def told() -> list[tuple[str, str]]:
    """Each notice that is queued and who gets it, in order."""
    rows = select(Notification.notice, Person.email).join(Person, Person.id == Notification.recipient_id)
    return [(notice, email) for notice, email in db.session.execute(rows.order_by(Notification.id))]
