"""Accounts, and the principal behind a request."""

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import cast

from flask_security import current_user
from sqlalchemy import CompoundSelect, Date, Select, bindparam, select, union_all

from placements.accounts.models import Account, GlobalRole, Role
from placements.accounts.rules import address_version
from placements.core.policy import NOBODY, Principal
from placements.db import db
from placements.links.models import Link
from placements.people.models import Person, email_key

RolesOf = Callable[[int, date], Select[str, int | None]]


def load_principal(parts: tuple[RolesOf, ...], on: date) -> Principal:
    """Who is signed in, with every role that the areas know of that day. One query beside the account's own."""
    if not current_user.is_authenticated:
        return NOBODY
    return principal_of(current_user, parts, on)


def principal_of(account: Account, parts: tuple[RolesOf, ...], on: date) -> Principal:
    """The principal of an account: the roles that the areas grant to its person on that day. One query."""
    rows = db.session.execute(_granted(parts), {"person_id": account.person_id, "on": on})
    return Principal(account.person_id, frozenset((row[0], row[1]) for row in rows))


@cache
def _granted(parts: tuple[RolesOf, ...]) -> CompoundSelect[str, int | None]:
    """The areas' roles of whoever `person_id` is that day. Asked always, and slower to put together than to answer."""
    somebody, some_day = cast(int, bindparam("person_id")), cast(date, bindparam("on", type_=Date))
    return union_all(*(part(somebody, some_day) for part in parts))


def works(link: Link, now: datetime) -> bool:
    """The link is open, and its holder still has the address that it was sent to."""
    return link.is_open(now) and link.version in ("", address_version(link.holder.email_key))


def person_of(who: Principal) -> Person | None:
    """Who is signed in; None for nobody."""
    return None if who.person_id is None else db.session.get(Person, who.person_id)


def holders(role: GlobalRole) -> Select[int]:
    """The people, by key, whose active account holds the role everywhere."""
    held = select(Account.person_id).join(Account.global_roles)
    return held.where(Role.name == role, Account.active)


def account_by_email(address: str) -> Account | None:
    """The account of the person with that address."""
    return db.session.scalar(select(Account).join(Account.person).where(Person.email_key == email_key(address)))


def account_of(person_id: int) -> Account | None:
    """The account of that person."""
    return db.session.scalar(select(Account).where(Account.person_id == person_id))
