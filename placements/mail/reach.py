"""Whom mail does not reach, and what becomes of what waits for them.

An address that a mail came back from for good is not written to again, until somebody says so or it is another one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update

from placements.db import db
from placements.mail.models import MailReturn, Message, MessageState, ReturnKind
from placements.people.models import Person

SET_ASIDE = "AddressComesBack: mail to this address comes back, so it is not written to"
CAME_BACK = "CameBack"  # what the problem of a message begins with that came back for good
GIVEN_UP = "GivenUp"  # … that a server on the way could not deliver


@dataclass(frozen=True)
class Reach:
    """What is known of writing to a person at the address that they have now."""

    bounce: MailReturn | None = None
    complaint: MailReturn | None = None


def is_returned(address: Any) -> ColumnElement[bool]:
    """Of a column of addresses by their keys: mail to it comes back."""
    found = select(MailReturn.id).where(MailReturn.address == address, MailReturn.kind == ReturnKind.BOUNCED)
    return found.where(MailReturn.settled_at.is_(None)).exists()


def reach_of(person_ids: Iterable[int]) -> dict[int, Reach]:
    """Of those people, each whose mail comes back or who complained, with the newest of each. One query."""
    kinds = (ReturnKind.BOUNCED, ReturnKind.COMPLAINED)
    rows = (
        select(Person.id, MailReturn)
        .join(MailReturn, MailReturn.address == Person.email_key)
        .where(Person.id.in_(set(person_ids)), MailReturn.kind.in_(kinds), MailReturn.settled_at.is_(None))
        .order_by(MailReturn.id)
    )
    newest: dict[int, dict[ReturnKind, MailReturn]] = {}
    for person_id, each in db.session.execute(rows):
        newest.setdefault(person_id, {})[each.kind] = each
    return {
        person_id: Reach(found.get(ReturnKind.BOUNCED), found.get(ReturnKind.COMPLAINED))
        for person_id, found in newest.items()
    }


def set_aside(machine: datetime) -> None:
    """Give up what waits for people whose mail comes back: it stands among the failed, with the reason.

    What a worker is sending just now is left to it.
    """
    unreached = select(Person.id).where(is_returned(Person.email_key))
    waiting = (
        update(Message)
        .where(Message.state == MessageState.QUEUED, Message.recipient_id.in_(unreached))
        .where(or_(Message.leased_until.is_(None), Message.leased_until < machine))
    )
    gone = {"state": MessageState.FAILED, "problem": SET_ASIDE, "leased_until": None}
    db.session.execute(waiting.values(gone), execution_options={"synchronize_session": False})


def take_up(machine: datetime, person_id: int | None = None) -> None:
    """Queue again what was given up for an address that mail does not come back from any more; of one person or all."""
    unreached = select(Person.id).where(is_returned(Person.email_key))
    because = or_(Message.problem == SET_ASIDE, Message.problem.startswith(f"{CAME_BACK}:"))
    given_up = update(Message).where(Message.state == MessageState.FAILED, because)
    given_up = given_up.where(Message.recipient_id.not_in(unreached))
    if person_id is not None:
        given_up = given_up.where(Message.recipient_id == person_id)
    waits = {"state": MessageState.QUEUED, "problem": None, "tries": 0, "next_try_at": machine}
    db.session.execute(given_up.values(waits), execution_options={"synchronize_session": False})
