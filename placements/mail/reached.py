"""Whom mail does not reach; and what of it can wait."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from placements.db import db
from placements.mail.models import MailReturn, Notification, ReturnKind
from placements.mail.notices import Pace
from placements.people.models import Person

SET_ASIDE = "AddressComesBack: mail to this address comes back, so it is not written to"
CAME_BACK = "CameBack"  # what the problem of a message begins with that came back for good
GIVEN_UP = "GivenUp"  # … that a server on the way could not deliver
CAN_WAIT = Notification.pace == Pace.DAILY  # for the day's mail


@dataclass(frozen=True)
class Reach:
    """What is known of writing to a person at the address that they have now."""

    bounce: MailReturn | None = None
    complaint: MailReturn | None = None


def has_bounced(known: Mapping[int, Reach], person_id: int) -> bool:
    """Of what `reach_of` found: whether mail to that person comes back."""
    return person_id in known and known[person_id].bounce is not None


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
