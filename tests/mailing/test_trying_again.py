"""Trying again: one message, all that failed alike, or whatever waits for an address."""

from typing import Any

import pytest
from sqlalchemy import select

from placements.accounts import notices
from placements.cohorts.models import RunRole
from placements.core.errors import Refused
from placements.core.policy import NOBODY
from placements.db import db
from placements.history.models import History
from placements.links.actions import add_link
from placements.mail.actions import tell
from placements.mail.delivery import Tally, deliver
from placements.mail.models import MailReturn, Message, MessageState, Notification
from placements.mail.reached import CAME_BACK, GIVEN_UP, SET_ASIDE, reach_of
from placements.mailing.actions import correct_address, try_address, try_again, try_all
from placements.mailing.rules import Reason, reason_of, without_names
from tests import factories as make
from tests.factories import DAY, NOW
from tests.mail.test_outbox import Recorder
from tests.mailing.scene import AMINA, comes_back, message

LATER = NOW + DAY
BY = {"actor": NOBODY, "now": LATER, "machine": LATER}


def failed(problem: str, **said: Any) -> Message:
    """A message to somebody, given up after five tries."""
    return message(make.person(), state=MessageState.FAILED, problem=problem, tries=5, **said)


def reread(*messages: Message) -> list[tuple[str, str | None, int]]:
    """What the database says of each: state, problem, tries."""
    db.session.flush()
    db.session.expire_all()
    return [(each.state.value, each.problem, each.tries) for each in messages]


def test_a_failed_message_is_queued_as_if_it_were_new(session: Any) -> None:
    one = failed("ConnectionRefusedError: nobody there")
    try_again(one, **BY)
    assert reread(one) == [("queued", None, 0)]
    assert one.next_try_at == LATER
    assert session.scalars(select(History.verb).where(History.about_kind == "message")).all() == ["tried again"]


def test_pressed_twice_it_is_queued_once(session: Any) -> None:
    one = failed("ConnectionRefusedError: nobody there")
    for _ in range(2):
        try_again(one, **BY)
    assert session.scalars(select(History.verb)).all() == ["tried again"]


def test_what_came_back_is_sent_again_once_somebody_says_so(session: Any) -> None:
    amina = make.account(make.person(email=AMINA))
    add_link("accounts.sign_in_by_link", amina.id, amina.person_id, now=NOW, lasts=30 * DAY)
    tell(notices.SIGN_IN_LINK, amina.id, [amina.person_id], NOW)
    session.commit()
    post = Recorder()
    deliver(post, NOW, NOW)
    sent = session.scalars(select(Message)).one()
    comes_back(sent)
    session.commit()
    assert deliver(post, NOW, LATER) == Tally()
    try_again(session.scalars(select(Message)).one(), **BY)
    session.commit()
    assert deliver(post, NOW, LATER) == Tally(sent=1)
    assert [address for address, _ in post.sent] == [AMINA, AMINA]
    assert comes_back(session.scalars(select(Message)).one(), now=LATER)
    assert session.scalars(select(MailReturn.settled_at)).all() == [None]
    assert session.scalars(select(Message.state)).one() is MessageState.FAILED


def test_what_was_lost_on_the_way_can_be_lost_again(session: Any) -> None:
    one = message()
    comes_back(one, "postfix_expired")
    try_again(one, **BY)
    one.state = MessageState.SENT
    session.flush()
    comes_back(one, "postfix_expired", LATER)
    assert one.state is MessageState.FAILED


def test_all_that_failed_alike_are_queued_together(session: Any) -> None:
    alike = [failed("ConnectionRefusedError: nobody there"), failed("TimeoutError: timed out")]
    others = [
        failed("SMTPRecipientsRefused: {'amina@example.org': (550, b'no')}"),
        failed("KeyError: 'about'"),
        message(make.person(), state=MessageState.QUEUED, problem="TimeoutError: timed out", tries=2),
    ]
    before = reread(*others)
    assert try_all(Reason.OUR_SERVER, **BY) == 2
    assert reread(*alike) == [("queued", None, 0)] * 2
    assert reread(*others) == before
    assert try_all(Reason.NOT_MADE, **BY) == 1
    assert reread(*others)[1] == ("queued", None, 0)


def test_all_whose_address_mail_came_back_from_are_written_to_again(session: Any) -> None:
    one = message()
    comes_back(one)
    set_aside = message(one.recipient, state=MessageState.FAILED, problem=SET_ASIDE)
    assert try_all(Reason.COMES_BACK, **BY) == 2
    assert reread(one, set_aside) == [("queued", None, 0)] * 2
    assert reach_of([one.recipient_id]) == {}


def test_an_address_is_tried_again_with_all_that_waits_for_it(session: Any) -> None:
    one = message()
    comes_back(one)
    lost = failed("TimeoutError: timed out")
    elsewhere = message(make.person())
    comes_back(elsewhere)
    try_address(one.recipient, **BY)
    assert reread(one, lost, elsewhere) == [
        ("queued", None, 0),
        ("failed", "TimeoutError: timed out", 5),
        ("failed", elsewhere.problem, 0),
    ]
    assert list(reach_of([one.recipient_id, elsewhere.recipient_id])) == [elsewhere.recipient_id]


def test_with_another_address_what_waits_goes_there(session: Any) -> None:
    one = message()
    comes_back(one)
    correct_address(one.recipient, " Amina.Khan@Example.org ", **BY)
    assert reread(one) == [("queued", None, 0)]
    assert (one.recipient.email, one.recipient.email_key) == ("Amina.Khan@Example.org", "amina.khan@example.org")
    assert session.scalars(select(History.verb).where(History.about_kind == "person")).all() == ["address corrected"]


def test_who_has_not_chosen_a_password_is_invited_at_the_new_address(session: Any) -> None:
    amina = make.account(make.person(email=AMINA), password=None)
    comes_back(message(amina.person))
    correct_address(amina.person, "amina.khan@example.org", **BY)
    assert session.scalars(select(Notification.notice)).all() == ["accounts.invitation"]


def _is_tutor(person: Any) -> None:
    make.group(None, person)


def _is_student(person: Any) -> None:
    make.enrolment(who=person)


def _leads(person: Any) -> None:
    make.run_role(RunRole.LEADER, person, make.run())


@pytest.mark.parametrize("is_one", [_is_tutor, _is_student, _leads])
def test_an_address_of_the_university_is_corrected_there(session: Any, is_one: Any) -> None:
    one = message()
    comes_back(one)
    is_one(one.recipient)
    with pytest.raises(Refused, match=r"^This address comes from the university’s own records"):
        correct_address(one.recipient, "amina.khan@example.org", **BY)
    assert one.recipient.email == AMINA


@pytest.mark.parametrize(
    ("comes", "email", "said"),
    [
        (False, "amina.khan@example.org", "Mail to the present address arrives, so it stays as it is"),
        (True, "AMINA@example.org", "Mail to this address comes back. Enter another one, or try this one again"),
    ],
)
def test_an_address_that_works_stays_and_the_same_is_no_other(session: Any, comes: bool, email: str, said: str) -> None:
    one = message()
    if comes:
        comes_back(one)
    with pytest.raises(Refused) as refusal:
        correct_address(one.recipient, email, **BY)
    assert refusal.value.sentence == said
    assert one.recipient.email == AMINA


@pytest.mark.pure
@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (SET_ASIDE, Reason.COMES_BACK),
        (f"{CAME_BACK}: 5.1.1 smtp; 550", Reason.COMES_BACK),
        (f"{GIVEN_UP}: 4.4.1", Reason.UNREACHED),
        ("SMTPDataError: (554, b'no')", Reason.REFUSED),
        ("gaierror: [Errno -2] Name or service not known", Reason.OUR_SERVER),
        ("KeyError: 'SMTPDataError: '", Reason.NOT_MADE),
        (None, Reason.NOT_MADE),
    ],
)
def test_why_a_message_failed_is_told_by_the_first_word(problem: str | None, reason: Reason) -> None:
    assert reason_of(problem) is reason


@pytest.mark.pure
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("smtp; 550 5.1.1 <amina.khan@example.org>: unknown", "smtp; 550 5.1.1 <…\u2060@example.org>: unknown"),
        ("{'amina@example.org': (550, b'no')}", "{'…\u2060@example.org': (550, b'no')}"),
        ("to=amina@example.org,ben@example.net", "…\u2060@example.org,…\u2060@example.net"),
        (None, ""),
    ],
)
def test_who_reads_of_delivery_reads_no_addresses(text: str | None, said: str) -> None:
    assert without_names(text) == said
