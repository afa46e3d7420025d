"""Accounts, and the principal behind a request."""

from collections.abc import Callable, Sequence
from datetime import datetime

from flask_security import current_user
from sqlalchemy import Select, select, union_all

from placements.accounts.models import Account
from placements.accounts.rules import address_version
from placements.core.policy import NOBODY, Principal
from placements.db import db
from placements.links.models import Link
from placements.people.models import Person, email_key

RolesOf = Callable[[int], Select[str, int | None]]


def load_principal(parts: Sequence[RolesOf]) -> Principal:
    """Who is signed in, with every role that the areas' `roles_of` know of. One query beside the account's own."""
    if not current_user.is_authenticated:
        return NOBODY
    return principal_of(current_user, parts)


def principal_of(account: Account, parts: Sequence[RolesOf]) -> Principal:
    """The principal of an account: its global roles, and those that later areas grant."""
    everywhere = {(role.name.value, None) for role in account.roles}
    granted: set[tuple[str, int | None]] = set()
    if parts:
        rows = db.session.execute(union_all(*(part(account.person_id) for part in parts)))
        granted = {(row[0], row[1]) for row in rows}
    return Principal(account.person_id, frozenset(everywhere | granted))


def works(link: Link, now: datetime) -> bool:
    """The link is open, and its holder still has the address that it was sent to."""
    return link.is_open(now) and link.version in ("", address_version(link.holder.email_key))


def account_by_email(address: str) -> Account | None:
    """The account of the person with that address."""
    return db.session.scalar(select(Account).join(Account.person).where(Person.email_key == email_key(address)))


def account_of(person_id: int) -> Account | None:
    """The account of that person."""
    return db.session.scalar(select(Account).where(Account.person_id == person_id))
