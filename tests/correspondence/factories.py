"""What was sent, or is to be."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any

from flask import Flask

from placements.accounts.models import Account
from placements.db import db
from placements.mail.models import Message, MessageState, Notification
from placements.mail.notices import notices
from placements.people.models import Person
from tests import factories as make
from tests.factories import NOW

ABOUT = count(1)  # each thing is another


def notification(recipient: Person, name: str, *, due_at: datetime = NOW, **given: Any) -> Notification:
    """One thing to say to somebody, in no message yet."""
    pace, about_id = notices()[name].pace, next(ABOUT)
    made = Notification(notice=name, about_id=about_id, recipient_id=recipient.id, pace=pace, due_at=due_at, **given)
    db.session.add(made)
    return made


def message(recipient: Person, names: Sequence[str], *, subject: str = "From Placements", **given: Any) -> Message:
    """One mail that says these, sent at NOW unless said otherwise."""
    said = {"state": MessageState.SENT, "sent_at": NOW, "created_at": NOW, "next_try_at": NOW, **given}
    made = Message(recipient_id=recipient.id, subject=subject, **said)
    db.session.add(made)
    db.session.flush()
    for name in names:
        notification(recipient, name, message_id=made.id)
    db.session.flush()
    return made


def reader(app: Flask, names: Sequence[str], *, mails: int = 1, **person: Any) -> Account:
    """Somebody who signs in and was sent so many mails that say these; kept, and of no session."""
    with app.app_context():
        account = make.account(make.person(**person))
        for number in range(mails):
            message(account.person, names, subject=f"Mail {number}")
        db.session.commit()
        db.session.refresh(account)
        db.session.expunge_all()
        return account
