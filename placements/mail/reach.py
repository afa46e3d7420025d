"""What becomes of what waits for people whom mail does not reach.

An address that a mail came back from for good is not written to again, until somebody says so or it is another one.
"""

from datetime import datetime

from sqlalchemy import Select, or_, select, update

from placements.db import db
from placements.mail.models import MailReturn, Message, MessageState, ReturnKind
from placements.mail.reached import CAME_BACK, SET_ASIDE, is_returned
from placements.people.models import Person


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
    gone = {"state": MessageState.FAILED, "problem": SET_ASIDE, "leased_until": None, "next_try_at": machine}
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


def settle(addresses: Select[str], now: datetime) -> None:
    """Let these addresses, by their keys, be written to again."""
    back = update(MailReturn).where(MailReturn.kind == ReturnKind.BOUNCED, MailReturn.settled_at.is_(None))
    db.session.execute(
        back.where(MailReturn.address.in_(addresses)).values(settled_at=now),
        execution_options={"synchronize_session": False},
    )
