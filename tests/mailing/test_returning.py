"""What comes back is noted once, against the mail and the person it was really for, and stops what should stop."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select

from placements.accounts import notices
from placements.accounts.models import Account
from placements.db import db
from placements.enquiries.models import Subscription
from placements.history.models import History
from placements.links.actions import add_link
from placements.mail.actions import tell
from placements.mail.delivery import Tally, deliver
from placements.mail.models import MailReturn, Message, MessageState, Mute, ReturnKind
from placements.mail.notices import Notice
from placements.mail.reach import take_up
from placements.mail.reached import SET_ASIDE, reach_of
from placements.mail.returns import Returned, Verdict
from placements.mailing.returning import take
from tests import factories as make
from tests.factories import DAY, NOW
from tests.mail.test_outbox import Recorder
from tests.mailing.scene import AMINA, comes_back, message


def noted() -> list[tuple[str, str, str]]:
    """Every return: its kind, address and status."""
    rows = db.session.scalars(select(MailReturn).order_by(MailReturn.id))
    return [(each.kind.value, each.address, each.status) for each in rows]


def has_something_to_say(to: Account, now: datetime = NOW) -> None:
    """A mail with a sign-in link is due to them."""
    add_link("accounts.sign_in_by_link", to.id, to.person_id, now=now, lasts=30 * DAY)
    tell(notices.SIGN_IN_LINK, to.id, [to.person_id], now)
    db.session.commit()


@pytest.mark.parametrize(
    ("name", "kind", "status", "problem"),
    [
        ("postfix_no_such_user", "bounced", "5.1.1", "CameBack: 5.1.1 smtp; 550 5.1.1 <amina"),
        ("exchange_refused", "bounced", "5.7.1", "CameBack: 5.7.1 smtp;550 5.7.1 TRANSPORT"),
        ("postfix_expired", "given_up", "4.4.1", "GivenUp: 4.4.1 X-Postfix; connect to"),
        ("postfix_delayed", "put_off", "4.4.1", None),
        ("complaint", "complained", "", None),
    ],
)
def test_what_comes_back_is_noted_with_its_mail_once(
    session: Any, name: str, kind: str, status: str, problem: str | None
) -> None:
    sent = message()
    assert comes_back(sent, name)
    assert comes_back(sent, name, NOW + DAY)
    assert noted() == [(kind, AMINA, status)]
    assert sent.state is (MessageState.FAILED if problem else MessageState.SENT)
    assert (sent.problem or "").startswith(problem or "")
    assert bool(sent.problem) is bool(problem)
    assert len(session.scalars(select(History).where(History.about_kind == "message")).all()) == 1


def test_a_report_about_somebody_else_changes_nothing(session: Any) -> None:
    sent = message()
    verdict = Verdict(frozenset({"ben@example.org"}), ReturnKind.BOUNCED, "5.1.1")
    assert take(Returned(sent.public_id, (verdict,)), now=NOW, machine=NOW) is False
    assert (noted(), sent.state) == ([], MessageState.SENT)


def test_a_report_about_a_mail_that_we_never_sent_changes_nothing(session: Any) -> None:
    sent = message()
    verdict = Verdict(frozenset({AMINA}), ReturnKind.BOUNCED, "5.1.1")
    assert take(Returned("abcDEF12_-34", (verdict,)), now=NOW, machine=NOW) is False
    assert (noted(), sent.state) == ([], MessageState.SENT)


def test_of_a_report_about_several_only_its_own_counts(session: Any) -> None:
    sent = message()
    other = Verdict(frozenset({"ben@example.org"}), ReturnKind.BOUNCED, "5.1.1")
    own = Verdict(frozenset({AMINA, "amina@elsewhere.example"}), ReturnKind.PUT_OFF, "4.2.2")
    assert take(Returned(sent.public_id, (other, own)), now=NOW, machine=NOW)
    assert noted() == [("put_off", AMINA, "4.2.2")]


def test_an_address_that_mail_comes_back_from_is_not_written_to_again(session: Any) -> None:
    amina, ben = (make.account(make.person(email=f"{name}@example.org")) for name in ("amina", "ben"))
    post, unreached = Recorder(), amina.person_id
    comes_back(message(amina.person))
    has_something_to_say(amina)
    has_something_to_say(ben)
    assert deliver(post, NOW, NOW) == Tally(sent=1)
    assert [address for address, _ in post.sent] == ["ben@example.org"]
    waiting = session.scalars(select(Message).where(Message.problem == SET_ASIDE)).one()
    assert (waiting.recipient_id, waiting.state) == (unreached, MessageState.FAILED)


@pytest.mark.parametrize("name", ["postfix_expired", "postfix_delayed", "complaint"])
def test_what_is_no_verdict_on_the_address_stops_no_mail(session: Any, name: str) -> None:
    amina = make.account(make.person(email=AMINA))
    post = Recorder()
    comes_back(message(amina.person), name)
    has_something_to_say(amina)
    assert deliver(post, NOW, NOW) == Tally(sent=1)


def test_with_a_corrected_address_what_waited_goes_out_by_itself(session: Any) -> None:
    amina = make.account(make.person(email=AMINA))
    post = Recorder()
    comes_back(message(amina.person))
    has_something_to_say(amina)
    deliver(post, NOW, NOW)
    take_up(NOW)
    session.commit()
    assert deliver(post, NOW, NOW) == Tally()
    amina.person.email = "amina.khan@example.org"
    session.commit()
    take_up(NOW)
    session.commit()
    assert deliver(post, NOW, NOW).sent == 1
    assert [address for address, _ in post.sent] == ["amina.khan@example.org"]


def test_a_report_that_comes_after_the_address_was_corrected_changes_nothing(session: Any) -> None:
    sent = message()
    verdict = Verdict(frozenset({AMINA}), ReturnKind.BOUNCED, "5.1.1")
    sent.recipient.email = "amina.khan@example.org"
    session.flush()
    assert take(Returned(sent.public_id, (verdict,)), now=NOW, machine=NOW) is False
    assert reach_of([sent.recipient_id]) == {}


def test_what_a_worker_is_sending_is_left_to_it(session: Any) -> None:
    amina = make.person(email=AMINA)
    comes_back(message(amina))
    at_work = message(amina, state=MessageState.QUEUED, leased_until=NOW + timedelta(minutes=1))
    session.commit()
    assert deliver(Recorder(), NOW, NOW) == Tally()
    assert at_work.state is MessageState.QUEUED


def test_who_complains_gets_no_newsletter_any_more(session: Any) -> None:
    amina = make.person(email=AMINA)
    subscription = make.subscription(amina, confirmed_at=NOW - DAY)
    comes_back(message(amina), "complaint")
    assert session.scalars(select(Subscription)).one() is subscription
    assert subscription.ended_at == NOW


def test_who_complains_is_told_nothing_more_that_they_need_not_be_told(
    session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {name: Notice(name, lambda *_: None, may_mute=may) for name, may in (("a.may", True), ("b.must", False))}
    monkeypatch.setitem(current_app.extensions, "placements.notices", known)
    amina = make.person(email=AMINA)
    for name in ("complaint", "postfix_delayed"):
        comes_back(message(amina), name)
    assert session.execute(select(Mute.person_id, Mute.notice)).all() == [(amina.id, "a.may")]


def test_who_complains_is_known_and_so_is_where_mail_comes_back_from(session: Any) -> None:
    amina, ben, cy = (make.person(email=f"{name}@example.org") for name in ("amina", "ben", "cy"))
    comes_back(message(amina))
    comes_back(message(amina), "complaint")
    comes_back(message(ben), "complaint")
    comes_back(message(cy), "postfix_delayed")
    found = reach_of([amina.id, ben.id, cy.id])
    assert {key: (bool(each.bounce), bool(each.complaint)) for key, each in found.items()} == {
        amina.id: (True, True),
        ben.id: (False, True),
    }
