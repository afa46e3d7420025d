"""Reading the mailbox of returns: each mail in a transaction of its own, marked as read once that is committed.

Killed between the two, the same mail is read again, and changes nothing.
"""

import hashlib
import imaplib
import logging
from datetime import datetime

from sqlalchemy import select

from placements.core.clock import today
from placements.db import begin_to_write, db, hold_row, insert_new
from placements.enquiries.models import Subscription
from placements.enquiries.newsletter import leave_newsletter
from placements.mail.models import PROBLEM_LENGTH, MailboxDay, Message, ReturnKind
from placements.mail.muting import mute
from placements.mail.notices import notices
from placements.mail.reach import come_back
from placements.mail.returns import Returned, read_return
from placements.mailing.mailboxes import open_mailbox
from placements.people.models import Person

log = logging.getLogger(__name__)


def look(url: str, domain: str, *, now: datetime, machine: datetime) -> None:
    """Read what has arrived since the last look, and commit after each mail; what is amiss is noted with the day."""
    problem = None
    try:
        with open_mailbox(url) as mailbox:
            for mail in mailbox.unread():
                was_return = keep(mail.content, domain, now=now, machine=machine)
                mailbox.mark_read(mail.name, was_return=was_return)
    except (OSError, imaplib.IMAP4.error) as error:
        db.session.rollback()
        problem = f"{type(error).__name__}: {error}"[:PROBLEM_LENGTH]
        log.warning("the mailbox of returns could not be read: %s", problem)
    begin_to_write()
    day = _day(now, machine)
    day.looked_at, day.problem = machine, problem
    db.session.commit()


def keep(content: bytes, domain: str, *, now: datetime, machine: datetime) -> bool:
    """Take in one mail and commit. Returns whether it spoke of a mail of ours."""
    returned, digest = read_return(content, domain), hashlib.sha256(content).hexdigest()
    begin_to_write()
    last = db.session.scalar(select(MailboxDay.last_read).order_by(MailboxDay.on.desc()).limit(1))
    day = _day(now, machine)
    is_ours = returned is not None and take(returned, now=now, machine=machine)
    if digest != last:
        day.returned += is_ours
        day.left_aside += not is_ours
    day.looked_at, day.last_read = machine, digest
    db.session.commit()
    return is_ours


def _day(now: datetime, machine: datetime) -> MailboxDay:
    """Today's row, held."""
    on = today(now)
    insert_new(MailboxDay, [{"on": on, "looked_at": machine, "returned": 0, "left_aside": 0, "last_read": ""}])
    day = db.session.scalars(select(MailboxDay).where(MailboxDay.on == on)).one()
    hold_row(day)
    return day


def take(returned: Returned, *, now: datetime, machine: datetime) -> bool:
    """Note what came back of one of our messages; False where it is none, or was not sent to whom the report names.

    What was lost goes to the failed messages. An address that mail comes back from for good is not written to again.
    """
    message = db.session.scalar(select(Message).where(Message.public_id == returned.public_id))
    if message is None:
        return False
    address = message.recipient.email_key
    verdicts = [each for each in returned.verdicts if address in each.addresses]
    if verdicts:
        hold_row(message)
    for verdict in verdicts:
        if come_back(message, verdict, "come_back", now, machine) and verdict.kind is ReturnKind.COMPLAINED:
            stop_what_may_stop(message.recipient, now=now)
    return bool(verdicts)


def stop_what_may_stop(person: Person, *, now: datetime) -> None:
    """Tell a person who called our mail unwanted nothing more that they need not be told; they can undo each."""
    mute(person.id, notices().keys())
    subscription = db.session.scalar(select(Subscription).where(Subscription.person_id == person.id))
    if subscription is not None:
        leave_newsletter(subscription, now=now)
