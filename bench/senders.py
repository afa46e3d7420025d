"""Browsers of `deadline.py`: raw sockets on this machine, hundreds in one process, each as fast as its line."""

import asyncio
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.candidates import USER_AGENT, Browser, Student

BOUNDARY = "placements-bench"
TICK = 0.2  # seconds between two pieces on a slow line
PATIENCE = 180  # seconds for one request, after which nobody waits any more


@dataclass(frozen=True)
class Answer:
    """What became of one request. Instants are the machine's, in seconds; a status of 0 says that none came."""

    status: int
    began: float
    ended: float
    location: str = ""

    @property
    def took(self) -> float:
        """Seconds from the first byte sent to the last one received."""
        return self.ended - self.began


@dataclass(frozen=True)
class Connection:
    """How somebody is connected: bits a second, or None for as fast as it goes; and how long before they send."""

    rate: float | None = None
    waits: float = 0


async def get(port: int, url: str, browser: Browser) -> Answer:
    """Ask for a page."""
    return await _ask(port, [_head("GET", port, url, browser)], Connection())


async def post(port: int, url: str, browser: Browser, fields: Mapping[str, str]) -> Answer:
    """Send a form, with its token."""
    body = urlencode({"csrf_token": browser.token, **fields}).encode()
    more = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    return await _ask(port, [_head("POST", port, url, browser, more), body], Connection())


async def hand_in(port: int, url: str, student: Student, line: Connection) -> Answer:
    """Send the student's file by their line."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{student.browser.token}\r\n',
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="Portfolio.pdf"\r\n',
        "Content-Type: application/pdf\r\n\r\n",
    ]
    before, after = "".join(parts).encode() + student.first, f"\r\n--{BOUNDARY}--\r\n".encode()
    more = {
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(len(before) + len(student.rest) + len(after)),
    }
    head = _head("POST", port, url, student.browser, more)
    return await _ask(port, [head, before, student.rest, after], line)


def _head(method: str, port: int, url: str, browser: Browser, more: Mapping[str, str] | None = None) -> bytes:
    headers = {
        "Host": f"127.0.0.1:{port}",
        "User-Agent": USER_AGENT,
        "Cookie": f"session={browser.cookie}",
        "Connection": "close",
        **(more or {}),
    }
    return "\r\n".join([f"{method} {url} HTTP/1.1", *(f"{k}: {v}" for k, v in headers.items()), "", ""]).encode()


async def _ask(port: int, parts: Sequence[bytes], line: Connection) -> Answer:
    with socket.socket() as connection:
        connection.setblocking(False)
        began = time.time()
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
                await asyncio.sleep(line.waits)
                began = time.time()
                await _send(connection, parts, line.rate)
                said = await _read(connection)
        except OSError:  # refused, reset, or out of patience
            return Answer(0, began, time.time())
    status, location = _understood(said)
    return Answer(status, began, time.time(), location)


async def _send(connection: socket.socket, parts: Sequence[bytes], rate: float | None) -> None:
    loop = asyncio.get_running_loop()
    if rate is None:
        for part in parts:
            await loop.sock_sendall(connection, part)
        return
    piece, due = int(rate * TICK / 8), loop.time()
    for part in parts:
        for start in range(0, len(part), piece):
            await loop.sock_sendall(connection, part[start : start + piece])
            due += TICK * len(part[start : start + piece]) / piece
            await asyncio.sleep(max(due - loop.time(), 0))


async def _read(connection: socket.socket) -> bytes:
    said = bytearray()
    while piece := await asyncio.get_running_loop().sock_recv(connection, 65536):
        said += piece
    return bytes(said)


def _understood(said: bytes) -> tuple[int, str]:
    """The status of an answer and where it leads; 0 where it is none."""
    lines = said.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines[1:])}
    is_answer = len(words) > 1 and words[1].isdigit()
    return (int(words[1]) if is_answer else 0), headers.get("location", "")
