"""An organisation with a contact, a champion of its area, and an officer: who a challenge's story needs."""

from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select

from placements.accounts.models import Account, GlobalRole
from placements.challenges.models import Challenge
from placements.cohorts.models import RunRole, Theme
from placements.db import db
from placements.partners.models import Organisation
from tests import factories as make
from tests.databases import seeding

NEED = "Every week we are given food that nobody knows how to cook, and throw a third of it away."


@dataclass
class Stage:
    """Accounts, detached; the organisation by its public_id."""

    contact: Account
    champion: Account
    officer: Account
    student: Account
    organisation: str


def set_stage(app: Flask) -> Stage:
    """Commit them all. The organisation is approved and has one site."""
    with seeding(app):
        run = make.run()
        organisation = make.organisation(name="Holloway Larder")
        make.site(organisation)
        contact = make.account(make.person(given_name="Amina", family_name="Yusuf"))
        make.contact(organisation, contact.person)
        champion = make.account(make.person(given_name="Samir", family_name="Okafor"))
        make.run_role(RunRole.CHAMPION, champion.person, run, Theme.POVERTY)
        student = make.account()
        make.enrolment(make.group(run), student.person)
        return Stage(contact, champion, make.account(None, GlobalRole.ENGAGEMENT), student, organisation.public_id)


def organisation() -> Organisation:
    """The stage's organisation."""
    return db.session.scalars(select(Organisation).where(Organisation.name == "Holloway Larder")).one()


def only_challenge() -> Challenge:
    """The one challenge there is."""
    return db.session.scalars(select(Challenge)).one()
