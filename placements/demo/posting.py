"""What is its own way with mail: words of a run's own, one reminder left out, one kind muted, mail that is lost."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from smtplib import SMTPDataError

from sqlalchemy import select

from placements.core.clock import machine_now
from placements.correspondence.actions import choose, seen_of
from placements.correspondence.kinds import kinds_of
from placements.db import db
from placements.demo.stage import LATEST, LEADER, Beat, Season, leader, person_at
from placements.mail.delivery import BACK_OFF, Tally, deliver, log
from placements.mail.models import Message, MessageState, ReturnKind
from placements.mail.pacing import USUAL_HOUR
from placements.mail.rendering import Rendered
from placements.mail.returns import Returned, Verdict
from placements.mail.transports import MailboxTransport
from placements.mailing.returning import take
from placements.partners.models import Contact
from placements.reminding.actions import say_own_way
from placements.reminding.queries import listed_one, seen_own

ASK_KINDLY, LEFT_OUT, MUTED = "logbook.silent", "reading.ungraded", "offers.student_accepted"
KINDLY = (
    "Nothing has come into your log from {organisation} for a while, {given_name}. If you were there, two lines are "
    "enough for now. If you were not, tell us: whatever it is, we have most likely heard it before."
)
NO_MAILBOX = "smtp; 550 5.1.1 The email account that you tried to reach does not exist"


def chapter(season: Season) -> Iterator[Beat]:
    """The leader says a thing her own way, leaves another out, and mutes a third."""
    if season.starts != LATEST:
        return
    yield Beat(season.at(1, 12, 16, 10), lambda now: _say(season, 0, ASK_KINDLY, now, words=KINDLY))
    yield Beat(season.at(1, 12, 16, 25), lambda now: _say(season, 1, LEFT_OUT, now, is_off=True))
    yield Beat(season.at(1, 12, 16, 40), _mute)


def _say(season: Season, which: int, name: str, now: datetime, *, is_off: bool = False, words: str = "") -> None:
    run = season.runs()[which]
    listed = listed_one(name, run)
    assert listed is not None
    seen, steps = seen_own(None), listed.steps
    say_own_way(run, listed, is_off=is_off, steps=steps, subject="", words=words, seen=seen, actor=leader(), now=now)


def _mute(now: datetime) -> None:
    person, kinds = person_at(LEADER), kinds_of(person_at(LEADER).id, {MUTED})
    choose(person, USUAL_HOUR, {MUTED}, kinds, seen=seen_of(USUAL_HOUR, ()), actor=leader(), now=now)


class OneIsRefused(MailboxTransport):
    """A mailbox behind a server that takes the first mail never, and all others."""

    refused: int | None = None

    def send(self, message: Message, mail: Rendered) -> None:
        """Keep the mail, but for the first."""
        self.refused = self.refused or message.id
        if message.id == self.refused:
            raise SMTPDataError(554, b"5.6.0 Message could not be processed")
        super().send(message, mail)


def deliver_all(now: datetime) -> None:
    """Send what is due."""
    _deliver_by(MailboxTransport(), now, machine_now())


def _deliver_by(transport: MailboxTransport, now: datetime, machine: datetime) -> None:
    while deliver(transport, now, machine) != Tally():
        pass


def deliver_all_but_one(now: datetime) -> None:
    """Send what is due, and try one of it until it is given up, as if half a day had passed."""
    transport, machine = OneIsRefused(), machine_now() - sum(BACK_OFF, timedelta(hours=1))
    log.disabled = True  # whoever makes a demonstration need not look into it
    for later in (timedelta(), *BACK_OFF):
        machine += later
        _deliver_by(transport, now, machine)
    log.disabled = False


def come_back(now: datetime) -> None:
    """The latest mail to somebody at an organisation comes back for good."""
    sent = select(Message).join(Contact, Contact.person_id == Message.recipient_id)
    sent = sent.where(Message.state == MessageState.SENT, Contact.left_on.is_(None)).order_by(Message.id.desc())
    message = db.session.scalars(sent.limit(1)).first()
    if message is not None:
        to = frozenset({message.recipient.email_key})
        verdict = Verdict(to, ReturnKind.BOUNCED, "5.1.1", NO_MAILBOX)
        take(Returned(message.public_id, (verdict,)), now=now, machine=machine_now())
