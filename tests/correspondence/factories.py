"""What was sent, or is to be."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from placements.db import db
from placements.mail.models import Message, MessageState, Notification
from placements.mail.notices import notices
from placements.people.models import Person
from tests.factories import NOW


def notification(
    recipient: Person, name: str, *, due_at: datetime = NOW, about_id: int = 1, **given: Any
) -> Notification:
    """One thing to say to somebody, in no message yet."""
    pace = notices()[name].pace
    made = Notification(notice=name, about_id=about_id, recipient_id=recipient.id, pace=pace, due_at=due_at, **given)
    db.session.add(made)
    return made


def message(recipient: Person, names: Sequence[str], *, subject: str = "From Placements", **given: Any) -> Message:
    """One mail that says these, sent at NOW unless said otherwise."""
    said = {"state": MessageState.SENT, "sent_at": NOW, "created_at": NOW, "next_try_at": NOW, **given}
    made = Message(recipient_id=recipient.id, subject=subject, **said)
    db.session.add(made)
    db.session.flush()
    for number, name in enumerate(names, start=1):
        notification(recipient, name, about_id=number, message_id=made.id)
    db.session.flush()
    return made
