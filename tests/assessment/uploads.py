"""A real server on a copy of the database, and uploads to it byte by byte."""

import os
import socket
from contextlib import AbstractContextManager, suppress
from unittest.mock import patch

from placements.accounts.models import Account
from placements.processes import web
from tests.browser import USER_AGENT
from tests.client import PageClient
from tests.databases import Copy
from tests.serving import Served
from tests.serving import serving as served

WORKER = "placements.serving.Worker"
PATIENCE = 60


def serving(copy: Copy, threads: int, worker: str = WORKER) -> AbstractContextManager[Served]:
    """One web process with so many threads."""

    def command(port: int) -> list[str]:
        with patch.dict(os.environ, {"WEB_CONCURRENCY": "1", "WEB_THREADS": str(threads)}):
            return [worker if word == WORKER else word for word in web("127.0.0.1", port)]

    return served(copy, command)


class Upload:
    """A student's file on its way to the server: as much of it as was said to be sent."""

    def __init__(self, copy: Copy, account: Account, url: str, content: bytes) -> None:
        client = PageClient(copy.app)
        client.environ_base["HTTP_USER_AGENT"] = USER_AGENT
        client.sign_in_as(account)
        token = client.page(url).form().values["csrf_token"][0]
        kept = client.get_cookie("session", domain="127.0.0.1") or client.get_cookie("session")
        assert kept
        named = 'Content-Disposition: form-data; name="'
        parts = [f'{named}csrf_token"\r\n\r\n{token}'.encode(), f'{named}files"; filename="a.pdf"\r\n\r\n'.encode()]
        parts[1] += content
        body = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"
        head = [
            f"POST {url} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Cookie: session={kept.value}",
            f"User-Agent: {USER_AGENT}",
            "Content-Type: multipart/form-data; boundary=b",
            f"Content-Length: {len(body)}",
            "Connection: close",
        ]
        self.head, self.body = "\r\n".join([*head, "", ""]).encode(), body
        self.connection: socket.socket | None = None

    def connect(self, port: int) -> "Upload":
        """Open the connection, and send nothing."""
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        return self

    def send(self, content: bytes) -> "Upload":
        """Send this much."""
        assert self.connection is not None
        self.connection.sendall(content)
        return self

    def status(self) -> int:
        """What it is answered; 0 where the connection ends without an answer."""
        assert self.connection is not None
        said = b""
        with self.connection, suppress(ConnectionError):
            while piece := self.connection.recv(65536):
                said += piece
        return int(said.split(b" ", 2)[1]) if said else 0
