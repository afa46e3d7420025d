"""Meeting somebody for the first time."""

from datetime import datetime

from sqlalchemy import select

from placements.db import db, insert_new
from placements.people.models import NAME_LENGTH, Person, email_key


def find_or_add_person(given_name: str, family_name: str, email: str, now: datetime) -> Person:
    """The person with that address, as we already know them, or a new one. Flushes; never changes a known person.

    Two who meet them at the same moment meet one person.
    """
    with_that_address = select(Person).where(Person.email_key == email_key(email))
    known = db.session.scalar(with_that_address)
    if known is not None:
        return known
    names = {"given_name": given_name.strip()[:NAME_LENGTH], "family_name": family_name.strip()[:NAME_LENGTH]}
    insert_new(Person, [{**names, "email": email.strip(), "email_key": email_key(email), "created_at": now}])
    return db.session.scalars(with_that_address).one()
