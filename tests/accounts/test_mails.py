"""What people read who are let in by mail, word for word, as the worker sends it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from placements.accounts.actions import ask_for_link, ask_for_new_password, invite
from placements.accounts.models import Account
from placements.core.policy import NOBODY
from placements.db import db
from placements.links.actions import token
from placements.links.models import Link
from placements.mail.delivery import Tally, deliver
from placements.mail.models import Message
from placements.mail.rendering import Rendered
from tests import factories as make
from tests.factories import NOW
from tests.golden import check_golden


class Recorder:
    """A transport that remembers."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, message: Message, mail: Rendered) -> None:
        self.sent.append(f"To: {message.recipient.email}\nSubject: {mail.subject}\n\n{mail.text}")


@pytest.fixture
def ada(session: Any) -> Account:
    return make.account(make.person(given_name="Ada", family_name="Okafor", email="ada@example.org"))


def sent() -> str:
    """The one mail that the worker sends now, its token masked."""
    db.session.commit()
    links = [token(link) for link in db.session.scalars(select(Link))]
    post = Recorder()
    assert deliver(post, NOW, NOW) == Tally(sent=1)
    [text] = post.sent
    [link] = links
    assert text.count(link) == 1
    return re.sub(r"(?<=/your-mail/)\S+", "TOKEN", text.replace(link, "TOKEN"))


def invited(account: Account) -> None:
    invite(account.person, actor=NOBODY, now=NOW)


def asked_for_a_link(account: Account) -> None:
    ask_for_link(account.email, now=NOW)


def asked_for_a_new_password(account: Account) -> None:
    ask_for_new_password(account, now=NOW)


@pytest.mark.parametrize(
    ("happened", "name"),
    [(invited, "invitation"), (asked_for_a_link, "sign_in_link"), (asked_for_a_new_password, "new_password")],
    ids=["invitation", "sign_in_link", "new_password"],
)
def test_what_is_read(ada: Account, happened: Callable[[Account], None], name: str) -> None:
    happened(ada)
    check_golden(f"accounts/{name}", sent())
