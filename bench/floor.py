"""The floor that a page is measured against: the same rows by driver, and a bare Jinja template that prints the same.

It is a Flask application with nothing of ours and no extension. Its one view

- reads the session's cookie, as every page of somebody signed in must;
- sends the statements that the page itself sends, word for word, by the driver's own cursor, fetches all rows, and
  ends the transaction, as every page must;
- renders one template, made of the page's own HTML: the markup as it stands, every text and every value of an
  attribute an escaped expression, every address of the site a `url_for`. No macro, no filter, no loop, no inheritance.

So what a page costs above its floor is what we add: routing, roles, policies, forms, ORM, components. The floor does
nothing that a page by hand would not do too, and prints the same bytes.
"""

import html
import re
from typing import Any

from flask import Flask, session, url_for
from flask.testing import FlaskClient
from jinja2 import Environment
from sqlalchemy import Engine, event
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

from placements.db import db

VALUE = re.compile(r'(?<=>)([^<>]*\S[^<>]*)(?=<)|(?<==")([^"]*)(?=")')
PAGE = "/the-page"
Statements = list[tuple[str, Any]]


def statements_of(app: Flask, client: FlaskClient, url: str) -> tuple[Statements, str]:
    """The statements that a page sends, with their values, and its HTML."""
    sent: Statements = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            sent.append((statement, values))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        answer = client.get(url)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert answer.status_code == 200, f"{url} answered {answer.status_code}"
    return sent, answer.get_data(as_text=True)


def floor_of(app: Flask, statements: Statements, page: str) -> FlaskClient:
    """A client of the floor's application; what to ask it for is PAGE."""
    template, values = bare(page, app.url_map.bind("localhost"))
    floor = Flask("floor", static_folder=None)
    floor.secret_key = "only here"
    for rule in app.url_map.iter_rules():
        floor.add_url_rule(rule.rule, rule.endpoint, lambda **_: "")
    with app.app_context():
        engine: Engine = db.engine
    drawn = Environment(autoescape=True).from_string(template)
    connection = engine.raw_connection()

    @floor.get(PAGE)
    def view() -> str:
        session.get("_user_id")
        cursor = connection.cursor()
        for statement, given in statements:
            cursor.execute(statement, given)
            cursor.fetchall()
        connection.rollback()
        return drawn.render(values=values, url_for=url_for)

    client = floor.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = "x" * 64
    assert client.get(PAGE).get_data(as_text=True) == page
    return client


def bare(page: str, addresses: MapAdapter) -> tuple[str, list[str]]:
    """A template that prints the page, and the values that it prints."""
    values: list[str] = []

    def expression(found: re.Match[str]) -> str:
        said = html.unescape(found.group())
        address = _as_url_for(said, addresses) if found.group(2) else None
        if address:
            return address
        values.append(said)
        return f"{{{{ values[{len(values) - 1}] }}}}"

    return VALUE.sub(expression, page), values


def _as_url_for(said: str, addresses: MapAdapter) -> str | None:
    if not said.startswith("/") or set("?#") & set(said):
        return None
    try:
        endpoint, given = addresses.match(said)
    except (HTTPException, RequestRedirect):
        return None
    return "{{ url_for(" + ", ".join([repr(endpoint), *(f"{name}={value!r}" for name, value in given.items())]) + ") }}"
