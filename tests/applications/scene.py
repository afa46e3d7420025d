"""A student who chooses, and whatever else a page is to show, seeded and committed."""

from typing import Any

from placements.accounts.models import Account
from placements.applications.models import Needs
from placements.cohorts.models import Enrolment, TimeslotGroup
from placements.db import db
from tests import factories as make


def student(group: TimeslotGroup | None = None) -> tuple[Account, Enrolment]:
    """Somebody who can sign in, enrolled on a level 6 run whose choosing is open from 12 to 30 October 2026."""
    account = make.account(make.person(given_name="Amina", family_name="Yusuf", email="amina@example.org"))
    return account, make.enrolment(group, account.person)


def needs(of: Enrolment, **said: Any) -> Needs:
    """What that student needs; nothing that is not said."""
    made = Needs(enrolment_id=of.id, **said)
    db.session.add(made)
    db.session.flush()
    return made
