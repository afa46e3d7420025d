"""People and their accounts."""

from typing import Any

from sqlalchemy import select

from placements.accounts.models import Account, GlobalRole, Role
from placements.db import db
from placements.people.models import Person
from tests.factories.base import NOW, add, number


def person(**said: Any) -> Person:
    n = next(number)
    said = {"given_name": f"Given{n}", "family_name": f"Family{n}", "email": f"p{n}@example.org", **said}
    return add(Person(created_at=NOW, **said))


def account(who: Person | None = None, *roles: GlobalRole, **said: Any) -> Account:
    known = {role.name: role for role in db.session.scalars(select(Role))}
    held = [known.get(name) or Role(name=name) for name in roles]
    return add(Account(person=who or person(), global_roles=held, created_at=NOW, **said))
