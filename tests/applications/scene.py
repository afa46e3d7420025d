"""A student who chooses, and whatever else a page is to show, seeded and committed."""

from placements.accounts.models import Account
from placements.cohorts.models import Enrolment, TimeslotGroup
from tests import factories as make


def student(group: TimeslotGroup | None = None) -> tuple[Account, Enrolment]:
    """Somebody who can sign in, enrolled on a level 6 run whose choosing is open from 12 to 30 October 2026."""
    account = make.account(make.person(given_name="Amina", family_name="Yusuf", email="amina@example.org"))
    return account, make.enrolment(group, account.person)
