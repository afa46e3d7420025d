"""The bytes of a mail: read back by the standard library, and beside what its own builder makes."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from placements.mail.rendering import Rendered
from placements.mail.wire import address, as_bytes, header

pytestmark = pytest.mark.pure

AT = datetime(2026, 10, 20, 8, 0, 3, tzinfo=UTC)
SENDER = "Placements <placements@example.ac.uk>"

# What a subject may hold once rendered: no line breaks, no spaces at its ends, and none that readers fold into one.
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1).map(
    lambda s: " ".join(s.split())
)
LINES = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\r\x00\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
)


def made(mail: Rendered, to: str = "amina@example.org") -> bytes:
    return as_bytes(mail, SENDER, to, "abc_DEF-123@placements.example", AT)


def read(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=SMTP)
    assert isinstance(mail, EmailMessage)
    assert [part.defects for part in mail.walk()] == [[], [], []]
    assert [value.defects for value in mail.values()] == [()] * len(mail.values())
    return mail


def built(mail: Rendered) -> EmailMessage:
    """The same mail by the standard library's builder."""
    other = EmailMessage(policy=SMTP)
    said = {
        "From": SENDER,
        "To": "amina@example.org",
        "Subject": mail.subject,
        "Date": AT,
        "Auto-Submitted": "auto-generated",
    }
    for name, value in {**said, "Message-ID": "<abc_DEF-123@placements.example>", **mail.headers}.items():
        other[name] = value
    other.set_content(mail.text)
    other.add_alternative(mail.html, subtype="html")
    return read(other.as_bytes(policy=SMTP.clone(max_line_length=None)))  # its folding of encoded words adds spaces


def parts(mail: EmailMessage) -> list[tuple[str, str, str]]:
    return [
        (part.get_content_type(), part.get_content_charset() or "", part.get_content().replace("\r\n", "\n"))
        for part in mail.iter_parts()
    ]


def headers(mail: EmailMessage) -> dict[str, str]:
    """Without those that say how the parts are written down, and where they end."""
    return {
        name: str(value) for name, value in mail.items() if name not in ("Content-Type", "Content-Transfer-Encoding")
    }


def ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


@settings(max_examples=50)
@given(subject=WORDS, text=LINES, html=LINES)
@example(
    subject="Two things",
    text="Hello Amina,\n\n.\n..\nFrom here on\ntrailing  \n\ttab\t\n",
    html="<p>" + "x" * 2000 + "</p>",
)
@example(subject="x" * 200, text="", html="")
@example(subject="a " * 99 + "b", text="=3D = =\n", html="--=_part_of_a_mail--\n--=_part_of_a_mail\n")
@example(subject="Żółć, naïve – “quoted” 😀 " * 8 + "end", text="é" * 500, html="\u00a0")
def test_what_is_written_is_what_the_standard_library_reads_and_would_have_written(
    subject: str, text: str, html: str
) -> None:
    assume("=?" not in subject)  # the builder says something else then
    mail = Rendered(subject, ended(text), ended(html), {"List-Unsubscribe": "<https://example.org/mail/stop/abc>"})
    content = made(mail)
    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert max(map(len, content.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76
    found, other = read(content), built(mail)
    assert found["Subject"] == subject
    assert parts(found) == [("text/plain", "utf-8", mail.text), ("text/html", "utf-8", mail.html)]
    assert (headers(found), parts(found)) == (headers(other), parts(other))


def test_what_looks_as_if_it_were_encoded_is_said_as_it_is() -> None:
    subject = "=?utf-8?q?not=20encoded?="
    assert read(made(Rendered(subject, "x\n", "y\n")))["Subject"] == subject


def test_a_mail_as_it_stands_on_the_wire() -> None:
    mail = Rendered("Zoë’s place", "Hello Zoë,\n\nYes.\n", "<p>Hello Zoë,</p>\n")
    assert made(mail).decode("ascii").split("\r\n") == [
        "From: Placements <placements@example.ac.uk>",
        "To: amina@example.org",
        "Subject: =?utf-8?b?Wm/Dq+KAmXMgcGxhY2U=?=",
        "Date: Tue, 20 Oct 2026 08:00:03 +0000",
        "Message-ID: <abc_DEF-123@placements.example>",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        'Content-Type: multipart/alternative; boundary="=_part_of_a_mail"',
        "",
        "--=_part_of_a_mail",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "Hello Zo=C3=AB,",
        "",
        "Yes.",
        "",
        "--=_part_of_a_mail",
        "Content-Type: text/html; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "<p>Hello Zo=C3=AB,</p>",
        "",
        "--=_part_of_a_mail--",
        "",
    ]


@pytest.mark.parametrize(
    "words", ["one\ntwo", "one\r\nBcc: x@example.org", "one\rtwo", "one\0two", "one\x0btwo", "\x7f"]
)
@pytest.mark.parametrize("where", ["subject", "header"])
def test_no_words_begin_a_header_of_their_own(words: str, where: str) -> None:
    mail = Rendered(words, "x\n", "y\n") if where == "subject" else Rendered("x", "x\n", "y\n", {"List-Id": words})
    with pytest.raises(ValueError, match=r"^no line breaks in headers: "):
        made(mail)


@pytest.mark.parametrize("name", ["", "To:", "To\r\nBcc", "Tó", "To "])
def test_no_name_of_a_header_holds_what_ends_it(name: str) -> None:
    with pytest.raises(ValueError, match="no line breaks in headers"):
        header(name, "x")


@pytest.mark.parametrize(
    "email",
    [
        *(
            "",
            "amina",
            "a@b@c",
            "a@example.org, b@example.org",
            "<a@example.org>",
            "a b@example.org",
            "a@example.org\r\nBcc: b",
        ),
        *("a@example.org\n", "a\0@example.org", '"a b"@example.org', "a(b)@example.org"),
    ],
)
def test_what_is_no_address_is_not_written(email: str) -> None:
    with pytest.raises(ValueError, match=r"^no address: "):
        made(Rendered("x", "x\n", "y\n"), email)


def test_a_domain_of_other_letters_is_written_as_servers_know_it() -> None:
    assert address("amina@bücher.example") == "amina@xn--bcher-kva.example"
    with pytest.raises(ValueError, match=r"not every server takes this address: 'zoë@example.org'"):
        address("zoë@example.org")


def test_a_senders_name_of_other_letters_is_encoded() -> None:
    content = as_bytes(Rendered("x", "x\n", "y\n"), "Zoë’s Placements <p@example.org>", "a@example.org", "1@x", AT)
    assert read(content)["From"] == "Zoë’s Placements <p@example.org>"
