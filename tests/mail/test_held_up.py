"""A worker that is held up between reading, sending and marking: what it read is asked again, what it lost it leaves."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain, repeat
from typing import Any

import pytest
from sqlalchemy import select, update

from placements.accounts import notices
from placements.core.clock import machine_now
from placements.db import db
from placements.links.actions import add_link
from placements.links.models import Link
from placements.mail import delivery
from placements.mail.actions import tell
from placements.mail.delivery import AHEAD, LEASE, Passing, Tally, deliver, lease
from placements.mail.gathering import gather
from placements.mail.models import Message, MessageState
from placements.mail.rendering import Rendered
from tests import factories
from tests.factories import NOW

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


class Post:
    """A transport that remembers to whom, and does something after a mail was taken."""

    def __init__(self, then: Callable[[], object] = lambda: None) -> None:
        self.sent: list[int] = []
        self.then = then

    def send(self, message: Message, mail: Rendered) -> None:
        self.sent.append(message.id)
        self.then()


def ask_for_links(number: int) -> list[int]:
    """For so many people, each with an account: the accounts' keys."""
    accounts = [factories.account() for _ in range(number)]
    for account in accounts:
        add_link("accounts.sign_in_by_link", account.id, account.person_id, now=NOW, lasts=DAY)
        tell(notices.SIGN_IN_LINK, account.id, [account.person_id], NOW)
    keys = [account.id for account in accounts]
    db.session.commit()
    return keys


def passing(*seconds: float) -> Callable[[], timedelta]:
    """A clock that says these, and its last for ever."""
    said: Iterator[float] = chain(seconds, repeat(seconds[-1]))
    return lambda: next(said) * SECOND


def states() -> list[tuple[str, bool]]:
    """Of each message its state, and whether somebody holds it."""
    rows = select(Message.state, Message.leased_until).order_by(Message.id)
    return [(str(state), until is not None) for state, until in db.session.execute(rows)]


def test_nothing_is_handed_over_under_a_lease_that_is_all_but_over(session: Any) -> None:
    ask_for_links(3)
    post = Post()
    two_thirds = LEASE.total_seconds() * 2 / 3
    clock = passing(0, 1, 1, 1, two_thirds + 1)  # read; the first sent; then held up
    assert deliver(post, NOW, NOW, passed=clock) == Tally(sent=1)
    assert states() == [("sent", False), ("queued", True), ("queued", True)]
    assert deliver(post, NOW, NOW + LEASE) == Tally()
    assert deliver(post, NOW, NOW + LEASE + SECOND) == Tally(sent=2)
    assert len(set(post.sent)) == len(post.sent) == 3


def test_what_was_read_long_ago_is_asked_again_before_it_is_sent(session: Any) -> None:
    _, second = ask_for_links(2)

    def spend() -> None:
        db.session.execute(update(Link).where(Link.about_id == second).values(spent_at=NOW))
        db.session.commit()

    post = Post(spend)
    assert deliver(post, NOW, NOW, passed=passing(0, 1, 1, 1, 9)) == Tally(sent=1, dropped=1)
    assert [state for state, _ in states()] == ["sent", "dropped"]


def test_what_was_read_just_now_is_not_asked_again(session: Any) -> None:
    """Why the one before shows something."""
    _, second = ask_for_links(2)

    def spend() -> None:
        db.session.execute(update(Link).where(Link.about_id == second).values(spent_at=NOW))
        db.session.commit()

    assert deliver(Post(spend), NOW, NOW, passed=passing(0, 1)) == Tally(sent=2)


def test_what_another_has_taken_over_since_is_left_to_it(session: Any) -> None:
    """The first mail takes so long that all of the batch is another's by then; of it only what was read is sent on."""
    ask_for_links(AHEAD + 2)

    def another() -> None:
        if len(post.sent) == 1:
            db.session.execute(
                update(Message).where(Message.state == MessageState.QUEUED).values(leased_until=NOW + DAY)
            )
            db.session.commit()

    post = Post(another)
    assert deliver(post, NOW, NOW) == Tally(sent=AHEAD)
    assert states() == [("sent", False)] * AHEAD + [("queued", True)] * 2


class Refusing:
    """Takes nothing, and lets another worker take the message over meanwhile."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def send(self, message: Message, mail: Rendered) -> None:
        db.session.execute(update(Message).values(self.values))
        db.session.commit()
        raise ConnectionResetError("gone")


@pytest.mark.parametrize(
    ("meanwhile", "state", "is_held"),
    [
        ({"leased_until": NOW + DAY}, "queued", True),
        ({"leased_until": None, "state": MessageState.SENT}, "sent", False),
    ],
    ids=["leased", "sent"],
)
def test_that_a_mail_was_not_taken_is_said_only_of_what_is_still_ours(
    session: Any, meanwhile: dict[str, Any], state: str, is_held: bool
) -> None:
    ask_for_links(1)
    deliver(Refusing(meanwhile), NOW, NOW)
    assert states() == [(state, is_held)]
    assert session.scalars(select(Message.problem)).all() == [None]


def test_what_was_taken_is_marked_whoever_holds_it_by_then(session: Any) -> None:
    """So the other one, who has not begun with it, sends no second copy."""
    ask_for_links(1)

    def another() -> None:
        db.session.execute(update(Message).values(leased_until=NOW + DAY))
        db.session.commit()

    assert deliver(Post(another), NOW, NOW) == Tally(sent=1)
    assert states() == [("sent", False)]


def test_the_clock_of_a_batch_goes_on_where_the_machines_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = Passing()
    monkeypatch.setattr(delivery, "machine_now", lambda: machine_now() - DAY)
    assert timedelta() <= passed() < 60 * SECOND
    monkeypatch.setattr(delivery, "machine_now", lambda: machine_now() + DAY)
    assert passed() >= DAY


def test_a_batch_is_leased_oldest_first(session: Any) -> None:
    accounts = [factories.account() for _ in range(3)]
    for account, hours in zip(accounts, (1, 3, 2), strict=True):
        tell(notices.SIGN_IN_LINK, account.id, [account.person_id], NOW - timedelta(hours=hours))
    session.commit()
    gather(NOW, NOW)
    order = {key: place for place, key in enumerate(lease(NOW).ids)}
    people = dict(session.execute(select(Message.id, Message.recipient_id)).all())
    assert [people[key] for key in order] == [accounts[n].person_id for n in (1, 2, 0)]
