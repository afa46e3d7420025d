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
            server = self._begun(current_app.config["MAIL_RETURNS_TO"])  # on the envelope: Return-Path
            code, said = server.rcpt(address(to))
            if code not in TAKEN:
                raise smtplib.SMTPRecipientsRefused({to: (code, said)})
            code, said = server.data(content)
            if code not in TAKEN:
                raise smtplib.SMTPDataError(code, said)
        except Exception:
            self.close()  # the next message starts a fresh connection
            raise

    def _begun(self, sender: str) -> smtplib.SMTP:
        """The kept connection, or a new one where that has ended since: so far nobody has taken anything."""
        if self.server is not None:
            with suppress(smtplib.SMTPServerDisconnected):
                if self.server.mail(sender)[0] in TAKEN:
                    return self.server
            self.close()
        self.server = self._opened()
        code, said = self.server.mail(sender)
        if code not in TAKEN:
            raise smtplib.SMTPSenderRefused(code, said, sender)
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
