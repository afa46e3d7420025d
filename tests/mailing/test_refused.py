"""A server that knows no such mailbox says so at once: it is noted as if the mail had come back."""

from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from sqlalchemy import select

from placements.accounts.models import Account
from placements.core.clock import machine_now
from placements.core.policy import NOBODY
from placements.db import db
from placements.history.models import History
from placements.mail.delivery import Tally, deliver
from placements.mail.models import Message, MessageState
from placements.mail.reached import SET_ASIDE, reach_of
from placements.mail.rendering import Rendered
from placements.mail.transports import SmtpTransport
from placements.mailing.actions import correct_address, try_again
from tests import factories as make
from tests.databases import Copy
from tests.databases import application as application_for
from tests.factories import NOW
from tests.mail.sink import on_the_way_to, smtp_sink
from tests.mail.test_outbox import Recorder
from tests.mailing.scene import AMINA, comes_back, message
from tests.mailing.test_returning import has_something_to_say, noted

MINUTE = timedelta(minutes=1)
NO_SUCH_USER = "550 5.1.1 <amina@example.org>: Recipient address rejected: User unknown"


class Refusing(Recorder):
    """Takes nothing for these addresses; `meanwhile` happens as it answers."""

    def __init__(self, *addresses: str, code: int = 550, answer: bytes = b"5.1.1 User unknown") -> None:
        super().__init__()
        self.addresses, self.code, self.answer = addresses, code, answer
        self.meanwhile: Any = lambda: None

    def send(self, message: Message, mail: Rendered) -> None:
        to = message.recipient.email
        if to in self.addresses:
            self.meanwhile()
            raise SMTPRecipientsRefused({to: (self.code, self.answer)})
        super().send(message, mail)


def amina_and_ben(now: datetime = NOW) -> int:
    """A mail is due to each; Amina's key."""
    amina, ben = (make.account(make.person(email=f"{name}@example.org")) for name in ("amina", "ben"))
    key = amina.person_id
    for each in (amina, ben):
        has_something_to_say(each, now)
    return key


def to(person_id: int) -> Message:
    """The newest message to them."""
    rows = select(Message).where(Message.recipient_id == person_id).order_by(Message.id.desc())
    return db.session.scalars(rows.execution_options(populate_existing=True)).first()


def test_on_the_wire_who_is_not_known_there_is_written_to_no_more(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        amina = amina_and_ben(machine_now())
        db.session.remove()
    with smtp_sink() as (sink, port), application_for(on_the_way_to(fresh_database, port)) as app, app.app_context():
        sink.answers = {AMINA: NO_SUCH_USER}
        with SmtpTransport("placements.example") as transport:
            assert deliver(transport, machine_now(), machine_now()) == Tally(sent=1)
            assert deliver(transport, machine_now(), machine_now() + 2 * MINUTE) == Tally()
        assert [mail["To"] for mail in sink.mails] == ["ben@example.org"]
        given_up = to(amina)
        assert (given_up.state, given_up.tries, given_up.leased_until) == (MessageState.FAILED, 0, None)
        assert given_up.problem == f"CameBack: 5.1.1 smtp; {NO_SUCH_USER}"
        assert noted() == [("bounced", AMINA, "5.1.1")]
        assert list(reach_of([amina])) == [amina]
        happened = db.session.execute(select(History.verb, History.person_id).where(History.about_kind == "message"))
        assert happened.all() == [("came back", amina)]
        db.session.remove()


def test_on_the_wire_who_is_not_known_for_now_is_written_to_later(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        amina = amina_and_ben(machine_now())
        db.session.remove()
    with smtp_sink() as (sink, port), application_for(on_the_way_to(fresh_database, port)) as app, app.app_context():
        with SmtpTransport("placements.example") as transport:
            sink.answers = {AMINA: "450 4.2.0 Greylisted, try again later"}
            assert deliver(transport, machine_now(), machine_now()) == Tally(sent=1, failed=1)
            assert to(amina).problem == "SMTPRecipientsRefused: 450 4.2.0 Greylisted, try again later"
            sink.answers = {}
            assert deliver(transport, machine_now(), machine_now() + 2 * MINUTE) == Tally(sent=1)
        assert (to(amina).state, noted()) == (MessageState.SENT, [])
        db.session.remove()


@pytest.mark.parametrize(
    ("code", "answer"), [(554, b"5.7.1 Relay access denied"), (552, b"5.2.2 Over quota"), (451, b"Try again later")]
)
def test_what_is_no_verdict_on_the_address_is_tried_again(session: Any, code: int, answer: bytes) -> None:
    amina = amina_and_ben()
    post = Refusing(AMINA, code=code, answer=answer)
    assert deliver(post, NOW, NOW) == Tally(sent=1, failed=1)
    waiting = to(amina)
    assert (waiting.state, waiting.tries, waiting.next_try_at) == (MessageState.QUEUED, 1, NOW + MINUTE)
    assert noted() == []


def test_what_waits_for_them_is_set_aside_and_others_get_theirs(session: Any) -> None:
    amina = amina_and_ben()
    post = Refusing(AMINA)
    assert deliver(post, NOW, NOW) == Tally(sent=1)
    has_something_to_say(db.session.scalars(select(Account).where(Account.person_id == amina)).one(), NOW + MINUTE)
    assert deliver(post, NOW + MINUTE, NOW + MINUTE) == Tally()
    assert to(amina).problem == SET_ASIDE
    assert [address for address, _ in post.sent] == ["ben@example.org"]


def test_a_worker_that_was_held_up_says_nothing_of_what_another_has(session: Any) -> None:
    amina = amina_and_ben()
    post = Refusing(AMINA)

    def another_takes_it() -> None:
        taken = to(amina)
        taken.leased_until = NOW + 9 * MINUTE
        db.session.commit()
        db.session.expunge_all()

    post.meanwhile = another_takes_it
    deliver(post, NOW, NOW)
    theirs = to(amina)
    assert (theirs.state, theirs.leased_until, noted()) == (MessageState.QUEUED, NOW + 9 * MINUTE, [])


def test_an_address_that_was_corrected_meanwhile_is_not_called_dead(session: Any) -> None:
    amina = amina_and_ben()
    post = Refusing(AMINA)

    def is_corrected() -> None:
        to(amina).recipient.email = "amina.khan@example.org"
        db.session.commit()
        db.session.expunge_all()

    post.meanwhile = is_corrected
    deliver(post, NOW, NOW)
    assert (noted(), to(amina).state) == ([], MessageState.QUEUED)
    assert deliver(post, NOW, NOW + 2 * MINUTE) == Tally(sent=1)


def test_whoever_tries_again_hears_again(session: Any) -> None:
    amina = amina_and_ben()
    post = Refusing(AMINA)
    deliver(post, NOW, NOW)
    try_again(to(amina), actor=NOBODY, now=NOW + MINUTE, machine=NOW + MINUTE)
    session.commit()
    assert reach_of([amina]) == {}
    deliver(post, NOW + MINUTE, NOW + MINUTE)
    assert noted() == [("bounced", AMINA, "5.1.1")]
    assert list(reach_of([amina])) == [amina]


def test_the_same_mail_can_come_back_from_the_corrected_address_too(session: Any) -> None:
    sent = message()
    comes_back(sent)
    correct_address(sent.recipient, "amina.khan@example.org", actor=NOBODY, now=NOW, machine=NOW)
    sent.state = MessageState.SENT
    session.flush()
    assert reach_of([sent.recipient_id]) == {}
    assert comes_back(sent)
    assert list(reach_of([sent.recipient_id])) == [sent.recipient_id]
