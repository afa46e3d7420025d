"""What reports and complaints say, as real servers write them; and that nothing a stranger sends can do harm."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from placements.mail.models import ReturnKind
from placements.mail.returns import MOST_READ, Returned, Verdict, read_refusal, read_return

pytestmark = pytest.mark.pure

FOLDER = Path(__file__).with_name("returned")
DOMAIN = "placements.example"
OURS = "abcDEF12_-34"
AMINA = frozenset({"amina@example.org"})


def mail(name: str) -> bytes:
    """One of the kept mails."""
    return FOLDER.joinpath(f"{name}.eml").read_bytes()


@pytest.mark.parametrize(
    ("name", "kind", "status", "diagnostic"),
    [
        (
            "postfix_no_such_user",
            ReturnKind.BOUNCED,
            "5.1.1",
            "smtp; 550 5.1.1 <amina@example.org>: Recipient address rejected: User unknown in virtual mailbox table",
        ),
        (
            "exchange_refused",
            ReturnKind.BOUNCED,
            "5.7.1",
            "smtp;550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy",
        ),
        (
            "postfix_delayed",
            ReturnKind.PUT_OFF,
            "4.4.1",
            "X-Postfix; connect to mail.example.org[203.0.113.7]:25: Connection timed out",
        ),
        (
            "postfix_expired",
            ReturnKind.GIVEN_UP,
            "4.4.1",
            "X-Postfix; connect to mail.example.org[203.0.113.7]:25: Connection timed out",
        ),
        ("qmail_without_a_status", ReturnKind.BOUNCED, "", "smtp; 550 sorry, no mailbox here by that name"),
        ("complaint", ReturnKind.COMPLAINED, "", "abuse"),
    ],
)
def test_what_a_server_says_is_understood(name: str, kind: ReturnKind, status: str, diagnostic: str) -> None:
    assert read_return(mail(name), DOMAIN) == Returned(OURS, (Verdict(AMINA, kind, status, diagnostic),))


def test_a_report_in_another_alphabet_is_understood() -> None:
    returned = read_return(mail("international"), DOMAIN)
    assert returned is not None
    [verdict] = returned.verdicts
    assert (returned.public_id, verdict.addresses, verdict.status) == (OURS, AMINA, "5.1.1")


def test_a_complaint_that_names_nobody_is_about_whom_the_mail_was_to() -> None:
    nameless = mail("complaint").replace(b"Original-Rcpt-To: <amina@example.org>\n", b"")
    returned = read_return(nameless, DOMAIN)
    assert returned is not None
    assert [each.addresses for each in returned.verdicts] == [AMINA]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"Action: failed", b"Action: delivered"),
        (b"Action: failed", b"Action: relayed"),
        (b"@placements.example>\nAuto-Submitted", b"@elsewhere.example>\nAuto-Submitted"),
        (b"@placements.example>\nAuto-Submitted", b"@placements.example.evil.example>\nAuto-Submitted"),
        (b"<abcDEF12_-34@", b"<abcDEF12_-3@"),
        (b"<abcDEF12_-34@", b"<abcDEF12_-345@"),
        (b"multipart/report", b"multipart/mixed"),
        (b"message/delivery-status", b"text/plain"),
        (b"Content-Type: message/rfc822", b"Content-Type: text/plain"),
        (b"inal-Recipient: rfc822; Amina@Example.org\nOriginal-Recipient: rfc822;amina@example.org", b"X: y"),
    ],
    ids=[
        *("it arrived", "it was passed on", "a mail of another site", "a longer domain", "a shorter id", "a longer id"),
        *("no report", "no status", "no mail of ours", "nobody named"),
    ],
)
def test_what_says_nothing_of_a_mail_of_ours_is_left_aside(was: bytes, becomes: bytes) -> None:
    changed = mail("postfix_no_such_user").replace(was, becomes)
    assert changed != mail("postfix_no_such_user")
    assert read_return(changed, DOMAIN) is None


def test_an_automatic_reply_is_left_aside() -> None:
    assert read_return(mail("out_of_office"), DOMAIN) is None


def test_that_a_mail_was_wanted_is_no_complaint() -> None:
    praise = mail("complaint").replace(b"Feedback-Type: abuse", b"Feedback-Type: not-spam")
    assert read_return(praise, DOMAIN) is None


def test_what_no_page_could_show_is_not_kept() -> None:
    odd = mail("postfix_no_such_user").replace(b"User unknown", b"User \x00\x1b[31m\xff\xe2\x80\xae unknown")
    returned = read_return(odd, DOMAIN)
    assert returned is not None
    [verdict] = returned.verdicts
    assert verdict.diagnostic.isprintable()
    assert "\x1b" not in verdict.diagnostic


@given(some.binary(max_size=2000))
def test_no_bytes_raise(content: bytes) -> None:
    assert read_return(content, DOMAIN) is None


@given(some.data())
def test_no_damage_to_a_report_raises_or_makes_another_mail_of_ours_of_it(data: some.DataObject) -> None:
    content = mail(data.draw(some.sampled_from(["postfix_no_such_user", "exchange_refused", "complaint"])))
    for _ in range(data.draw(some.integers(1, 6))):
        start = data.draw(some.integers(0, len(content)))
        end = min(len(content), start + data.draw(some.integers(0, 80)))
        content = content[:start] + data.draw(some.binary(max_size=40)) + content[end:]
    returned = read_return(content, DOMAIN)
    assert returned is None or returned.public_id.encode() in content


def _nested(depth: int) -> bytes:
    head = b"".join(
        b"Content-Type: multipart/report; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(depth)
    )
    return head + b"Content-Type: text/plain\n\nhere\n"


@pytest.mark.parametrize(
    "content",
    [
        _nested(100),
        _nested(12_000),
        b"Content-Type: message/rfc822\n\n" * 20_000,
        b"Content-Type: multipart/report; boundary=b\n\n" + b"--b\n\nx\n" * 60_000,
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n" + b"A: b\n\n" * 80_000,
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
        + b"Final-Recipient: " + b"rfc822;" * 70_000,
        b"X: " + b"y\n " * 170_000,
        b"Content-Type: multipart/report; boundary*0*=x'y'%ff; charset=no-such\n\n",
        b"Content-Type: text/plain\n\n" + b"z" * (5 * MOST_READ),
    ],
    ids=[
        *("nested", "nested past the end", "mails in mails", "many parts", "many recipients", "a long recipient"),
        *("a folded header", "an odd parameter", "huge"),
    ],
)  # fmt: skip
def test_hostile_mail_is_left_aside(content: bytes) -> None:
    assert read_return(content, DOMAIN) is None


@pytest.mark.parametrize(
    ("code", "answer", "status"),
    [
        (550, "5.1.1 <amina@example.org>: Recipient address rejected: User unknown", "5.1.1"),
        (550, "5.1.10 RESOLVER.ADR.RecipientNotFound", "5.1.10"),
        (550, "5.2.1 The email account is disabled", "5.2.1"),
        (554, "5.1.2 Bad destination system", "5.1.2"),
        (550, "sorry, no mailbox here by that name. (#5.1.1)", "5.1.1"),
    ],
)
def test_a_server_that_knows_no_such_mailbox_says_it_for_good(code: int, answer: str, status: str) -> None:
    said = f"smtp; {code} {answer}"
    found = read_refusal("Amina@Example.org", code, answer.encode())
    assert found == Verdict(AMINA, ReturnKind.BOUNCED, status, said)


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (450, "4.2.0 Greylisted, try again later"),
        (451, "Try again later"),
        (450, "5.1.1 User unknown"),  # what the server replies counts above what it says
        (550, "4.1.1 User unknown"),
        (552, "Requested mail action aborted: exceeded storage allocation"),
        (552, "5.2.2 Over quota"),
        (550, "5.2.2 Over quota"),
        (550, "5.2.0 Something about the mailbox"),
        (550, "5.1.8 Sender's domain does not exist"),
        (550, "5.1.7 Bad sender's mailbox"),
        (554, "5.7.1 <amina@example.org>: Relay access denied"),
        (550, "5.7.1 Blocked, see http://192.5.1.1/"),
        (553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
        (550, "relay not permitted"),
        (550, "No such user"),  # so may one that does not know us say
        (553, "Mailbox name not allowed"),
        (550, "5.4.1 Recipient address rejected: Access denied"),
        (554, "Transaction failed"),
        (503, "RCPT before MAIL"),
        (530, "5.7.0 Authentication required"),
    ],
)
def test_what_may_pass_or_be_our_own_fault_is_no_verdict_on_an_address(code: int, answer: str) -> None:
    assert read_refusal("amina@example.org", code, answer.encode()) is None


def test_an_answer_is_kept_as_far_as_a_page_can_show_it() -> None:
    found = read_refusal("amina@example.org", 550, b"5.1.1 No\x00 such\r\n user \xff" + b"!" * 999)
    assert found is not None
    assert found.diagnostic.startswith("smtp; 550 5.1.1 No such user \ufffd!!!")
    assert len(found.diagnostic) == 300
