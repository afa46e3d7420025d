"""gunicorn's threads, and when a request begins to arrive: its first byte, not the moment a thread is free for it."""

import selectors
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from gunicorn.http.errors import NoMoreData
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

from placements.web.arrival import ARRIVED


class Gone(TimeoutError, NoMoreData):
    """Nobody is there any more, or what they send takes too long."""


class Incoming(SocketUnreader):
    """What comes on a connection, as long as something comes and the whole request does not take too long."""

    def __init__(self, sock: Any, silence: float) -> None:
        super().__init__(sock)
        self.silence = silence
        self.ends = 0.0  # on the monotonic clock; set for each request

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next piece. Raises Gone."""
        usual = self.sock.gettimeout()
        left = min(self.ends - time.monotonic(), self.silence if usual is None else min(usual, self.silence))
        if left <= 0:
            raise Gone
        self.sock.settimeout(left)
        try:
            return super().chunk(size_hint)
        except TimeoutError as error:
            raise Gone from error
        finally:
            self.sock.settimeout(usual)


class Worker(ThreadWorker):
    """A connection gets a thread once something comes on it. The main thread, which never waits, notes that moment."""

    UNUSED = 10.0  # seconds that a connection stays open on which nothing comes
    HEAD = 10.0  # seconds that a head may take: who needs longer has begun when it is in, so nobody begins far ahead
    SILENCE = 60.0  # seconds without a byte after which nobody is there any more; a slow line is never silent as long
    WHOLE = 600.0  # seconds that a request may take to come in: 26 MB at 0.35 Mbit/s, and no thread kept by a trickle

    wsgi: Callable[..., Iterable[bytes]]

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.current = threading.local()

    def enqueue_req(self, conn: TConn) -> None:
        """Have a thread answer what begins to arrive; a new connection waits here until it does."""
        if conn.initialized or conn.data_ready:
            conn.arrived = time.monotonic()
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.UNUSED
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def handle(self, conn: TConn) -> Any:
        """In a thread: read the head, then answer."""
        conn.taken = time.monotonic()
        if conn.parser is None:
            conn.parser = RequestParser(self.cfg, conn.sock, conn.client)
            conn.parser.unreader = Incoming(conn.sock, self.SILENCE)
        conn.parser.unreader.ends = conn.taken + self.WHOLE
        return super().handle(conn)

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """In a thread, once the head is in: have it answered."""
        now = time.monotonic()
        self.current.arrived = conn.arrived if now - conn.taken < self.HEAD else now
        return super().handle_request(req, conn)

    def load_wsgi(self) -> None:
        """Load the application, and tell it of each request when it began to arrive."""
        super().load_wsgi()
        application = self.wsgi

        def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            environ[ARRIVED] = self.current.arrived
            return application(environ, start_response)

        self.wsgi = answer
