"""What a mail that comes back says: delivery reports (RFC 3464) and complaints (RFC 5965); and what a refusal says.

Pure: bytes in, values out.

Anybody can write to the mailbox that these come to. So nothing here raises, whatever the bytes are, and nothing is
believed but by the Message-ID of the mail that is spoken of: it is random, and only who was sent that mail knows it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message as Mail
from email.parser import HeaderParser
from email.policy import compat32
from email.utils import getaddresses

from placements.mail.models import DIAGNOSTIC_LENGTH, ReturnKind

MOST_READ = 512 * 1024  # bytes of a mail: what we look for stands in its first parts
MOST_PARTS = 50
MOST_RECIPIENTS = 20  # of one report; each of our mails has one
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
REPLY = re.compile(r"(?:^|;\s*)([245])\d\d\b")  # an SMTP server's own words: “smtp; 550 No such user”
ANSWERED = re.compile(r"(?:^|#)([245])\.(\d{1,3})\.(\d{1,3})\b")  # an answer's status (RFC 2034); qmail's: “(#5.1.1)”
PERMANENT = 500
THEIRS = {  # of RFC 3463: there is no such address, or its mailbox takes nothing; not that it is full, nor who we are
    "1": ("0", "1", "2", "3", "4", "6", "10"),
    "2": ("1",),
}
UNWANTED = ("abuse", "fraud", "opt-out", "opt-out-list", "virus", "other")  # kinds of complaint; “not-spam” is praise
REPORTS = ("message/delivery-status", "message/global-delivery-status")
HEADERS = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers")
WHOLE = ("message/rfc822", "message/global")


@dataclass(frozen=True)
class Verdict:
    """What is said of one recipient, by any of the addresses that the report knows them by."""

    addresses: frozenset[str]
    kind: ReturnKind
    status: str = ""
    diagnostic: str = ""


@dataclass(frozen=True)
class Returned:
    """Which of our messages is spoken of, by its public id, and the verdicts on it."""

    public_id: str
    verdicts: tuple[Verdict, ...]


def read_return(content: bytes, domain: str) -> Returned | None:
    """What the mail says of one of ours (our Message-IDs end in `domain`); None where it says nothing of any."""
    try:
        mail = message_from_bytes(content[:MOST_READ], policy=compat32)
        if mail.get_content_type() != "multipart/report":
            return None
        parts = list(_parts(mail))
        public_id = _spoken_of(parts, domain)
        verdicts = tuple(_verdicts(parts)) if public_id else ()
    except Exception:  # the bytes are a stranger's, and the library that reads them has met fewer strangers than we may
        return None
    return Returned(public_id, verdicts) if public_id and verdicts else None


def read_refusal(recipient: str, code: int, answer: bytes) -> Verdict | None:
    """What a server's answer to RCPT says of the address; None where the fault may be another, or may pass.

    A 5yz may as well be about us: that we may not relay (5.7.1), that a mailbox is full (5.2.2), or a bare 550 that
    means anything. Those are tried again, so that a mistake in our own settings does not declare everybody's address
    dead.
    """
    said = _printable(answer.decode("utf-8", "replace"))
    status = ANSWERED.search(said)
    if status is None or status[1] != "5" or status[3] not in THEIRS.get(status[2], ()) or code < PERMANENT:
        return None
    diagnostic = f"smtp; {code} {said}"[:DIAGNOSTIC_LENGTH]
    return Verdict(frozenset({recipient.lower()}), ReturnKind.BOUNCED, ".".join(status.groups()), diagnostic)


def _parts(mail: Mail) -> Iterator[Mail]:
    """The report's own parts; not those of the mail that it returns."""
    inside = mail.get_payload()
    for part in inside[:MOST_PARTS] if isinstance(inside, list) else ():
        if isinstance(part, Mail):
            yield part


def _spoken_of(parts: list[Mail], domain: str) -> str | None:
    """The public id in the Message-ID of the mail that came back."""
    ours = re.compile(rf"<\s*([\w-]{{12}})@{re.escape(domain)}\s*>", re.ASCII | re.IGNORECASE)
    for headers in _returned(parts):
        found = ours.fullmatch(_said(headers, "Message-ID"))
        if found:
            return found[1]
    return None


def _returned(parts: list[Mail]) -> Iterator[Mail]:
    """The headers of the mail that came back, whole or alone."""
    for part in parts:
        inside = part.get_payload()
        if part.get_content_type() in WHOLE and isinstance(inside, list) and isinstance(inside[0], Mail):
            yield inside[0]
        elif part.get_content_type() in HEADERS:
            yield HeaderParser(policy=compat32).parsestr(_text(part))
            if isinstance(inside, list):
                yield from (each for each in inside if isinstance(each, Mail))


def _verdicts(parts: list[Mail]) -> Iterator[Verdict]:
    for part in parts:
        kind = part.get_content_type()
        if kind in REPORTS:
            for block in list(_blocks(part))[:MOST_RECIPIENTS]:
                yield from _of_delivery(block)
        elif kind == "message/feedback-report":
            for block in list(_blocks(part))[:1]:
                yield from _of_complaint(block, parts)


def _blocks(part: Mail) -> Iterator[Mail]:
    """The groups of fields of a report, however far the library has taken them apart."""
    inside = part.get_payload()
    texts = [_text(part)] if not isinstance(inside, list) else []
    for each in inside if isinstance(inside, list) else ():
        if isinstance(each, Mail):
            yield each
            texts.append(_text(each))
    for text in texts:
        for block in re.split(r"(?:\r?\n){2,}", text):
            if block.strip():
                yield HeaderParser(policy=compat32).parsestr(block.strip())


def _of_delivery(block: Mail) -> Iterator[Verdict]:
    addresses = _addresses(block, "Final-Recipient", "Original-Recipient")
    said = _said(block, "Diagnostic-Code")
    status = STATUS.search(_said(block, "Status")) or STATUS.search(said)
    kind = _kind(_said(block, "Action").lower(), status[1] if status else (REPLY.search(said) or ["", ""])[1])
    if addresses and kind:
        yield Verdict(addresses, kind, status[0] if status else "", said[:DIAGNOSTIC_LENGTH])


def _kind(action: str, what: str) -> ReturnKind | None:
    """What became of the mail, by the report's word and the first figure of its status."""
    if action.startswith("delayed"):
        return ReturnKind.PUT_OFF
    if not action.startswith("failed"):
        return None
    return ReturnKind.BOUNCED if what == "5" else ReturnKind.GIVEN_UP


def _of_complaint(block: Mail, parts: list[Mail]) -> Iterator[Verdict]:
    what = _said(block, "Feedback-Type").lower()
    addresses = _addresses(block, "Original-Rcpt-To", "Removal-Recipient")
    if not addresses:  # whoever reports need not say it again
        sent_to = [_said(headers, "To") for headers in _returned(parts)]
        addresses = frozenset(address.lower() for _, address in getaddresses(sent_to) if "@" in address)
    if what in UNWANTED and addresses:
        yield Verdict(addresses, ReturnKind.COMPLAINED, diagnostic=what)


def _addresses(block: Mail, *names: str) -> frozenset[str]:
    said = (_said(block, name).rpartition(";")[2].strip().strip("<>").strip().lower() for name in names)
    return frozenset(address for address in said if "@" in address)


def _said(block: Mail, name: str) -> str:
    """A field's value."""
    return _printable(str(block.get(name, "")))


def _printable(text: str) -> str:
    """The text in one line, without what no page could show."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _text(part: Mail) -> str:
    """A part's own words, taken out of whatever they are wrapped in."""
    found = part.get_payload(decode=True)
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else ""
