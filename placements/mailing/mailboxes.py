"""Where mail that comes back arrives: a folder on an IMAP server, or a Maildir. Each mail is read, then marked as read.

What is not marked is offered again, so whoever reads commits first and marks after.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from placements.mail.returns import MOST_READ

AT_ONCE = 200  # mails of one look; the others wait for the next
PATIENCE = 20  # seconds that a server may take for an answer
READ_HERE = "Returned"  # the folder that an IMAP server keeps those in that were returns
PORT = 993
BYTES = re.compile(rb"\{\d+\}$")


@dataclass(frozen=True)
class Arrived:
    """One mail: what the mailbox calls it, and its first bytes."""

    name: str
    content: bytes


class Mailbox(Protocol):
    """What both kinds do."""

    def unread(self) -> Iterator[Arrived]:
        """Some of the mails that nobody has read, the oldest first."""

    def mark_read(self, name: str, *, was_return: bool) -> None:
        """Offer this one no more. What was no return stays where somebody can look at it."""


@contextmanager
def open_mailbox(url: str) -> Iterator[Mailbox]:
    """The mailbox at that address. Raises OSError or imaplib.IMAP4.error where it cannot be reached or opened."""
    where = urlsplit(url)
    if where.scheme == "maildir":
        yield Maildir(Path(unquote(where.path)))
        return
    server = imaplib.IMAP4_SSL(
        where.hostname or "", where.port or PORT, ssl_context=ssl.create_default_context(), timeout=PATIENCE
    )
    with server:
        server.login(unquote(where.username or ""), unquote(where.password or ""))
        yield ImapFolder(server, unquote(where.path).strip("/") or "INBOX")


class Maildir:
    """A folder with `new` and `cur`, as mail servers on the same machine deliver to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def unread(self) -> Iterator[Arrived]:
        """Those in `new`."""
        waiting = sorted(self.folder.joinpath("new").iterdir(), key=lambda path: path.name)
        for path in waiting[:AT_ONCE]:
            with path.open("rb") as file:
                yield Arrived(path.name, file.read(MOST_READ))

    def mark_read(self, name: str, *, was_return: bool) -> None:
        """Into `cur`, with the flag that mail programs know as seen."""
        self.folder.joinpath("new", name).rename(self.folder / "cur" / f"{name.partition(':')[0]}:2,S")


class ImapFolder:
    """A folder on a server that we are signed in to."""

    def __init__(self, server: imaplib.IMAP4, folder: str) -> None:
        self.server = server
        _answer(server.select(_quoted(folder)))
        can = b" ".join(_answer(server.capability())).decode("ascii").split()  # more than before signing in
        self.can_move = "MOVE" in can
        if self.can_move:
            server.create(READ_HERE)  # it says no where there is one

    def unread(self) -> Iterator[Arrived]:
        """Those without the flag \\Seen."""
        [found, *_] = _answer(self.server.uid("SEARCH", "UNSEEN"))
        for uid in (found or b"").decode("ascii").split()[:AT_ONCE]:
            yield Arrived(uid, self._first_bytes(uid))

    def _first_bytes(self, uid: str) -> bytes:
        answer = _answer(self.server.uid("FETCH", uid, f"(BODY.PEEK[]<0.{MOST_READ}>)"))
        parts = [each for each in answer if isinstance(each, tuple) and BYTES.search(each[0])]
        return parts[0][1] if parts else b""

    def mark_read(self, name: str, *, was_return: bool) -> None:
        """Flag it; a return then moves to a folder of its own, where the server can do that."""
        _answer(self.server.uid("STORE", name, "+FLAGS.SILENT", "(\\Seen)"))
        if was_return and self.can_move:
            self.server.uid("MOVE", name, READ_HERE)  # where it cannot, the flag is enough


def _answer(said: tuple[str, list[Any]]) -> list[Any]:
    status, data = said
    if status != "OK":
        raise imaplib.IMAP4.error(f"the mail server answered {status}: {data!r}")
    return data


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
