"""Mailboxes of returns: a Maildir, and a folder of a real IMAP server. Each mail is read once, also across a kill."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from placements.config import Settings
from placements.db import db
from placements.mail.models import MailboxDay, MailReturn, Message, MessageState
from placements.mailing.mailboxes import Maildir, open_mailbox
from placements.mailing.returning import keep, look
from tests.factories import NOW
from tests.mail.test_returns import DOMAIN, mail
from tests.mailing.imap import ImapServer
from tests.mailing.scene import message, report


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    """An empty Maildir."""
    for name in ("tmp", "new", "cur"):
        tmp_path.joinpath("box", name).mkdir(parents=True)
    return tmp_path / "box"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def look_into(url: str) -> None:
    look(url, DOMAIN, now=NOW, machine=NOW + timedelta(seconds=5))


def found() -> tuple[int, int, str | None]:
    """What the day's looks found: returns, what was left aside, what was amiss."""
    day = db.session.scalars(select(MailboxDay)).one()
    return day.returned, day.left_aside, day.problem


def test_a_maildir_is_read_once_and_each_mail_marked(session: Any, maildir: Path) -> None:
    sent = message()
    session.commit()
    maildir.joinpath("new", "1792483203.M1.mx").write_bytes(report("postfix_no_such_user", sent))
    maildir.joinpath("new", "1792483204.M2.mx").write_bytes(mail("out_of_office"))
    maildir.joinpath("new", "1792483205.M3.mx").write_bytes(b"\xff" * 5000)
    for _ in range(2):
        look_into(f"maildir://{maildir}")
    assert names(maildir / "new") == []
    assert names(maildir / "cur") == ["1792483203.M1.mx:2,S", "1792483204.M2.mx:2,S", "1792483205.M3.mx:2,S"]
    assert found() == (1, 2, None)
    assert (session.scalars(select(Message)).one().state, len(session.scalars(select(MailReturn)).all())) == (
        MessageState.FAILED,
        1,
    )


def test_killed_before_it_was_marked_a_mail_is_read_again_and_changes_nothing(session: Any, maildir: Path) -> None:
    sent = message()
    session.commit()
    for name, content in (("1.a", report("postfix_no_such_user", sent)), ("1.b", mail("out_of_office"))):
        maildir.joinpath("new", name).write_bytes(content)
        keep(content, DOMAIN, now=NOW, machine=NOW)  # … and killed here
        before = found(), db.session.scalars(select(MailReturn.at)).all()
        look_into(f"maildir://{maildir}")
        assert (found(), db.session.scalars(select(MailReturn.at)).all()) == before
    assert names(maildir / "cur") == ["1.a:2,S", "1.b:2,S"]
    assert found() == (1, 1, None)


def test_marked_before_it_is_read_a_return_would_be_lost(session: Any, maildir: Path) -> None:
    """The control: the order that `look` does not use."""
    sent = message()
    session.commit()
    maildir.joinpath("new", "1.a").write_bytes(report("postfix_no_such_user", sent))
    [arrived] = Maildir(maildir).unread()
    Maildir(maildir).mark_read(arrived.name, was_return=True)  # marked …
    look_into(f"maildir://{maildir}")  # … and killed before it was read
    assert session.scalars(select(MailReturn)).all() == []


def test_a_mailbox_that_is_not_there_is_told(session: Any, tmp_path: Path, caplog: Any) -> None:
    look_into(f"maildir://{tmp_path}/nowhere")
    assert "the mailbox of returns could not be read: FileNotFoundError" in caplog.text
    returned, left_aside, problem = found()
    assert (returned, left_aside) == (0, 0)
    assert (problem or "").startswith("FileNotFoundError")


def test_what_was_amiss_is_forgotten_when_the_mailbox_is_there(session: Any, maildir: Path, tmp_path: Path) -> None:
    look_into(f"maildir://{tmp_path}/nowhere")
    look_into(f"maildir://{maildir}")
    assert found() == (0, 0, None)


@pytest.mark.pure
@pytest.mark.parametrize(
    "url", ["imap://user@mail.example.org/INBOX", "/var/mail/placements", "maildir://", "imaps:///INBOX", "pop3s://x"]
)
def test_a_mailbox_that_nobody_could_open_stops_the_start(url: str) -> None:
    with pytest.raises(ValueError, match=r"^RETURNS_URL is neither imaps://user:password@host/folder nor maildir:"):
        Settings(returns_url=url)


def test_a_folder_of_an_imap_server_is_read_once_and_returns_are_put_away(session: Any, imap: ImapServer) -> None:
    sent = message()
    session.commit()
    imap.deliver(report("postfix_no_such_user", sent))
    imap.deliver(mail("out_of_office"))
    for _ in range(2):
        look_into(imap.url)
    assert found() == (1, 1, None)
    assert session.scalars(select(Message)).one().state is MessageState.FAILED
    assert imap.count("INBOX", "seen") == 1
    assert imap.count("INBOX", "unseen") == 0
    assert imap.count("Returned", "seen") == 1


def test_of_a_mail_on_a_server_no_more_is_fetched_than_is_read(imap: ImapServer) -> None:
    imap.deliver(b"Subject: huge\r\n\r\n" + b"x" * 78 + b"\r\n" * 600_000)
    with open_mailbox(imap.url) as mailbox:
        [arrived] = mailbox.unread()
    assert len(arrived.content) == 512 * 1024


def test_a_server_that_lets_us_not_in_is_told(session: Any, imap: ImapServer) -> None:
    look_into(imap.url.replace("secret", "wrong"))
    _, _, problem = found()
    assert "AUTHENTICATIONFAILED" in (problem or "")
    assert "wrong" not in (problem or "")


def test_a_server_whose_certificate_nobody_knows_is_not_spoken_to(
    session: Any, imap: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    look_into(imap.url)
    _, _, problem = found()
    assert (problem or "").startswith("SSLCertVerificationError")
