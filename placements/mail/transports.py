"""Where a rendered mail goes."""

import smtplib
import socket
import ssl
from contextlib import suppress
from functools import cache
from types import TracebackType
from typing import Self

from flask import current_app

from placements.core.clock import machine_now
from placements.db import begin_to_write, db, insert_new
from placements.mail.models import KeptMail, Message
from placements.mail.rendering import Rendered
from placements.mail.wire import address, as_bytes

TAKEN = (250, 251)
GO_ON = 354
LINE_WITH_DOT, LINE_WITH_TWO, LAST_LINE = b"\r\n.", b"\r\n..", b".\r\n"  # RFC 5321, 4.5.2


@cache
def _own_name() -> str:
    return socket.getfqdn()  # asks the network, where it is unlucky


class SmtpTransport:
    """One SMTP connection, kept from mail to mail, and begun anew where the server has ended it."""

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self.server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, message: Message, mail: Rendered) -> None:
        """Send to the message's one recipient. Its Message-ID is its own id, so that a second copy is known as one."""
        sender, to = current_app.config["MAIL_DEFAULT_SENDER"], message.recipient.email
        content = as_bytes(mail, sender, to, f"{message.public_id}@{self.domain}", machine_now())
        try:
            server = self._begun(current_app.config["MAIL_RETURNS_TO"], to)  # on the envelope: Return-Path
            server.send(content.replace(LINE_WITH_DOT, LINE_WITH_TWO) + LAST_LINE)
            code, said = server.getreply()
            if code not in TAKEN:
                raise smtplib.SMTPDataError(code, said)
        except Exception:
            self.close()  # the next message starts a fresh connection
            raise

    def _begun(self, sender: str, to: str) -> smtplib.SMTP:
        """The kept connection, or a new one where that has ended since; it waits for the mail and has taken nothing."""
        if self.server is not None:
            with suppress(smtplib.SMTPServerDisconnected, smtplib.SMTPSenderRefused):
                _announce(self.server, sender, to)
                return self.server
            self.close()
        self.server = self._opened()
        _announce(self.server, sender, to)
        return self.server

    def _opened(self) -> smtplib.SMTP:
        config = current_app.config
        place = config["MAIL_SERVER"], config["MAIL_PORT"]
        server = smtplib.SMTP(*place, local_hostname=_own_name(), timeout=config["MAIL_TIMEOUT"])
        try:
            if config["MAIL_USE_TLS"]:
                server.starttls(context=ssl.create_default_context())
            if config["MAIL_USERNAME"]:
                server.login(config["MAIL_USERNAME"], config["MAIL_PASSWORD"] or "")
            server.ehlo_or_helo_if_needed()
        except Exception:
            server.close()
            raise
        return server

    def close(self) -> None:
        """End the connection, politely where the server still listens."""
        server, self.server = self.server, None
        if server is not None:
            with suppress(OSError):  # smtplib's errors are some
                server.quit()
            server.close()


def _announce(server: smtplib.SMTP, sender: str, to: str) -> None:
    """Say who writes to whom, up to where the mail may follow: in one go where the server takes that (RFC 2920).

    So a server far away is waited for twice a mail, and not four times. Raises smtplib's errors.
    """
    said = [f"MAIL FROM:{smtplib.quoteaddr(sender)}", f"RCPT TO:{smtplib.quoteaddr(address(to))}", "DATA"]
    if server.has_extn("pipelining"):
        server.send("".join(f"{each}\r\n" for each in said))
        answers = (server.getreply() for _ in said)
    else:
        answers = (server.docmd(each) for each in said)
    code, answer = next(answers)
    if code not in TAKEN:
        raise smtplib.SMTPSenderRefused(code, answer, sender)
    code, answer = next(answers)
    if code not in TAKEN:
        raise smtplib.SMTPRecipientsRefused({to: (code, answer)})
    code, answer = next(answers)
    if code != GO_ON:
        raise smtplib.SMTPDataError(code, answer)


class MailboxTransport:
    """A demonstration's mailbox: mail can be read on a page and goes nowhere."""

    def send(self, message: Message, mail: Rendered) -> None:
        """Keep the mail. A second copy of the same message changes nothing."""
        begin_to_write()
        insert_new(
            KeptMail,
            [
                {
                    "message_id": message.id,
                    "to": message.recipient.email,
                    "subject": mail.subject,
                    "text": mail.text,
                    "html": mail.html,
                    "at": message.created_at,
                }
            ],
        )
        db.session.commit()
