"""What becomes of what waits for people whom mail does not reach.

An address that a mail came back from for good is not written to again, until somebody says so or it is another one.
What came back is noted here, whether a report said so later or a server at once.
"""

from datetime import datetime

from sqlalchemy import Select, bindparam, or_, select, update

from placements.core.policy import NOBODY
from placements.db import db
from placements.history.actions import record
from placements.mail.models import PROBLEM_LENGTH, MailReturn, Message, MessageState, ReturnKind
from placements.mail.reached import CAME_BACK, GIVEN_UP, SET_ASIDE, is_returned
from placements.mail.returns import Verdict
from placements.mail.workflow import MESSAGE
from placements.people.models import Person

FAILURES = {ReturnKind.BOUNCED: CAME_BACK, ReturnKind.GIVEN_UP: GIVEN_UP}  # what did not arrive, and how it is called
HAPPENED = {
    ReturnKind.BOUNCED: "came back",
    ReturnKind.GIVEN_UP: "could not be delivered",
    ReturnKind.PUT_OFF: "was put off",
    ReturnKind.COMPLAINED: "was called unwanted",
}
SEEN_BY = "mailing.overview"  # the ability to read of it


def come_back(message: Message, verdict: Verdict, verb: str, now: datetime, machine: datetime) -> bool:
    """Note what came back of a message, which is held. What was lost goes to the failed ones, by `verb` where it can.

    Returns False, and changes nothing, where the same was noted of this address and nobody has tried again since.
    """
    if not _note(message, verdict, now):
        return False
    name = FAILURES.get(verdict.kind)
    if name and MESSAGE.allows(message.state, verb):
        MESSAGE.move(message, verb)
        message.problem = f"{name}: {verdict.status} {verdict.diagnostic}"[:PROBLEM_LENGTH]
        message.leased_until, message.next_try_at = None, machine
    happened, person_id = HAPPENED[verdict.kind], message.recipient_id
    record(happened, message, actor=NOBODY, now=now, person_id=person_id, ability=SEEN_BY)
    return True


def _note(message: Message, verdict: Verdict, now: datetime) -> bool:
    address = message.recipient.email_key
    same = select(MailReturn).where(MailReturn.message_id == message.id, MailReturn.kind == verdict.kind)
    row = db.session.scalar(same)
    if row is not None and row.settled_at is None and row.address == address:
        return False
    if row is None:
        row = MailReturn(message=message, kind=verdict.kind)
        db.session.add(row)
    row.address, row.at, row.settled_at = address, now, None
    row.status, row.diagnostic = verdict.status, verdict.diagnostic
    return True


def refuse(message_id: int, until: datetime, verdict: Verdict, now: datetime, machine: datetime) -> bool:
    """Give up a message that a server takes nothing of for its recipient, as long as it is leased until then.

    Returns False where another has it by now, or its recipient has another address.
    """
    leased = select(Message).where(Message.id == message_id, Message.leased_until == until)
    message = db.session.scalar(leased.where(Message.state == MessageState.QUEUED).with_for_update())
    if message is None or message.recipient.email_key not in verdict.addresses:
        return False
    return come_back(message, verdict, "give_up", now, machine)


SETS_ASIDE = (  # put together once: it is asked before each batch
    update(Message)
    .where(Message.state == MessageState.QUEUED)
    .where(Message.recipient_id.in_(select(Person.id).where(is_returned(Person.email_key))))
    .where(or_(Message.leased_until.is_(None), Message.leased_until < bindparam("machine")))
    .values(state=MessageState.FAILED, problem=SET_ASIDE, leased_until=None, next_try_at=bindparam("machine"))
    .execution_options(synchronize_session=False)
)


def set_aside(machine: datetime) -> None:
    """Give up what waits for people whose mail comes back: it stands among the failed, with the reason.

    What a worker is sending just now is left to it.
    """
    db.session.execute(SETS_ASIDE, {"machine": machine})


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
