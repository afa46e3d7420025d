"""Every endpoint × method × principal × object against what was typed by hand in access.csv.

A row is `endpoint,object` and one cell for each principal:
  200  the page is shown          in   sent to the sign-in page
  403  may see it, may not do it  404  does not exist for them       409  not in this state
  ok   a button acts, or is pressed again and changes nothing, and leads on (302)
A cell `409/ok` is of a form whose GET and POST differ.
`object` names a thing of tests/site/world.py whose public_id stands in the URL, or is `-` where the URL names none.
On PostgreSQL a row is asked as fewer of those it refuses: see `asked_on`.
A challenge area stands in an URL by its own name.
An endpoint with no row fails, and so does a row without an endpoint. Flask-Security's own are listed in SECURITY below.
Each principal's client fails on any answer that holds a canary which canaries.csv does not let them read.
"""

from collections.abc import Iterable, Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from placements.db import db
from tests.client import BadAnswer, PageClient
from tests.site.canaries import client_of
from tests.site.every_page import Place
from tests.site.routes import BY_TOKEN, endpoints, rows, url_of
from tests.site.world import PRINCIPALS, World


def table_problems(app: Flask, typed: list[dict[str, str]]) -> Iterator[str]:
    """Where the table and the route map differ."""
    known = endpoints(app)
    named = {row["endpoint"] for row in typed}
    yield from (f"{name} has no row" for name in sorted(known.keys() - named))
    yield from (f"{name} is no endpoint" for name in sorted(named - known.keys()))
    yield from (
        f"{row['endpoint']} {row['object']}: no cell for {who}" for row in typed for who in PRINCIPALS if not row[who]
    )


def test_every_endpoint_has_a_row_and_every_row_an_endpoint(app: Flask) -> None:
    assert list(table_problems(app, rows())) == []


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['endpoint']}-{row['object']}")
def test_everybody_gets_what_was_typed(here: Place, row: dict[str, str]) -> None:
    assert list(row_problems(here.app, here.world, row, asked_on(here.dialect, row))) == []


def asked_on(dialect: str, row: dict[str, str]) -> tuple[str, ...]:
    """Whom a row is asked as: everybody on SQLite. Who is let in does not depend on the database, that a query runs does:
    PostgreSQL is asked as each who is let in, and as one of those who are refused alike, another at the next row."""
    if dialect == "sqlite":
        return PRINCIPALS
    turn = rows().index(row)
    alike: dict[str, list[str]] = {}
    for name in PRINCIPALS:
        alike.setdefault(row[name], []).append(name)
    refused = {
        cell: names[turn % len(names)] for cell, names in alike.items() if not {"200", "ok"} & {*cell.split("/")}
    }
    return tuple(name for name in PRINCIPALS if row[name] not in refused or refused[row[name]] == name)


@pytest.mark.pure
def test_on_postgresql_a_row_is_asked_as_all_who_are_let_in_and_each_kind_of_stranger() -> None:
    asked = [asked_on("postgresql", row) for row in rows()]
    for row, names in zip(rows(), asked, strict=True):
        assert {row[name] for name in names} == {row[name] for name in PRINCIPALS}
        assert {name for name in PRINCIPALS if {"200", "ok"} & {*row[name].split("/")}} <= {*names}
    refused = [(row, name) for row, names in zip(rows(), asked, strict=True) for name in names if row[name] == "404"]
    assert {name for _, name in refused} - {"anonymous"} == {*PRINCIPALS} - {"anonymous"}
    assert sum(len(names) for names in asked) < len(asked) * len(PRINCIPALS) / 3
    assert asked_on("sqlite", rows()[0]) == PRINCIPALS


def row_problems(
    app: Flask, world: World, row: dict[str, str], principals: Iterable[str] = PRINCIPALS
) -> Iterator[str]:
    """What of one row's answers was not typed: what they are, and what they show of things that others alone may read."""
    if row["object"] == BY_TOKEN:
        return
    rule = endpoints(app)[row["endpoint"]]
    url = url_of(rule, row, world)
    for principal in principals:
        on_get, _, on_post = row[principal].partition("/")
        expected = {"GET": on_get, "POST": on_post or on_get}
        for method, said in answers(app, world, principal, rule, url).items():
            if said != expected[method]:
                yield f"{principal} {method} {url}: {said}, typed {expected[method]}"


def answers(app: Flask, world: World, principal: str, rule: Rule, url: str) -> dict[str, str]:
    """What the address answers to each of its methods, as the table says it. What a POST changes does not stay."""
    client = client_of(app, world, principal)
    methods = {"GET", "POST"} & (rule.methods or set())
    return {method: _said(app, client, method, url) for method in sorted(methods)}


def _said(app: Flask, client: PageClient, method: str, url: str) -> str:
    try:
        return _cell(_asked(app, client, method, url))
    except BadAnswer as bad:
        return str(bad)


def _asked(app: Flask, client: PageClient, method: str, url: str) -> TestResponse:
    if method == "GET":
        return client.get(url)
    token = client.token()
    with app.app_context():
        undone = db.engine.begin_nested()  # type: ignore[attr-defined]  # the test's one connection
    try:
        return client.post(url, data={"csrf_token": token})
    finally:
        undone.rollback()


def _cell(answer: TestResponse) -> str:
    if answer.status_code == 302:
        return "in" if (answer.location or "").startswith("/sign-in") else "ok"
    return "200" if answer.status_code == 422 else str(answer.status_code)
