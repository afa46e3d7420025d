"""Inviting people, letting them in by mail, and giving roles."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select, update

from placements.accounts import notices, rules
from placements.accounts.models import Account, GlobalRole, Role, new_uniquifier
from placements.accounts.queries import account_by_email, account_of, works
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.actions import record
from placements.links.actions import add_link, latest_link, spend
from placements.links.models import Link
from placements.mail.actions import tell
from placements.people.models import Person


def open_account(person: Person, *, actor: Principal, now: datetime) -> Account:
    """The person's account, made now if there was none. Sends nothing."""
    account = account_of(person.id)
    if account is None:
        account = Account(person=person, created_at=now)
        db.session.add(account)
        record("account opened", account, actor=actor, now=now, person_id=person.id)
    return account


def invite(person: Person, *, by_mail: bool = True, actor: Principal, now: datetime) -> Account:
    """Open an account and mail its person a link to choose a password; again only while none has been chosen.

    With `by_mail=False` the link stands in a mail of the caller's.
    """
    account = open_account(person, actor=actor, now=now)
    if account.password is None:
        _add_link("accounts.set_password", account, now, rules.INVITATION_LASTS)
        if by_mail:
            tell(notices.INVITATION, account.id, [person.id], now)
        record("invited", account, actor=actor, now=now, person_id=person.id)
    return account


def ask_for_link(address: str, *, now: datetime) -> None:
    """Mail a sign-in link to whoever has an account at that address. Says nothing of whether there is one.

    Asked again within a minute nothing more is sent: nobody can fill somebody else's mailbox.
    """
    account = account_by_email(address)
    if account is not None and account.active and not _has_new_link(account, now):
        _add_link("accounts.sign_in_by_link", account, now, rules.SIGN_IN_LINK_LASTS)
        tell(notices.SIGN_IN_LINK, account.id, [account.person_id], now)


def ask_for_new_password(account: Account, *, now: datetime) -> None:
    """Mail the account's person a link to choose a new password."""
    _add_link("accounts.set_password", account, now, rules.SIGN_IN_LINK_LASTS)
    tell(notices.NEW_PASSWORD, account.id, [account.person_id], now)


def _has_new_link(account: Account, now: datetime) -> bool:
    link = latest_link("accounts.sign_in_by_link", account.id, account.person_id)
    return link is not None and works(link, now) and now < link.created_at + rules.SIGN_IN_LINK_IS_NEW


def _add_link(purpose: str, account: Account, now: datetime, lasts: timedelta) -> None:
    """A link that lets its holder in for as long as their address stays the one that it is sent to."""
    person = account.person
    add_link(purpose, account.id, person.id, now=now, lasts=lasts, version=rules.address_version(person.email_key))


def _spend(link: Link, now: datetime) -> tuple[Account, Principal]:
    if link.is_open(now) and not works(link, now):
        raise Refused("This link was sent to an address that is not yours any more. Ask for a new one.")
    account = db.session.get_one(Account, link.about_id)
    if not account.active:
        raise Refused("This account has been closed. Ask the module team to open it again.")
    return account, spend(link, now)


def sign_in_by_link(link: Link, *, now: datetime) -> Account:
    """Spend a sign-in link. Returns the account to let in, which may have a second step before it.

    Raises Refused where the link does not work any more, or the account is closed.
    """
    account, actor = _spend(link, now)
    record("used a sign-in link", account, actor=actor, now=now, person_id=actor.person_id)
    return account


def set_password(link: Link, hashed: str, *, now: datetime) -> Account:
    """Set the password, hashed before any transaction began; spend the link and every other that could change it.

    Ends every other session. Raises Refused as `sign_in_by_link` does.
    """
    account, actor = _spend(link, now)
    account.password = hashed
    account.fs_uniquifier = new_uniquifier()
    others = update(Link).where(Link.purpose == link.purpose, Link.about_id == account.id, Link.spent_at.is_(None))
    db.session.execute(others.values(spent_at=now))
    record("chose a password", account, actor=actor, now=now, person_id=actor.person_id)
    return account


def give_roles(account: Account, names: Iterable[GlobalRole], *, actor: Principal, now: datetime) -> None:
    """Let the account hold exactly these roles everywhere."""
    wanted = set(names)
    known = {role.name: role for role in db.session.scalars(select(Role))}
    account.global_roles = [known.get(name) or Role(name=name) for name in sorted(wanted)]
    record("roles set", account, actor=actor, now=now, person_id=account.person_id, fields=sorted(wanted))
