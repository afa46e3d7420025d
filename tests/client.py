"""The client that every test loads pages with: it reads each answer and fails on whatever is wrong with it.

One request can opt out by `checked=False`, by name and in sight. Forms are sent as a browser sends them, token included.
"""

import re
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

from flask import session
from flask.testing import FlaskClient
from flask_login.utils import _create_identifier
from flask_wtf.csrf import generate_csrf
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from tests.page import Change, Form, Page
from tests.page_checks import page_problems

# Equal on every answer: pages, errors, static files, downloads.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
STATIC = "/static/"  # the same for everybody, so a browser may keep it
MAY_BE_WRITTEN_BY_GET = {"sensitive_read"}
REDIRECTS = (301, 302, 303)

READ = re.compile(r"\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
WRITE = re.compile(
    r"(?:^|[\s(;])(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|DELETE\s+FROM|(?<!FOR )(?<!KEY )(?<!DO )UPDATE"
    r"|(?:CREATE|ALTER|DROP|TRUNCATE)\s+(?:TABLE|INDEX))\s+(?:ONLY\s+)?[\"`]?([\w.]+)",
    re.IGNORECASE,
)


class BadAnswer(AssertionError):
    """An answer that breaks a rule of the house; the message names the page and each rule."""


class HasSessionId(Protocol):
    """An account: what flask-login keeps in the session of it."""

    fs_uniquifier: Any


@dataclass
class Queries:
    """The statements that reached the database, without those that only begin and end transactions."""

    statements: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.statements)

    @property
    def written(self) -> set[str]:
        """The tables written to."""
        return {table for statement in self.statements for table in tables_written(statement)}


def tables_written(statement: str) -> set[str]:
    """The tables that one SQL statement inserts into, updates, deletes from or redefines."""
    flat = " ".join(re.sub(r"--[^\n]*|/\*.*?\*/", " ", statement, flags=re.DOTALL).split())
    return {found.lower() for found in WRITE.findall(flat)}


_listening: list[Queries] = []


@event.listens_for(Engine, "before_cursor_execute")
def _note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    if READ.match(statement) or tables_written(statement):
        for queries in _listening:
            queries.statements.append(statement)


@contextmanager
def counting_queries() -> Iterator[Queries]:
    """Count what reaches any database inside the block: `with counting_queries() as queries: …; queries.count`."""
    queries = Queries()
    _listening.append(queries)
    try:
        yield queries
    finally:
        _listening.remove(queries)


class PageClient(FlaskClient):
    """Flask's test client, checking. Strings put in `forbidden` (canaries) must not be in any answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.forbidden: set[str] = set()

    def open(
        self, *args: Any, checked: bool = True, buffered: bool = False, follow_redirects: bool = False, **kwargs: Any
    ) -> TestResponse:
        """One request, and with `follow_redirects` those it leads to; each answer is checked. Raises BadAnswer."""
        with counting_queries() as queries:
            response = super().open(*args, buffered=buffered, **kwargs)
            response.get_data()  # an answer made while it is sent belongs to the request
            response.close()  # and so do its files
        if checked:
            problems = list(answer_problems(self, response, queries))
            if problems:
                lines = "\n  ".join(problems)
                raise BadAnswer(
                    f"{response.request.method} {response.request.path} → {response.status_code}\n  {lines}"
                )
        if follow_redirects and response.status_code in REDIRECTS:
            return self.get(self._here(response), checked=checked, follow_redirects=True)
        return response

    def page(self, url: str, status: int = 200, *, checked: bool = True) -> Page:
        """Load a page, expecting `status`; redirects are not followed."""
        return self._expect(self.get(url, checked=checked), status)

    def submit(
        self,
        form: Form,
        changes: Mapping[str, Change] | None = None,
        *,
        button: str | None = None,
        follow: bool = True,
        checked: bool = True,
        **more: Change,
    ) -> Page:
        """Send a form of a page with some fields changed, and follow where it leads.

        `changes` is for names that are no Python names; `button` is what the pressed button reads (the first, if unsaid).
        """
        sent = form.filled({**(changes or {}), **more}, button)
        pressed = form.button(button)
        url = (pressed.action if pressed else None) or form.action
        if form.method == "get":
            url = url.partition("?")[0]
            return read(self.get(url, query_string=sent, follow_redirects=follow, checked=checked))
        content_type = "multipart/form-data" if form.is_multipart else "application/x-www-form-urlencoded"
        return read(self.post(url, data=sent, content_type=content_type, follow_redirects=follow, checked=checked))

    def sign_in_as(self, account: HasSessionId) -> None:
        """Become that account, as a fresh sign-in leaves the session. Whoever was signed in before is forgotten."""
        with self.application.test_request_context(environ_overrides=dict(self.environ_base)):
            identifier = _create_identifier()
        with self.session_transaction() as own:
            own.clear()
            own.update(_user_id=str(account.fs_uniquifier), _fresh=True, _id=identifier)
            own.update(fs_cc="set", fs_paa=time.time())

    def token(self) -> str:
        """A form's token, of a session that goes on; for posts that no form is read for."""
        with self.application.test_request_context():
            made, kept = generate_csrf(), session["csrf_token"]
        with self.session_transaction() as own:
            own["csrf_token"] = kept
        return made

    def sign_out(self) -> None:
        """Become nobody."""
        with self.session_transaction() as own:
            own.clear()

    def _here(self, response: TestResponse) -> str:
        where = urlsplit(urljoin(response.request.url, response.location or ""))
        assert where.netloc == urlsplit(response.request.url).netloc, f"redirected to another site: {response.location}"
        return where._replace(scheme="", netloc="").geturl()

    def _expect(self, response: TestResponse, status: int) -> Page:
        led = f" to {response.location}" if response.location else ""
        assert response.status_code == status, f"{response.request.path} answered {response.status}{led}, not {status}"
        return read(response)


def read(response: TestResponse) -> Page:
    """The answer as a page; a download or a redirect is a page without text."""
    html = response.get_data(as_text=True) if is_page(response) else ""
    return Page(html, response.request.path, response.status_code, response.location or "")


def is_page(response: TestResponse) -> bool:
    """Whether a person is shown this answer's HTML."""
    return response.mimetype == "text/html" and not 300 <= response.status_code < 400 and bool(response.data)


def answer_problems(client: PageClient, response: TestResponse, queries: Queries) -> Iterator[str]:
    """What is wrong with one answer: its page, headers, cookies, what it wrote, and whose data it holds."""
    if is_page(response):
        try:
            yield from page_problems(response.data.decode())
        except UnicodeDecodeError as error:
            yield f"not UTF-8: {error}"
    yield from header_problems(response, signed_in=is_signed_in(client, response))
    if response.request.method in ("GET", "HEAD"):
        yield from (
            f"a {response.request.method} wrote to {table}" for table in queries.written - MAY_BE_WRITTEN_BY_GET
        )
    if client.forbidden:
        bodies = _bodies(response)
        yield from (f"holds the canary {each!r}" for each in sorted(client.forbidden) if _stands_in(bodies, each))


def header_problems(response: TestResponse, *, signed_in: bool) -> Iterator[str]:
    """Where the answer's headers differ from `HEADERS`, may be kept by a cache, or hand out a careless cookie."""
    for name, expected in HEADERS.items():
        found = response.headers.getlist(name)
        if found != [expected]:
            yield f"header {name} is {found}, not {expected!r}"
    is_static = response.request.path.startswith(STATIC)
    if signed_in and not is_static and "no-store" not in response.headers.get("Cache-Control", ""):
        yield "signed in, but Cache-Control does not say no-store"
    for cookie in response.headers.getlist("Set-Cookie"):
        flags = {part.strip().lower() for part in cookie.split(";")[1:]}
        if not {"httponly", "samesite=lax"} <= flags and not {"httponly", "samesite=strict"} <= flags:
            yield f"cookie {cookie.partition('=')[0]} is not HttpOnly and SameSite"


def is_signed_in(client: PageClient, response: TestResponse) -> bool:
    """Whether the request that got this answer came from somebody signed in."""
    app = client.application
    kept = app.session_interface.open_session(app, app.request_class(response.request.environ))
    return bool(kept and kept.get("_user_id"))


def holds(response: TestResponse, canary: str) -> bool:
    """Whether the string stands in the answer's headers or body, inside a zipped sheet too.

    As a whole word: three letters stand in some random token of every few hundredth page.
    """
    return _stands_in(_bodies(response), canary)


def _bodies(response: TestResponse) -> list[bytes]:
    bodies = [response.data, "\n".join(f"{name}: {value}" for name, value in response.headers).encode()]
    if response.data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(BytesIO(response.data)) as archive:
            bodies += [archive.read(name) for name in archive.namelist()]
    return bodies


def _stands_in(bodies: list[bytes], canary: str) -> bool:
    letters = canary.encode()
    if not any(letters in body for body in bodies):  # nearly always; a pattern takes ten times as long
        return False
    before, after = rb"(?<![A-Za-z0-9])" * canary[0].isalnum(), rb"(?![A-Za-z0-9])" * canary[-1].isalnum()
    whole = re.compile(before + re.escape(letters) + after)
    return any(whole.search(body) for body in bodies)
