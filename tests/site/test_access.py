"""Every endpoint × method × principal × object against what was typed by hand in access.csv.

A row is `endpoint,object` and one cell for each principal:
  200  the page is shown          in   sent to the sign-in page
  403  may see it, may not do it  404  does not exist for them       409  not in this state
  ok   a button acts, or is pressed again and changes nothing, and leads on (302)
A cell `409/ok` is of a form whose GET and POST differ.
`object` names a thing of tests/site/world.py whose public_id stands in the URL, or is `-` where the URL names none.
A challenge area stands in an URL by its own name.
An endpoint with no row fails, and so does a row without an endpoint. Flask-Security's own are listed in SECURITY below.
Each principal's client fails on any answer that holds a canary which canaries.csv does not let them read.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from placements.db import db
from tests.client import BadAnswer, PageClient
from tests.site.canaries import client_of
from tests.site.world import PRINCIPALS, World, committed

TABLE = Path(__file__).with_name("access.csv")
SECURITY = {  # who may use each is Flask-Security's own rule; tests/accounts covers what we use of them
    "security.login": "anybody; sends on who is signed in",
    "security.logout": "anybody, by POST",
    "security.verify": "whoever is signed in",
    "security.two_factor_setup": "whoever is signed in",
    "security.two_factor_setup_validate": "whoever is signed in, with a token of their own",
    "security.two_factor_token_validation": "whoever gave the right password",
    "security.two_factor_rescue": "whoever gave the right password",
    "security.tf_select": "whoever gave the right password",
    "security.mf_recovery_codes": "whoever is signed in",
    "security.mf_recovery": "whoever gave the right password",
}
BY_TOKEN = "token"  # a URL that holds a signed token is tested where the link is made


def rows() -> list[dict[str, str]]:
    """The table, as typed."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def endpoints(app: Flask) -> dict[str, Rule]:
    """Every endpoint of ours, with its rule."""
    return {rule.endpoint: rule for rule in app.url_map.iter_rules() if rule.endpoint not in SECURITY}


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


@pytest.fixture
def world(database: Flask) -> World:
    with database.app_context():
        return committed()


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['endpoint']}-{row['object']}")
def test_everybody_gets_what_was_typed(database: Flask, world: World, row: dict[str, str]) -> None:
    assert list(row_problems(database, world, row)) == []


def row_problems(app: Flask, world: World, row: dict[str, str]) -> Iterator[str]:
    """What of one row's answers was not typed: what they are, and what they show of things that others alone may read."""
    if row["object"] == BY_TOKEN:
        return
    rule = endpoints(app)[row["endpoint"]]
    url = url_of(rule, row, world)
    for principal in PRINCIPALS:
        on_get, _, on_post = row[principal].partition("/")
        expected = {"GET": on_get, "POST": on_post or on_get}
        for method, said in answers(app, world, principal, rule, url).items():
            if said != expected[method]:
                yield f"{principal} {method} {url}: {said}, typed {expected[method]}"


def url_of(rule: Rule, row: dict[str, str], world: World) -> str:
    """The row's address: its object's public_id for every part of the URL that is one; an area's own name."""
    if rule.arguments == {"theme"}:
        values = {"theme": row["object"]}
    else:
        values = {name: world.things[row["object"]].public_id for name in rule.arguments}  # noqa: C420 - none may be there
    built = rule.build(values, append_unknown=False)
    assert built is not None, row
    return built[1]


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
    form = next(form for form in client.page("/sign-in/link").forms if form.method == "post")
    token = form.values["csrf_token"][0]
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
