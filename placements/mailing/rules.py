"""Why a mail did not arrive: kinds of reasons, told from the first word of what was noted, and how people say them."""

import re
from enum import StrEnum

ADDRESS = re.compile(r"[^\s<>\"'(),;:]+@(?=[^\s@])")
NOBODY_AT = "…\u2060@"  # kept together where a line ends


class Reason(StrEnum):
    COMES_BACK = "comes_back"
    UNREACHED = "unreached"
    REFUSED = "refused"
    OUR_SERVER = "our_server"
    NOT_MADE = "not_made"


SAID = {
    Reason.COMES_BACK: "Mail to the address comes back",
    Reason.UNREACHED: "Their mail server was not reached",
    Reason.REFUSED: "Our mail server refused it",
    Reason.OUR_SERVER: "Our mail server did not answer",
    Reason.NOT_MADE: "It could not be put together",
}
ADVICE = {
    Reason.COMES_BACK: "Once the address is put right, it is sent by itself. The engagement team corrects those of "
    "organisations’ people; a student’s comes from the student record system.",
    Reason.UNREACHED: "Try again. If it fails once more, their address is most likely wrong.",
    Reason.REFUSED: "Read below what our mail server said, put that right, then try again.",
    Reason.OUR_SERVER: "See that our mail server runs, then try again.",
    Reason.NOT_MADE: "It is a fault of ours: tell whoever maintains Placements, then try again.",
}
FIRST_WORDS = {  # what is noted begins with one of these and a colon; anything else is a fault of ours
    Reason.COMES_BACK: ("AddressComesBack", "CameBack"),
    Reason.UNREACHED: ("GivenUp",),
    Reason.REFUSED: (
        *("SMTPRecipientsRefused", "SMTPSenderRefused", "SMTPDataError"),
        *("SMTPNotSupportedError", "SMTPResponseException"),
    ),
    Reason.OUR_SERVER: (
        *("SMTPServerDisconnected", "SMTPConnectError", "SMTPHeloError", "SMTPAuthenticationError", "SMTPException"),
        *("ConnectionRefusedError", "ConnectionResetError", "ConnectionAbortedError", "BrokenPipeError"),
        *("TimeoutError", "gaierror", "OSError", "SSLError", "SSLCertVerificationError", "SSLEOFError"),
    ),
}


def reason_of(problem: str | None) -> Reason:
    """Which kind of reason is noted there."""
    first = (problem or "").partition(":")[0]
    return next((reason for reason, words in FIRST_WORDS.items() if first in words), Reason.NOT_MADE)


def without_names(text: str | None) -> str:
    """What was noted without the names in mail addresses: who reads of delivery need not learn them."""
    return ADDRESS.sub(NOBODY_AT, text or "")


def why_it_comes_back(status: str) -> str:
    """What a status of a mail server (“5.1.1”) means to somebody who wants to reach the person."""
    if status.startswith("5.1."):
        return "there is no such mailbox"
    if status == "5.2.2":
        return "the mailbox is full"
    if status.startswith("5.2."):
        return "the mailbox takes no mail"
    if status.startswith("5.7."):
        return "their mail server does not let ours through"
    return "their mail server turns it away"
