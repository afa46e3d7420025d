"""Where a rendered mail goes."""

from types import TracebackType
from typing import Self

from flask import current_app
from flask_mailman import EmailMultiAlternatives
from flask_mailman.backends.smtp import EmailBackend

from placements.db import begin_to_write, db, insert_new
from placements.mail.models import KeptMail, Message
from placements.mail.rendering import Rendered


class SmtpTransport:
    """One SMTP connection, kept for a whole batch."""

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self.backend = EmailBackend(fail_silently=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.backend.close()

    def send(self, message: Message, mail: Rendered) -> None:
        """Send to the message's one recipient. Its Message-ID is its own id, so that a second copy is known as one."""
        email = EmailMultiAlternatives(
            subject=mail.subject,
            body=mail.text,
            from_email=current_app.config["MAIL_RETURNS_TO"],  # on the envelope: Return-Path
            to=[message.recipient.email],
            headers={
                **mail.headers,
                "From": current_app.config["MAIL_DEFAULT_SENDER"],
                "Message-ID": f"<{message.public_id}@{self.domain}>",
                "Auto-Submitted": "auto-generated",
            },
        )
        email.attach_alternative(mail.html, "text/html")
        try:
            self.backend.open()
            self.backend.send_messages([email])
        except Exception:
            self.backend.close()  # the next message starts a fresh connection
            raise


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
