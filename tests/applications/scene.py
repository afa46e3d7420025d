"""A student who chooses, and whatever else a page is to show, seeded and committed."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from placements.accounts.models import Account
from placements.cohorts.models import Enrolment, TimeslotGroup
from placements.db import db
from tests import factories as make


@contextmanager
def seeding(app: Flask) -> Iterator[None]:
    """Make things inside; afterwards they are committed, and what was made can still be read."""
    with app.app_context():
        yield
        db.session.commit()
        for each in list(db.session):
            db.session.refresh(each)
        db.session.expunge_all()


def student(group: TimeslotGroup | None = None) -> tuple[Account, Enrolment]:
    """Somebody who can sign in, enrolled on a level 6 run whose choosing is open from 12 to 30 October 2026."""
    account = make.account(make.person(given_name="Amina", family_name="Yusuf", email="amina@example.org"))
    return account, make.enrolment(group, account.person)
