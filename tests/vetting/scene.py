"""An organisation that is being vetted, its contact, an officer and others, for tests of the pages."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.accounts.models import Account, GlobalRole
from placements.db import db
from placements.mail.models import KeptMail, Notification
from placements.partners.models import Organisation, Site
from placements.partners.workflow import OrganisationState
from placements.vetting.models import Check
from placements.vetting.rules import CheckKind
from tests import factories as make

PDF = b"%PDF-1.7\nA certificate\n%%EOF\n"


@dataclass
class Scene:
    """Accounts by who they are, and the organisation's addresses."""

    organisation: Organisation
    site: Site
    accounts: dict[str, Account] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"/organisations/{self.organisation.public_id}"

    def question(self, kind: str) -> str:
        """Where a question is answered: `kind` as an address says it."""
        of = self.site if kind == "place" else self.organisation
        return f"/organisations/checks/{of.public_id}.{kind}"


def build(*also: Callable[[Scene], Any], **said: Any) -> Scene:
    """Commit a prospective organisation with one place, unless `said` says otherwise, and what `also` adds."""
    prospective = {"state": OrganisationState.PROSPECTIVE, "approved_until": None}
    organisation = make.organisation(**{"name": "Holloway Larder", **prospective, **said})
    scene = Scene(organisation, make.site(organisation, name="The larder", cleared_until=None))
    scene.accounts["contact"] = make.account(make.person(given_name="Amina", family_name="Yusuf"))
    make.contact(organisation, scene.accounts["contact"].person)
    scene.accounts["officer"] = make.account(
        make.person(given_name="Erin", family_name="Okafor"), GlobalRole.ENGAGEMENT
    )
    scene.accounts["safety"] = make.account(None, GlobalRole.SAFETY_OFFICER)
    scene.accounts["stranger"] = make.account()
    make.contact(make.organisation(name="Elsewhere"), scene.accounts["stranger"].person)
    for add in also:
        add(scene)
    db.session.commit()
    for row in (scene.organisation, scene.site, *scene.accounts.values()):
        db.session.refresh(row)
    db.session.expunge_all()
    return scene


@pytest.fixture
def scene(database: Flask) -> Scene:
    with database.app_context():
        return build()


def organisation() -> Organisation:
    return db.session.scalars(select(Organisation).where(Organisation.name == "Holloway Larder")).one()


def check(kind: CheckKind, of_place: bool = False) -> Check:
    """The organisation's check of that kind."""
    rows = select(Check).where(Check.kind == kind, Check.organisation_id == organisation().id)
    return db.session.scalars(rows.where(Check.site_id.is_not(None) if of_place else Check.site_id.is_(None))).one()


def told() -> list[tuple[str, str]]:
    """Every notice that is queued, and whom for by given name."""
    rows = db.session.scalars(select(Notification).order_by(Notification.id)).all()
    return [(each.notice, each.recipient_id) for each in rows]


def mails() -> list[tuple[str, str]]:
    """To whom and with which subject each mail went, in order."""
    return [(mail.to, mail.subject) for mail in db.session.scalars(select(KeptMail).order_by(KeptMail.id))]
