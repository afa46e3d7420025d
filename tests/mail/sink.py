"""A real SMTP server that keeps what it is sent."""

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from placements.config import Settings
from tests.databases import Copy


class Sink:
    """What arrived, in order. `refuse` makes it turn mail away for now, `answers` what is for these addresses."""

    def __init__(self, extensions: Sequence[str] = ()) -> None:
        self.extensions = extensions
        self.mails: list[EmailMessage] = []
        self.senders: list[str] = []  # of each, where it comes back to
        self.refuse = False
        self.answers: dict[str, str] = {}

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [responses[0], *(f"250-{each}" for each in self.extensions), *responses[1:]]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address not in self.answers:
            envelope.rcpt_tos.append(address)
        return self.answers.get(address, "250 OK")

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.refuse:
            return "451 Try again later"
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.senders.append(envelope.mail_from)
        return "250 Kept"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def smtp_sink(*extensions: str) -> Iterator[tuple[Sink, int]]:
    """A sink on a free port of this machine, and the port."""
    sink = Sink(extensions)
    controller = Controller(sink, hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        yield sink, controller.port
    finally:
        controller.stop()


def on_the_way_to(copy: Copy, port: int) -> Settings:
    """The settings of that database, with mail to that port of this machine; what is leased is free again soon."""
    return replace(copy.settings, smtp_host="127.0.0.1", smtp_port=port, smtp_use_tls=False, mail_lease_seconds=1)


def wait_until(is_so: Callable[[], bool], seconds: float = 120) -> None:
    """Until it is so. Raises AssertionError where that takes too long."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)
