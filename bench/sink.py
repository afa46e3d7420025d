"""An SMTP server that keeps what it takes, and hangs up where it is told to: before it takes a mail, or after."""

import asyncio
import random
import re
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

MESSAGE_ID = re.compile(rb"^Message-ID: <([^>]+)>", re.IGNORECASE | re.MULTILINE)
TO = re.compile(rb"^To: (\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass
class Sink:
    """What arrived: (Message-ID, recipient) and how often. `drops` is the share of mails at which it hangs up."""

    drops: float = 0
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    port: int = 0
    taken: Counter[tuple[bytes, bytes]] = field(default_factory=Counter)
    dropped_before: int = 0
    dropped_after: int = 0

    @property
    def total(self) -> int:
        """How many mails it took, copies too."""
        return self.taken.total()


class _Session(asyncio.Protocol):
    """One connection: enough of SMTP for smtplib, and quick."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.waiting = b""
        self.is_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while True:
            ending = b"\r\n.\r\n" if self.is_data else b"\r\n"
            said, found, rest = self.waiting.partition(ending)
            if not found:
                return
            self.waiting = rest
            if self.is_data:
                self.is_data = False
                self._take(said)
            else:
                self._answer(said[:4].upper())

    def _answer(self, word: bytes) -> None:
        self.is_data = word == b"DATA"
        answers = {
            b"EHLO": b"250-sink\r\n250 PIPELINING\r\n",
            b"DATA": b"354 go on\r\n",
            b"QUIT": b"221 bye\r\n",
        }
        self.transport.write(answers.get(word, b"250 yes\r\n"))
        if word == b"QUIT":
            self.transport.close()

    def _take(self, mail: bytes) -> None:
        drops = self.sink.chance.random() < self.sink.drops
        is_taken = not drops or self.sink.chance.random() < 0.5
        if is_taken:
            key, to = MESSAGE_ID.search(mail), TO.search(mail)
            assert key, "a mail without a Message-ID"
            assert to, "a mail to nobody"
            self.sink.taken[key[1], to[1]] += 1
        if drops:
            self.sink.dropped_after += is_taken
            self.sink.dropped_before += not is_taken
            self.transport.abort()
        else:
            self.transport.write(b"250 kept\r\n")


@contextmanager
def listening(sink: Sink) -> Iterator[Sink]:
    """The sink at a free port of this machine, in a thread of its own."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(lambda: _Session(sink), "127.0.0.1", 0))
    sink.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.run_until_complete(server.wait_closed())
        loop.close()


if __name__ == "__main__":
    with listening(Sink()) as one:
        print(one.port, flush=True)
        sys.stdin.read()  # until whoever started it ends
