"""Verbs on mail that did not arrive: trying again, and correcting the address."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from placements.accounts.actions import invite
from placements.accounts.models import GlobalRole
from placements.accounts.queries import account_of, holders
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.mail.actions import tell
from placements.mail.models import MailReturn, Message, MessageState, ReturnKind
from placements.mail.reach import settle, take_up
from placements.mail.reached import reach_of
from placements.mail.stoppages import untold
from placements.mail.workflow import MESSAGE
from placements.mailing import notices
from placements.mailing.queries import is_because
from placements.mailing.rules import Reason
from placements.partners.queries import is_of_the_university
from placements.people.models import Person, email_key

AT_ONCE = 500  # messages that one press queues again
SEEN_BY = "mailing.overview"  # the ability to read of it
OF_THE_UNIVERSITY = "This address comes from the university’s own records, so it is corrected there"


def try_again(message: Message, *, actor: Principal, now: datetime, machine: datetime) -> None:
    """Queue a failed message again. Where mail to its address comes back, it may be written to again.

    Before it is sent it is asked again whether it is still true.
    """
    hold_row(message)
    if MESSAGE.allows(message.state, "try_again"):
        _try([message], actor=actor, now=now, machine=machine)


def try_all(reason: Reason, *, actor: Principal, now: datetime, machine: datetime) -> int:
    """The same for those that failed for that kind of reason, the last first. Returns how many, at most AT_ONCE."""
    failed = select(Message).where(Message.state == MessageState.FAILED, is_because(reason))
    failed = failed.order_by(Message.next_try_at.desc(), Message.id.desc()).limit(AT_ONCE)
    found = db.session.scalars(failed.with_for_update(skip_locked=True)).all()
    _try(found, actor=actor, now=now, machine=machine)
    return len(found)


def say_stood_still(now: datetime) -> None:
    """Tell the administrators, once, of each time in which no worker ran."""
    for stoppage in untold():
        tell(notices.STOOD_STILL, stoppage.id, db.session.scalars(holders(GlobalRole.ADMINISTRATOR)), now)
        stoppage.told_at = now


def _try(messages: Sequence[Message], *, actor: Principal, now: datetime, machine: datetime) -> None:
    for each in messages:
        MESSAGE.move(each, "try_again")
        each.tries, each.next_try_at, each.problem = 0, machine, None
        record("tried again", each, actor=actor, now=now, person_id=each.recipient_id, ability=SEEN_BY)
    recipients = [each.recipient_id for each in messages]
    settle(select(Person.email_key).where(Person.id.in_(recipients)), now)
    lost = update(MailReturn).where(MailReturn.message_id.in_([each.id for each in messages]))
    lost = lost.where(MailReturn.kind == ReturnKind.GIVEN_UP, MailReturn.settled_at.is_(None))
    db.session.execute(lost.values(settled_at=now), execution_options={"synchronize_session": False})


def try_address(person: Person, *, actor: Principal, now: datetime, machine: datetime) -> None:
    """Write to a person again at the address that mail came back from, beginning with what could not be said.

    Nothing where mail to them arrives.
    """
    hold_row(person)
    if not _comes_back(person):
        return
    settle(select(Person.email_key).where(Person.id == person.id), now)
    take_up(machine, person.id)
    record("address tried again", person, actor=actor, now=now, person_id=person.id)


def correct_address(person: Person, email: str, *, actor: Principal, now: datetime, machine: datetime) -> None:
    """Write to a person at another address from now on, beginning with what could not be said. They sign in by it too.

    Refused where mail to them arrives, and for an address that the university's records say.
    """
    hold_row(person)
    if not _comes_back(person):
        raise Refused("Mail to the present address arrives, so it stays as it is")
    if is_of_the_university(person):
        raise Refused(OF_THE_UNIVERSITY)
    if email_key(email) == person.email_key:
        raise Refused("Mail to this address comes back. Enter another one, or try this one again", "email")
    person.email = email
    record("address corrected", person, actor=actor, now=now, person_id=person.id, fields=["email"])
    db.session.flush()
    take_up(machine, person.id)
    account = account_of(person.id)
    if account is not None and account.password is None:  # the link in the old invitation works for the old address
        invite(person, actor=actor, now=now)


def _comes_back(person: Person) -> bool:
    reach = reach_of([person.id]).get(person.id)
    return reach is not None and reach.bounce is not None
