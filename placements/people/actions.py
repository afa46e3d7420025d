"""Meeting somebody for the first time."""

from datetime import datetime

from sqlalchemy import select

from placements.db import db
from placements.people.models import Person, email_key


def find_or_add_person(given_name: str, family_name: str, email: str, now: datetime) -> Person:
    """The person with that address, as we already know them, or a new one. Flushes; never changes a known person."""
    known = db.session.scalar(select(Person).where(Person.email_key == email_key(email)))
    if known is not None:
        return known
    person = Person(given_name=given_name.strip(), family_name=family_name.strip(), email=email, created_at=now)
    db.session.add(person)
    db.session.flush()
    return person
