"""A mail that went out, and what comes back of it."""

from typing import Any

from placements.mail.models import Message, MessageState
from placements.mail.returns import read_return
from placements.mailing.returning import take
from placements.people.models import Person
from tests import factories as make
from tests.factories import NOW
from tests.factories.base import add
from tests.mail.test_returns import DOMAIN, OURS, mail

AMINA = "amina@example.org"


def message(to: Person | None = None, **said: Any) -> Message:
    """A mail; sent, unless `state` says otherwise."""
    to = to or make.person(given_name="Amina", family_name="Khan", email=AMINA)
    state = said.setdefault("state", MessageState.SENT)
    said = {"created_at": NOW, "next_try_at": NOW, "sent_at": NOW if state is MessageState.SENT else None, **said}
    return add(Message(recipient=to, **said))


def report(name: str, of: Message) -> bytes:
    """The kept mail of that name as if it came back of this message."""
    return mail(name).replace(OURS.encode(), of.public_id.encode()).replace(AMINA.encode(), of.recipient.email.encode())


def comes_back(of: Message, name: str = "postfix_no_such_user", now: Any = NOW) -> bool:
    """Take in the report of that name about this message."""
    returned = read_return(report(name, of), DOMAIN)
    return returned is not None and take(returned, now=now, machine=now)
