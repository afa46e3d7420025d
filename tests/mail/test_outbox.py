"""From a notification to a mail: once, together, still true, tried again, given up in sight."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from placements.accounts import notices
from placements.accounts.models import Account
from placements.db import db
from placements.links.actions import add_link
from placements.links.models import Link
from placements.mail.actions import tell
from placements.mail.delivery import BACK_OFF, Tally, deliver, gather, lease
from placements.mail.models import KeptMail, Message, MessageState, Notification
from placements.mail.notices import Notice
from placements.mail.rendering import Rendered, as_text
from placements.mail.transports import MailboxTransport
from placements.people.models import Person
from tests import factories
from tests.factories import NOW

MINUTE = timedelta(minutes=1)


class Recorder:
    """A transport that remembers; it can be told to fail."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Rendered]] = []
        self.failing = False
        self.chokes_on = ""

    def send(self, message: Message, mail: Rendered) -> None:
        if self.failing:
            raise ConnectionRefusedError("nobody there")
        if message.recipient.email == self.chokes_on:
            raise ValueError("no line breaks in headers")
        self.sent.append((message.recipient.email, mail))


@pytest.fixture
def post() -> Recorder:
    return Recorder()


def _asks_for_a_link(name: str = "Amina") -> Account:
    account = factories.account(factories.person(given_name=name, email=f"{name.lower()}@example.org"))
    add_link("accounts.sign_in_by_link", account.id, account.person_id, now=NOW, lasts=30 * MINUTE)
    tell(notices.SIGN_IN_LINK, account.id, [account.person_id], NOW)
    db.session.commit()
    return account


def test_what_is_told_is_sent_once(session: Any, post: Recorder) -> None:
    _asks_for_a_link()
    assert deliver(post, NOW, NOW) == Tally(sent=1)
    assert deliver(post, NOW + MINUTE, NOW + MINUTE) == Tally()
    [(address, mail)] = post.sent
    assert address == "amina@example.org"
    assert mail.subject == "Your link to sign in"
    assert "Hello Amina," in mail.text


def test_telling_the_same_thing_twice_says_it_once(session: Any, post: Recorder) -> None:
    account = _asks_for_a_link()
    tell(notices.SIGN_IN_LINK, account.id, [account.person_id, account.person_id], NOW)
    session.commit()
    assert len(session.scalars(select(Notification)).all()) == 1


def test_nothing_is_sent_before_it_is_due(session: Any, post: Recorder) -> None:
    _asks_for_a_link()
    assert deliver(post, NOW - MINUTE, NOW) == Tally()


def test_several_things_for_one_person_make_one_mail(session: Any, post: Recorder) -> None:
    account = _asks_for_a_link()
    add_link("accounts.set_password", account.id, account.person_id, now=NOW, lasts=30 * MINUTE)
    tell(notices.NEW_PASSWORD, account.id, [account.person_id], NOW)
    session.commit()
    deliver(post, NOW, NOW)
    [(_, mail)] = post.sent
    assert mail.subject == "2 things from Placements: Your link to sign in"
    assert "Sign in: http" in mail.text
    assert "Choose a new password: http" in mail.text


def test_the_same_thing_told_twice_before_the_mail_goes_is_said_once(session: Any, post: Recorder) -> None:
    account = _asks_for_a_link()
    tell(notices.SIGN_IN_LINK, account.id, [account.person_id], NOW + MINUTE)
    session.commit()
    assert deliver(post, NOW + MINUTE, NOW) == Tally(sent=1)
    [(_, mail)] = post.sent
    assert mail.subject == "Your link to sign in"
    assert mail.text.count("/sign-in/link/") == 1


def test_what_is_no_longer_true_is_not_said(session: Any, post: Recorder) -> None:
    _asks_for_a_link()
    session.scalars(select(Link)).one().spent_at = NOW
    session.commit()
    assert deliver(post, NOW, NOW) == Tally(dropped=1)
    assert post.sent == []
    assert session.scalars(select(Message)).one().state is MessageState.DROPPED


def test_of_several_things_what_is_no_longer_true_is_marked_as_never_said(session: Any, post: Recorder) -> None:
    account = _asks_for_a_link()
    add_link("accounts.set_password", account.id, account.person_id, now=NOW, lasts=30 * MINUTE).spent_at = NOW
    tell(notices.NEW_PASSWORD, account.id, [account.person_id], NOW)
    session.commit()
    assert deliver(post, NOW, NOW) == Tally(sent=1)
    rows = session.execute(select(Notification.notice, Notification.dropped_at).order_by(Notification.id)).all()
    assert [tuple(row) for row in rows] == [("accounts.sign_in_link", None), ("accounts.new_password", NOW)]


def test_a_mail_that_is_not_taken_is_tried_again_later_and_given_up_in_sight(session: Any, post: Recorder) -> None:
    _asks_for_a_link()
    session.scalars(select(Link)).one().expires_at = NOW + timedelta(days=30)
    session.commit()
    post.failing = True
    machine = NOW
    for wait in BACK_OFF:
        assert deliver(post, NOW, machine) == Tally(failed=1)
        assert deliver(post, NOW, machine + wait - MINUTE / 2) == Tally()
        machine += wait
    deliver(post, NOW, machine)
    message = session.scalars(select(Message)).one()
    assert (message.state, message.problem) == (MessageState.FAILED, "ConnectionRefusedError: nobody there")


def _gone(account_id: int, recipient: Person, now: datetime) -> dict[str, Any]:
    return {"account": db.session.get_one(Account, account_id + 1000)}


@pytest.mark.parametrize(
    ("notice", "problem"),
    [
        (None, "KeyError: 'for Ben'"),
        (Notice("accounts.sign_in_link", _gone), "NoResultFound: No row was found when one was required"),
        (Notice("accounts.no_such", lambda *_: {}), "TemplateNotFound: mail/accounts/no_such.html"),
        (notices.SIGN_IN_LINK, "ValueError: no line breaks in headers"),
    ],
    ids=["a notice by another name", "about a thing that is gone", "a broken template", "what cannot be handed over"],
)
def test_a_mail_that_cannot_be_made_is_given_up_in_sight_and_keeps_no_other_back(
    session: Any, post: Recorder, monkeypatch: pytest.MonkeyPatch, notice: Notice | None, problem: str
) -> None:
    if notice:
        monkeypatch.setitem(current_app.extensions["placements.notices"], "for Ben", notice)
    post.chokes_on = "ben@example.org" if notice is notices.SIGN_IN_LINK else ""
    ben = _asks_for_a_link("Ben")
    for name in ("Amina", "Cy"):
        _asks_for_a_link(name)
    session.scalars(select(Notification).filter_by(recipient_id=ben.person_id)).one().notice = "for Ben"
    session.scalars(select(Link).filter_by(holder_id=ben.person_id)).one().expires_at = NOW + timedelta(days=30)
    session.commit()
    machine = NOW
    assert deliver(post, NOW, machine) == Tally(sent=2, failed=1)
    assert [address for address, _ in post.sent] == ["amina@example.org", "cy@example.org"]
    for wait in BACK_OFF:
        assert deliver(post, NOW, machine + wait - MINUTE / 2) == Tally()
        machine += wait
        deliver(post, NOW, machine)
    message = session.scalars(select(Message).where(Message.problem.is_not(None))).one()
    assert (message.state, message.problem, len(post.sent)) == (MessageState.FAILED, problem, 2)


def test_a_leased_message_is_left_alone_until_its_lease_is_over(session: Any, post: Recorder) -> None:
    _asks_for_a_link()
    gather(NOW, NOW)
    assert len(lease(NOW).ids) == 1
    assert deliver(post, NOW, NOW + MINUTE) == Tally()
    assert deliver(post, NOW, NOW + 3 * MINUTE) == Tally(sent=1)


def test_no_usable_link_stands_in_the_outbox(session: Any, post: Recorder) -> None:
    _asks_for_a_link()
    deliver(post, NOW, NOW)
    [(_, mail)] = post.sent
    token = mail.text.partition("/sign-in/link/")[2].split()[0]
    for table in (Notification, Message, Link):
        for row in session.execute(select(table.__table__)).all():
            assert token not in map(str, row)


def test_links_in_mail_start_with_the_configured_address(database: Flask, session: Any, post: Recorder) -> None:
    _asks_for_a_link()
    deliver(post, NOW, NOW)
    address = database.extensions["placements.settings"].base_url
    assert f"Sign in: {address}/sign-in/link/" in post.sent[0][1].text


def test_the_mailbox_of_a_demonstration_keeps_each_message_once(session: Any) -> None:
    _asks_for_a_link()
    deliver(MailboxTransport(), NOW, NOW)
    kept = session.scalars(select(KeptMail)).one()
    assert (kept.to, kept.subject) == ("amina@example.org", "Your link to sign in")


@pytest.mark.pure
def test_plain_text_reads_like_the_letter() -> None:
    html = (
        "<!doctype html><html><head><style>p {}</style><title>Not this</title></head><body><p>Hello  Amina,<br>&lt;you&gt;"
        '</p><ul class="few"><li>one</li><li>two</li></ul><p><a href="https://example.org/a?b=1&amp;c=2">Go &amp; see</a></p></body></html>'
    )
    assert as_text(html) == "Hello Amina,\n<you>\n\n- one\n- two\n\nGo & see: https://example.org/a?b=1&c=2\n"
