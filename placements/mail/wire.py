"""A mail as the bytes that go over the wire (RFC 5322, MIME): a skeleton, filled in for each recipient.

Building an `EmailMessage` for each costs more than all else that sending one takes. What stands here is held to what
the standard library's parser reads, and to what its own builder makes (`tests/mail/test_wire.py`).
"""

import re
from binascii import b2a_qp
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache

from placements.mail.rendering import Rendered

END = "\r\n"
LINE = 76  # what a header's line holds, as its readers like it
PART = "=_part_of_a_mail"  # “=_” never stands in quoted-printable, so neither does this
SKELETON = END.join(
    (
        "{headers}",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{PART}"',
        "",
        f"--{PART}",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "{text}",
        f"--{PART}",
        "Content-Type: text/html; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "{html}",
        f"--{PART}--",
        "",
    )
)
NAME = re.compile(r"[!-9;-~]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
PLAIN = re.compile(r"[ -~]*")
ADDRESS = re.compile(r"[^\s\"(),:;<>@\[\\\]]+@[^\s\"(),:;<>@\[\\\]]+")


def as_bytes(mail: Rendered, sender: str, to: str, message_id: str, at: datetime) -> bytes:
    """The mail to one recipient. `sender` may have a name (“Placements <x@y>”), `to` and `message_id` are bare.

    Raises ValueError where a header's words would end its line, or an address is none.
    """
    headers = {
        "To": address(to),
        "Subject": mail.subject,
        "Date": format_datetime(at),
        "Message-ID": f"<{message_id}>",
        **mail.headers,
    }
    lines = [_from(sender), *(header(name, value) for name, value in headers.items())]
    filled = SKELETON.format(headers=END.join(lines), text=_quoted(mail.text), html=_quoted(mail.html))
    return filled.encode("ascii")


def address(email: str) -> str:
    """An address as servers take it, its domain in ASCII. Raises ValueError where they would not."""
    if not ADDRESS.fullmatch(email) or CONTROL.search(email):
        raise ValueError(f"no address: {email!r}")
    if email.isascii():
        return email
    name, _, domain = email.partition("@")
    if not name.isascii():
        raise ValueError(f"not every server takes this address: {email!r}")
    return f"{name}@{domain.encode('idna').decode('ascii')}"


@lru_cache(maxsize=256)  # most mails of an hour say the same
def header(name: str, value: str) -> str:
    """One header, encoded where it is no plain ASCII. Raises ValueError for what would begin another."""
    if not NAME.fullmatch(name) or CONTROL.search(value):
        raise ValueError(f"no line breaks in headers: {name}")
    if PLAIN.fullmatch(value) and "=?" not in value:
        line = f"{name}: {value}"
        return line if len(line) <= LINE else _folded(name, value)
    return f"{name}: {Header(value, 'utf-8', LINE, name).encode(linesep=END)}"


def _folded(name: str, value: str) -> str:
    """In lines that begin with a space; a word longer than a line stays whole."""
    lines = [f"{name}:"]
    for word in value.split(" "):
        is_begun = lines != [f"{name}:"]
        if is_begun and word and len(lines[-1]) + 1 + len(word) > LINE:
            lines.append("")
        lines[-1] += f" {word}"
    return END.join(lines)


@lru_cache(maxsize=16)
def _from(sender: str) -> str:
    name, email = parseaddr(sender)
    return f"From: {formataddr((name, address(email)))}"  # its name alone is encoded, where it has to be


def _quoted(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", END)
    return b2a_qp(lines.encode("utf-8"), istext=True).decode("ascii")
