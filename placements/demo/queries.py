"""Whom one can be in a demonstration, and the mail that it kept."""

from collections.abc import Sequence

from sqlalchemy import select

from placements.accounts.models import Account
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import KeptMail
from placements.people.models import Person
from placements.story import is_demonstration

MOST = 100


def demonstration(who: Principal) -> bool | None:
    """True in a demonstration, None (a missing page) everywhere else."""
    return is_demonstration() or None


def account_in_demonstration(who: Principal, public_id: str) -> Account | None:
    """The account of that person, in a demonstration only."""
    if not is_demonstration():
        return None
    return db.session.scalar(select(Account).join(Account.person).where(Person.public_id == public_id))


def kept_mail(who: Principal, public_id: str) -> KeptMail | None:
    """One kept mail, in a demonstration only."""
    return db.session.scalar(select(KeptMail).where(KeptMail.public_id == public_id)) if is_demonstration() else None


def latest_mail() -> Sequence[KeptMail]:
    """The newest kept mails."""
    return db.session.scalars(select(KeptMail).order_by(KeptMail.id.desc()).limit(MOST)).all()
